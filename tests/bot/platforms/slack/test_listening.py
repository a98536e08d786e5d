"""Live events and what was missed, through a real Bolt and SDK against the stand-in."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import structlog

from bot.events import Arrival, CommandTyped, Ignored, MessagePosted, RoomId, Standing, Unreadable
from bot.platforms.base import CatchUp
from bot.richtext import plain
from tests.bot.platforms.slack.workplace import (
    QUICK,
    Place,
    Reader,
    Remembered,
    becomes,
    place,
    reading,
    run,
)


async def settled(at: Place, reader: Reader) -> None:
    """Everything that was missed has been read: the room is live."""
    at.say("settle")
    await reader.until(lambda: "settle" in reader.texts)
    await at.workspace.until(lambda: at.workspace.sockets()["pending"] == 0)
    reader.texts.clear()


def test_five_hundred_messages_arrive_in_order_and_all_are_acknowledged() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await settled(at, reader)
            expected = [f"m{number}" for number in range(500)]
            for text in expected:
                at.say(text)
            await reader.until(lambda: len(reader.texts) >= 500)
            assert reader.texts == expected
            await at.workspace.until(lambda: at.workspace.sockets()["pending"] == 0)
            assert at.workspace.sockets()["given_up"] == 0
            assert all(arrival.received > 0 for arrival in reader.arrivals if arrival.live)

    run(scenario())


def test_nothing_is_acknowledged_before_it_is_committed() -> None:
    async def scenario() -> None:
        committed = asyncio.Event()
        waiting = asyncio.Event()

        async def commit(arrival: Arrival) -> None:
            if isinstance(arrival.event, MessagePosted) and plain(arrival.event.body) == "wait":
                waiting.set()
                await committed.wait()

        async with place(ack_timeout=0.3, commit=commit) as at, reading(at) as reader:
            await settled(at, reader)
            before = at.workspace.sockets()["acknowledged"]
            at.say("wait")
            await waiting.wait()
            pending = at.workspace.stage.boards[at.workspace.app.id].pending
            await becomes(lambda: any(envelope.attempt for envelope in pending.values()))
            assert at.workspace.sockets()["acknowledged"] == before
            committed.set()
            await at.workspace.until(lambda: at.workspace.sockets()["pending"] == 0)
            assert at.workspace.sockets()["given_up"] == 0

    run(scenario())


def test_what_was_said_while_away_comes_first() -> None:
    async def scenario() -> None:
        async with place() as at:
            at.memory.marks[at.room] = at.say("known")
            missed = [f"m{number}" for number in range(5)]
            for text in missed:
                at.say(text)
            async with reading(at) as reader:
                at.say("new")
                await reader.until(lambda: "new" in reader.texts)
                # five minutes before the mark are read again: the inside knows what it has seen
                assert reader.texts == ["known", *missed, "new"]
                assert at.memory.marks[at.room] == at.workspace.messages(at.channel)[-1]["ts"]

    run(scenario())


def test_nothing_from_before_the_first_start_is_read() -> None:
    async def scenario() -> None:
        async with place() as at:
            at.say("long ago")
            async with reading(at) as reader:
                await at.caught_up()
                at.workspace.drop_sockets()
                at.say("now")
                await reader.until(lambda: "now" in reader.texts)
                assert reader.texts == ["now"]

    run(scenario())


def test_a_gap_between_two_connections_is_filled_in_order() -> None:
    async def scenario() -> None:
        async with place(ack_timeout=30) as at, reading(at) as reader:
            await settled(at, reader)
            at.workspace.refuse_sockets()
            at.workspace.drop_sockets()
            await at.workspace.until(lambda: at.workspace.sockets()["open"] == 0)
            for number in range(10):
                at.say(f"m{number}")
            await becomes(lambda: not (at.platform.connected))
            at.workspace.refuse_sockets(refuse=False)
            await at.workspace.connected()
            for number in range(10, 20):
                at.say(f"m{number}")
            await reader.until(lambda: len(reader.texts) >= 20, 20)
            assert reader.texts == [f"m{number}" for number in range(20)]

    run(scenario())


def test_a_socket_is_replaced_when_slack_warns_and_nothing_is_lost_or_reordered() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await settled(at, reader)
            calls = at.workspace.call_count("apps.connections.open")
            for number in range(100):
                at.say(f"m{number}")
                if number % 30 == 10:
                    at.workspace.warn(after=0.2)
                await asyncio.sleep(0.005)
            await reader.until(lambda: len(reader.texts) >= 100, 20)
            assert reader.texts == [f"m{number}" for number in range(100)]
            assert at.workspace.call_count("apps.connections.open") > calls
            assert at.platform.connected

    run(scenario())


def test_a_deaf_socket_is_noticed_by_our_own_words_and_the_gap_is_read() -> None:
    async def scenario() -> None:
        pace = replace(QUICK, deaf_after=0.3)
        async with place(pace=pace, ack_timeout=60) as at, reading(at) as reader:
            await settled(at, reader)
            at.workspace.deafen()
            at.say("unheard")
            await at.platform.deliver(post(at, "hello?"))
            await reader.until(lambda: "unheard" in reader.texts)
            at.say("heard")
            await reader.until(lambda: "heard" in reader.texts)
            assert [text for text in reader.texts if text != "hello?"] == ["unheard", "heard"]

    run(scenario())


def post(at: Place, text: str) -> Any:
    from bot.events import Delivery, DeliveryId, Post
    from bot.richtext import say

    return Delivery(DeliveryId("d" + "c" * 26), at.room, Post(say(text)))


def test_what_never_came_is_found_by_reconciling() -> None:
    async def scenario() -> None:
        async with place(pace=replace(QUICK, reconcile=0.2)) as at, reading(at) as reader:
            await settled(at, reader)
            at.workspace.fault("event_lost", "message")
            at.say("lost")
            await reader.until(lambda: "lost" in reader.texts)

    run(scenario())


def test_a_flood_beyond_the_queue_is_read_from_history_in_order() -> None:
    async def scenario() -> None:
        gate = asyncio.Event()

        async def commit(arrival: Arrival) -> None:
            if isinstance(arrival.event, MessagePosted) and plain(arrival.event.body) == "stop":
                await gate.wait()

        pace = replace(QUICK, queue=20)
        async with place(pace=pace, commit=commit, ack_timeout=60) as at, reading(at) as reader:
            await settled(at, reader)
            at.say("stop")
            for number in range(300):
                at.say(f"m{number}")
            at.workspace.command(at.channel, at.ada, "/liaison", "ping")
            with structlog.testing.capture_logs() as logs:
                await becomes(lambda: any(log["event"] == "queue.overflowed" for log in logs))
            gate.set()
            await reader.until(lambda: len(reader.texts) >= 301)
            assert reader.texts == ["stop", *(f"m{number}" for number in range(300))]

    run(scenario())


def test_unknown_and_malformed_envelopes_are_counted_and_acknowledged() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await settled(at, reader)
            payloads: list[Any] = [
                {"type": "event_callback", "event": {"type": "sunrise"}},
                {"type": "nothing_known"},
                {"type": "event_callback", "event": 7},
                {"type": "event_callback", "event": {"type": 7}, "authorizations": 5},
                {"type": "block_actions", "actions": []},
                {"type": "view_submission", "view": {"callback_id": None}},
                {"command": 7},
                [],
                "text",
            ]
            for payload in payloads:
                at.workspace.inject(payload)
            at.workspace.inject_raw("{")
            at.workspace.inject_raw("[" * 100_000)
            at.say("after")
            await reader.until(lambda: reader.texts == ["after"])
            await at.workspace.until(lambda: at.workspace.sockets()["pending"] == 0)
            counted = [
                arrival.event.kind
                for arrival in reader.arrivals
                if isinstance(arrival.event, Ignored | Unreadable)
            ]
            assert len(counted) == len(payloads) + 2

    run(scenario())


def test_mutated_payloads_are_all_acknowledged_and_the_next_message_is_read_at_once() -> None:
    async def scenario() -> None:
        chance = random.Random(20261123)
        async with place() as at, reading(at) as reader:
            await settled(at, reader)
            at.say("sample")
            await reader.until(lambda: "sample" in reader.texts)
            sample = {
                "type": "event_callback",
                "event": dict(at.workspace.messages(at.channel)[-1], channel=at.channel),
                "authorizations": [{"team_id": "T1"}],
            }
            for _ in range(300):
                at.workspace.inject(mutated(sample, chance))
            at.say("after")
            await reader.until(lambda: "after" in reader.texts)
            await at.workspace.until(lambda: at.workspace.sockets()["pending"] == 0)
            assert at.workspace.sockets()["given_up"] == 0

    run(scenario())


def mutated(value: Any, chance: random.Random) -> Any:
    """The same shape with something wrong in it."""
    if chance.random() < 0.08:
        return chance.choice([None, 7, "", "x", [], {}, True, -1.5, [[]], {"id": 1}])
    if isinstance(value, dict):
        return {key: mutated(item, chance) for key, item in value.items() if chance.random() > 0.03}
    if isinstance(value, list):
        return [mutated(item, chance) for item in value]
    return value


def test_a_command_reaches_us_with_all_that_is_needed_to_answer() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await settled(at, reader)
            typed = at.workspace.command(at.channel, at.ada, "/liaison", "ioc 198.51.100[.]7")
            await reader.until(
                lambda: any(isinstance(a.event, CommandTyped) for a in reader.arrivals)
            )
            (event,) = [a.event for a in reader.arrivals if isinstance(a.event, CommandTyped)]
            assert event.text == "ioc 198.51.100[.]7"
            assert event.call == typed.trigger_id
            assert event.author.name == "Ada"
            await at.workspace.until(
                lambda: at.workspace.interaction(typed.id).state == "acknowledged"
            )

    run(scenario())


def test_a_command_is_not_held_up_by_a_room_that_is_behind() -> None:
    async def scenario() -> None:
        async with place() as at:
            at.memory.marks[at.room] = "0"
            at.workspace.fault("delay", "conversations.history", seconds=60)
            async with reading(at) as reader:
                at.workspace.command(at.channel, at.ada, "/liaison", "ping")
                await reader.until(
                    lambda: any(isinstance(a.event, CommandTyped) for a in reader.arrivals)
                )

    run(scenario())


def test_a_slow_directory_delays_no_message_for_long() -> None:
    async def scenario() -> None:
        async with place() as at:
            at.workspace.fault("delay", "users.info", times=None, seconds=20)
            async with reading(at) as reader:
                await at.caught_up()
                at.say("first")
                await reader.until(lambda: reader.texts == ["first"], 4)
                at.say("second")
                await reader.until(lambda: reader.texts == ["first", "second"], 1)
                event = reader.arrivals[-1].event
                assert isinstance(event, MessagePosted)
                assert event.author.name == at.ada

    run(scenario())


def test_a_changed_name_is_shown_from_then_on() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await settled(at, reader)
            at.workspace.change_person(at.ada, display_name="Ada Lovelace")
            await reader.until(
                lambda: any(a.event == Ignored("user_change") for a in reader.arrivals)
            )
            at.say("x")
            await reader.until(lambda: "x" in reader.texts)
            event = reader.arrivals[-1].event
            assert isinstance(event, MessagePosted)
            assert event.author.name == "Ada Lovelace"

    run(scenario())


def test_an_author_is_known_as_what_they_are_in_the_workspace() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await settled(at, reader)
            for text in ("as a member", "as a guest"):
                at.workspace.stage.world.users[at.ada].restricted = text == "as a guest"
                at.workspace.change_person(at.ada, display_name=f"Ada {text}")
                await reader.until(lambda: reader.arrivals[-1].event == Ignored("user_change"))
                at.say(text)
                await reader.until(partial(reader.texts.__contains__, text))
            said = [a.event for a in reader.arrivals if isinstance(a.event, MessagePosted)]
            assert [each.author.standing for each in said[-2:]] == [Standing.MEMBER, Standing.GUEST]

    run(scenario())


def test_more_than_the_limit_is_not_caught_up() -> None:
    async def scenario() -> None:
        async with place(catch_up=CatchUp(messages=250)) as at:
            at.memory.marks[at.room] = "0"
            for number in range(900):
                at.say(f"m{number}")
            async with reading(at) as reader:
                await reader.until(lambda: len(reader.texts) >= 250)
                assert reader.texts == [f"m{number}" for number in range(650, 900)]

    run(scenario())


def test_neither_texts_names_nor_tokens_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> list[Any]:
        with structlog.testing.capture_logs() as logs:
            async with place() as at, reading(at) as reader:
                await settled(at, reader)
                at.say("a secret word")
                await at.platform.deliver(post(at, "a secret word"))
                at.workspace.inject({"type": "event_callback", "event": "a secret word"})
                at.workspace.fault("refuse", "chat.postMessage", error="a secret word")
                with pytest.raises(Exception, match="unreadable"):
                    await at.platform.deliver(post(at, "a secret word"))
                at.workspace.drop_sockets()
                await becomes(lambda: not (at.platform.connected))
                at.say("a secret word again")
                await reader.until(lambda: "a secret word again" in reader.texts)
        return [*logs, at.workspace.credentials()]

    with caplog.at_level(logging.DEBUG):
        *logs, credentials = run(scenario())
    said = json.dumps(logs, default=str) + caplog.text
    assert "secret" not in said
    assert "Ada" not in said
    assert credentials["bot_token"] not in said
    assert credentials["app_token"] not in said


def test_a_room_of_a_thousand_is_told_by_its_threads_too() -> None:
    async def scenario() -> None:
        memory = Remembered()
        async with place(memory=memory) as at:
            old = at.say("old root")
            memory.marks[at.room] = at.say("known")
            root = at.say("root")
            at.say("r1", thread_ts=root)
            at.say("o1", thread_ts=old)
            at.say("between")
            at.say("r2", thread_ts=root)
            at.say("both", thread_ts=root, broadcast=True)
            async with reading(at) as reader:
                await reader.until(lambda: "both" in reader.texts)
                wanted = ["root", "r1", "o1", "between", "r2", "both"]
                assert [text for text in reader.texts if text in wanted] == wanted
                threads = {
                    plain(a.event.body): a.event.thread
                    for a in reader.arrivals
                    if isinstance(a.event, MessagePosted)
                }
                assert (threads["r1"], threads["o1"], threads["both"]) == (root, old, root)
                assert threads["between"] is None
            assert RoomId(at.room) in memory.marks

    run(scenario())
