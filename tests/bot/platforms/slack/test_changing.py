"""Edits, deletions and reactions, both ways, against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from bot.errors import OutcomeUnknown, Refused
from bot.events import (
    AccountId,
    Delete,
    Edit,
    File,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Moved,
    Pinned,
    Post,
    React,
    Reacted,
    Share,
    Topic,
    TopicChanged,
    Unreact,
)
from bot.platforms.base import Sent
from bot.richtext import plain, say
from bot.sandbox.slack import rooms
from tests.bot.platforms.slack.test_delivering import GRACE, delivery
from tests.bot.platforms.slack.workplace import Place, place, reading, run


async def posted(at: Place, words: str, number: int = 1) -> MessageId:
    sent = await at.platform.deliver(delivery(at, Post(say(words), GRACE), number))
    assert sent.message is not None
    return sent.message


def test_a_message_of_ours_gets_other_words_and_is_still_found() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            made = delivery(at, Post(say("first"), GRACE))
            sent = await at.platform.deliver(made)
            assert sent.message is not None
            edit = Edit(say("second <b>"), GRACE, sent.message, made=made.id)
            assert await at.platform.deliver(delivery(at, edit, 2)) == Sent(None)
            (message,) = at.workspace.messages(at.channel)
            assert message["text"] == "second &lt;b&gt;"
            assert message["blocks"][0]["block_id"] == made.id
            assert await at.platform.find(made) == sent
            assert await at.platform.find(delivery(at, edit, 2)) is None  # to be sent again
            await reader.until(lambda: bool(reader.of(MessageEdited)))
            (event,) = reader.of(MessageEdited)
            assert (event.message, event.own) == (sent.message, True)

    run(scenario())


@pytest.mark.parametrize(
    "error", ["cant_update_message", "message_not_found", "edit_window_closed"]
)
def test_an_edit_that_slack_will_never_take_is_refused(error: str) -> None:
    async def scenario() -> None:
        async with place() as at:
            ts = await posted(at, "x")
            at.workspace.fault("refuse", "chat.update", error=error)
            with pytest.raises(Refused) as raised:
                await at.platform.deliver(delivery(at, Edit(say("y"), message=ts), 2))
            assert raised.value.reason == error

    run(scenario())


def test_taking_back_twice_is_taking_back_once_and_known_as_ours() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            ts = await posted(at, "x")
            at.workspace.fault("cut_after", "chat.delete")
            with pytest.raises(OutcomeUnknown):
                await at.platform.deliver(delivery(at, Delete(ts), 2))
            assert await at.platform.find(delivery(at, Delete(ts), 2)) is None
            await at.platform.deliver(delivery(at, Delete(ts), 2))
            assert not at.workspace.messages(at.channel)
            await reader.until(lambda: bool(reader.of(MessageDeleted)))
            (event,) = reader.of(MessageDeleted)
            assert (event.message, event.own) == (ts, True)

    run(scenario())


def test_a_deletion_of_our_message_by_an_administrator_is_not_ours() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            at.workspace.delete(at.channel, await posted(at, "x"))
            await reader.until(lambda: bool(reader.of(MessageDeleted)))
            assert not reader.of(MessageDeleted)[0].own

    run(scenario())


def test_reactions_go_and_come_as_emoji() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            ts = MessageId(at.say("x"))
            for emoji in ("👍🏾", ":party_parrot:", "⚠"):
                await at.platform.deliver(delivery(at, React(emoji, ts)))
                await at.platform.deliver(delivery(at, React(emoji, ts)))
            names = [found["name"] for found in at.workspace.messages(at.channel)[0]["reactions"]]
            assert names == ["+1::skin-tone-5", "party_parrot", "warning"]
            for _ in range(2):
                await at.platform.deliver(delivery(at, Unreact(":party_parrot:", ts)))
            at.workspace.react(at.channel, ts, at.ada, "heart")
            at.workspace.unreact(at.channel, ts, at.ada, "heart")
            await reader.until(lambda: len(reader.of(Reacted)) == 6)
            shown = [(event.emoji, event.added, event.own) for event in reader.of(Reacted)]
            assert shown == [
                ("👍🏾", True, True), (":party_parrot:", True, True), ("⚠", True, True),
                (":party_parrot:", False, True), ("❤", True, False), ("❤", False, False),
            ]  # fmt: skip
            assert {event.author.name for event in reader.of(Reacted)} == {"Ada", "Liaison"}

    run(scenario())


def test_an_emoji_that_slack_does_not_know_is_refused() -> None:
    async def scenario() -> None:
        async with place() as at:
            ts = MessageId(at.say("x"))
            at.workspace.fault("refuse", "reactions.add", error="invalid_name")
            with pytest.raises(Refused):
                await at.platform.deliver(delivery(at, React(":nobody_has_it:", ts)))

    run(scenario())


def test_a_topic_needs_a_right_that_the_bot_does_not_ask_for() -> None:
    async def scenario() -> None:
        async with place() as at:
            assert not at.platform.capabilities.topics
            with pytest.raises(Refused):
                await at.platform.deliver(delivery(at, Topic("x")))

    run(scenario())


def test_an_answer_whose_root_is_gone_is_said_in_the_room_and_found_there() -> None:
    async def scenario() -> None:
        async with place() as at:
            answer = delivery(at, Post(say("x"), GRACE, reply_to=MessageId("1600000000.000100")))
            sent = await at.platform.deliver(answer)
            (message,) = at.workspace.messages(at.channel)
            assert "thread_ts" not in message
            assert await at.platform.find(answer) == sent

    run(scenario())


def test_what_people_do_is_read_in_order() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            ben = at.workspace.person("Ben")
            room = at.workspace.world.channels[at.channel]
            ts = at.say("hi")
            at.workspace.edit(at.channel, ts, "ho")
            at.workspace.pin(at.channel, ts, at.ada)
            rooms.set_topic(at.workspace.stage, room, at.ada, "news & views")
            rooms.join(at.workspace.stage, room, ben)
            rooms.leave(at.workspace.stage, room, ben)
            at.workspace.me(at.channel, at.ada, "waves")
            at.workspace.delete(at.channel, ts)
            await reader.until(lambda: bool(reader.of(MessageDeleted)))
            (edited,) = reader.of(MessageEdited)
            assert (edited.message, plain(edited.body)) == (ts, "ho")
            assert [event.message for event in reader.of(Pinned)] == [ts]
            assert [event.topic for event in reader.of(TopicChanged)] == ["news & views"]
            moves = [(event.author.name, event.joined) for event in reader.of(Moved)]
            assert moves == [("Ben", True), ("Ben", False)]
            assert reader.of(MessageDeleted)[0].message == ts

    run(scenario())


def test_a_root_that_was_deleted_is_a_tombstone_live_and_in_history() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            root = at.say("root")
            at.say("answer", root)
            at.workspace.delete(at.channel, root)
            await reader.until(lambda: bool(reader.of(MessageDeleted)))
            past = [a.event async for a in at.platform.history(at.room, "0")]
            assert [type(event) for event in past] == [MessageDeleted, MessagePosted]

    run(scenario())


def test_history_tells_edits_and_reactions_and_moves_the_mark_last() -> None:
    async def scenario() -> None:
        async with place() as at:
            ts = at.say("hi")
            at.workspace.edit(at.channel, ts, "ho")
            at.workspace.react(at.channel, ts, at.ada, "heart")
            await posted(at, "ours")
            arrivals = [arrival async for arrival in at.platform.history(at.room, "0")]
            first, edited, reacted, ours = (arrival.event for arrival in arrivals)
            assert isinstance(first, MessagePosted)
            assert isinstance(edited, MessageEdited)
            assert isinstance(reacted, Reacted)
            assert isinstance(ours, MessagePosted)
            assert plain(first.body) == plain(edited.body) == "ho"
            assert first.version == edited.version > ts
            assert (reacted.emoji, reacted.author.name) == ("❤", "Ada")
            assert [arrival.mark is not None for arrival in arrivals] == [False, False, True, True]

    run(scenario())


def test_the_names_of_channels_and_groups_are_looked_up() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            group = at.workspace.group("First", "first-line", [at.ada])
            text = f"<#{at.channel}> <!subteam^{group}>"
            at.workspace.say(at.channel, at.ada, text, raw=True, blocks=False)
            await reader.until(lambda: bool(reader.texts))
            assert reader.texts == ["#general @first-line"]

    run(scenario())


def test_what_happens_to_a_configured_room_itself_is_noted_and_to_no_other() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            with capture_logs() as logs:
                other = at.workspace.room("other", [at.ada])
                at.workspace.archive(other)
                at.workspace.archive(at.channel)
                at.workspace.unarchive(at.channel)
                await reader.until(lambda: len(reader.of(Ignored)) == 3)
            noted = [(entry["room"], entry["kind"]) for entry in logs if "room" in entry]
            assert noted == [(at.room, "channel_archive"), (at.room, "channel_unarchive")]

    run(scenario())


def test_a_file_for_a_thread_that_is_gone_is_shown_in_the_room() -> None:
    async def scenario() -> None:
        @asynccontextmanager
        async def opened(_file: File) -> AsyncGenerator[AsyncIterator[bytes], None]:
            async def pieces() -> AsyncGenerator[bytes, None]:
                yield b"x"

            yield pieces()

        async with place(open_file=opened) as at:
            at.workspace.fault("refuse", "files.completeUploadExternal", error="thread_not_found")
            file = File(AccountId("matrix:c"), "m", "a.txt", size=1)
            await at.platform.deliver(delivery(at, Share(file, thread=MessageId("1600000000.1"))))
            assert len(at.workspace.messages(at.channel)) == 1

    run(scenario())
