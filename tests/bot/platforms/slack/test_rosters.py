"""Who can read a channel: read whole or not at all, and told of when it may be another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from bot.delivery.outbox import new_id
from bot.errors import NotSent, OutcomeUnknown, Refused, Throttled
from bot.events import (
    Author,
    Delivery,
    Ignored,
    MessageId,
    MessagePosted,
    Moved,
    PersonId,
    Post,
    RosterChanged,
    Standing,
    local,
    person_id,
)
from bot.platforms.base import Roster
from bot.richtext import plain, say
from tests.bot.platforms.slack.workplace import ACCOUNT, Place, Reader, place, reading, run

PARTNER = "T0PARTNER"


def standings(roster: Roster) -> dict[str, Standing]:
    assert all(each.person == person_id(ACCOUNT, local(each.person)) for each in roster.readers)
    return {each.name: each.standing for each in roster.readers}


def test_everybody_in_a_channel_has_the_standing_that_slack_gives_them() -> None:
    async def scenario() -> None:
        async with place() as at:
            people = at.workspace
            for name, facts in (
                ("Guest", {"restricted": True}),
                ("One-channel guest", {"ultra_restricted": True}),
                ("Partner", {"team_id": PARTNER, "stranger": True}),
                ("Their bot", {"team_id": PARTNER, "bot_id": "B0THEIRS"}),
                ("Alert bot", {"bot_id": "B0ALERTS"}),
                ("Gone", {"deleted": True}),
            ):
                people.invite(at.channel, people.person(name, **facts))
            people.person("Elsewhere")
            people.make_private(at.channel)
            await at.platform.roster(at.room)
            found = await at.platform.roster(at.room)
            assert found == Roster(found.readers, private=True, invitation_only=True)
            assert standings(found) == {
                "Ada": Standing.MEMBER,
                "Liaison": Standing.OURS,
                "Guest": Standing.GUEST,
                "One-channel guest": Standing.GUEST,
                "Partner": Standing.FOREIGN,
                "Their bot": Standing.FOREIGN,
                "Alert bot": Standing.APP,
            }
            assert at.workspace.call_count("users.list") == 1
            assert at.workspace.call_count("users.info") == 2, "those of the other workspace, once"

    run(scenario())


def test_the_whole_workspace_may_enter_a_public_channel() -> None:
    async def scenario() -> None:
        async with place() as at:
            found = await at.platform.roster(at.room)
            assert found.homes == {str(ACCOUNT)}
            assert not found.private
            assert not found.invitation_only
            assert not found.world

    run(scenario())


def test_whom_slack_does_not_show_is_of_another_workspace() -> None:
    async def scenario() -> None:
        async with place() as at:
            hidden = at.workspace.person("Hidden", team_id=PARTNER)
            at.workspace.invite(at.channel, hidden)
            at.workspace.fault("refuse", on="users.info", error="user_not_visible")
            found = await at.platform.roster(at.room)
            assert standings(found)[hidden] is Standing.FOREIGN

    run(scenario())


def crowd(at: Place, count: int, **facts: object) -> list[str]:
    people = [at.workspace.person(f"P{number}", **facts) for number in range(count)]
    at.workspace.world.channels[at.channel].members |= dict.fromkeys(people)
    return people


def test_a_call_that_fails_gives_no_roster_and_the_next_goes_on_from_there() -> None:
    async def scenario() -> None:
        async with place() as at:
            work = at.workspace
            crowd(at, 1100)
            work.fault("throttle", on="users.list", seconds=7)
            with pytest.raises(Throttled) as throttled:
                await at.platform.roster(at.room)
            assert throttled.value.retry_after == 7
            asking = asyncio.create_task(at.platform.roster(at.room))
            await work.until(lambda: work.call_count("users.list") == 2)
            work.fault("broken", on="users.list")
            with pytest.raises(OutcomeUnknown):
                await asking
            assert len((await at.platform.roster(at.room)).readers) == 1102
            assert work.call_count("users.list") == 5, "the page that came is not asked for again"
            work.fault("broken", on="conversations.members")
            with pytest.raises(OutcomeUnknown):
                await at.platform.roster(at.room)
            crowd(at, 20, team_id=PARTNER)
            work.fault("broken", on="users.info")
            with pytest.raises(OutcomeUnknown):
                await at.platform.roster(at.room)
            assert len((await at.platform.roster(at.room)).readers) == 1122
            assert work.call_count("users.info") == 21

    run(scenario())


def test_a_list_whose_place_is_lost_begins_anew() -> None:
    async def scenario() -> None:
        async with place() as at:
            at.platform._census._cursor = "of a list that is no more"
            with pytest.raises(NotSent):
                await at.platform.roster(at.room)
            assert len((await at.platform.roster(at.room)).readers) == 2

    run(scenario())


def test_no_roster_of_a_channel_that_the_bot_cannot_see() -> None:
    async def scenario() -> None:
        async with place() as at:
            at.workspace.make_private(at.channel)
            at.workspace.kick(at.channel)
            with pytest.raises(Refused):
                await at.platform.roster(at.room)

    run(scenario())


def changes(reader: Reader) -> int:
    return len(reader.of(RosterChanged))


async def told(at: Place, reader: Reader, happens: Callable[[], object]) -> int:
    """How often a change of the roster is told of when this happens."""
    before = changes(reader)
    happens()
    at.say(done := f"done {len(reader.texts)}")
    await reader.until(lambda: done in reader.texts)
    assert set(reader.of(RosterChanged)) <= {RosterChanged(at.room)}
    return changes(reader) - before


def test_it_is_told_of_whatever_changes_a_roster() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            work, channel = at.workspace, at.channel
            ben = work.person("Ben")
            other = work.room("other", [ben])
            assert await told(at, reader, lambda: work.invite(channel, ben)) == 1
            await at.platform.roster(at.room)
            for happens, expected in (
                (lambda: work.make_private(channel), 1),
                (lambda: work.make_public(channel), 1),
                (lambda: work.share(channel, PARTNER), 1),
                (lambda: work.share(channel, PARTNER, shared=False), 1),
                (lambda: work.change_person(ben, display_name="Benjamin"), 0),
                (lambda: work.change_person(ben, restricted=True), 1),
                (lambda: work.change_person(ben, deleted=True), 1),
                (lambda: work.change_person(ben, deleted=False, restricted=False), 1),
                (lambda: work.kick(channel, ben), 1),
                (lambda: work.invite(other), 0),  # a room that is not configured
                (lambda: work.rename(channel, "another"), 0),
            ):
                assert await told(at, reader, happens) == expected
                await at.platform.roster(at.room)
            assert [moved.joined for moved in reader.of(Moved)] == [True, False]
            assert await told(at, reader, lambda: work.change_person(ben, restricted=True)) == 0, (
                "he is in no room of ours any more"
            )

    run(scenario())


def test_what_somebody_is_follows_from_what_is_told_of_them_without_a_question() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            await at.platform.roster(at.room)
            new = at.workspace.welcome("New")
            at.workspace.invite(at.channel, new)
            at.workspace.change_person(at.ada, restricted=True)
            await reader.until(lambda: Ignored("user_change") in reader.of(Ignored))
            assert standings(await at.platform.roster(at.room)) == {
                "Ada": Standing.GUEST,
                "Liaison": Standing.OURS,
                "New": Standing.MEMBER,
            }
            at.workspace.change_person(new, deleted=True)
            await reader.until(lambda: reader.of(Ignored).count(Ignored("user_change")) == 2)
            assert "New" not in standings(await at.platform.roster(at.room))
            assert at.workspace.call_count("users.list") == 1

    run(scenario())


def test_after_a_silence_everybody_is_listed_anew() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            await at.platform.roster(at.room)
            at.workspace.refuse_sockets()
            at.workspace.drop_sockets()
            at.workspace.change_person(at.ada, deleted=True)
            at.workspace.refuse_sockets(refuse=False)
            await reader.until(lambda: RosterChanged(at.room) in reader.of(RosterChanged))
            assert standings(await at.platform.roster(at.room)) == {"Liaison": Standing.OURS}

    run(scenario())


def test_five_thousand_people_are_read_while_everything_else_goes_on() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            crowd(at, 5000)
            begun = time.perf_counter()
            task = asyncio.create_task(at.platform.roster(at.room))
            taken: list[float] = []
            while not task.done():
                start = time.perf_counter()
                ben = Author(PersonId("x:y/ben"), "Ben")
                post = Delivery(new_id(), at.room, Post(say("meanwhile"), ben))
                await at.platform.deliver(post)
                taken.append(time.perf_counter() - start)
            roster = await task
            whole = time.perf_counter() - begun
            assert len(roster.readers) == 5002
            assert len(taken) > 1, "others were let through"
            assert at.workspace.call_count("users.info") == 0
            assert len(reader.of(RosterChanged)) == 0
            print(
                f"5,000 people in {whole:.2f} s, {len(taken)} messages delivered meanwhile, "
                f"the slowest in {max(taken) * 1000:.0f} ms"
            )

    run(scenario())


def test_a_message_is_fetched_as_it_was_heard() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            root = at.say("*bold* words")
            reply = at.say("below", root)
            shown = at.say("below and above", root, broadcast=True)
            file = at.workspace.upload(at.channel, at.ada, "a.txt", b"a", comment="see")
            await reader.until(lambda: len(reader.texts) == 4)
            heard = {event.message: event for event in reader.of(MessagePosted)}
            for message in map(MessageId, (root, reply, shown, file)):
                assert await at.platform.fetch(at.room, message) == heard[message]
            at.workspace.edit(at.channel, reply, "other words")
            edited = await at.platform.fetch(at.room, MessageId(reply))
            assert edited is not None
            assert (plain(edited.body), bool(edited.version)) == ("other words", True)
            assert edited.thread == root
            for ts in (root, shown, reply):  # the first leaves a tombstone, as it has replies
                at.workspace.delete(at.channel, ts)
                assert await at.platform.fetch(at.room, MessageId(ts)) is None
            assert await at.platform.fetch(at.room, MessageId("1000000000.000000")) is None
            at.workspace.kick(at.channel)
            with pytest.raises(Refused):
                await at.platform.fetch(at.room, MessageId(file))

    run(scenario())
