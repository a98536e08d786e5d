"""Deliveries, finding them again, and checks, against the stand-in."""

from __future__ import annotations

import asyncio
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import (
    AccountRefused,
    Barred,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Throttled,
)
from bot.events import (
    Answer,
    Author,
    CommandTyped,
    Content,
    Delivery,
    DeliveryId,
    MessageId,
    MessagePosted,
    PersonId,
    Post,
    React,
    RoomId,
)
from bot.platforms.base import Surroundings
from bot.platforms.slack.connection import SlackPlatform
from bot.richtext import plain, say
from bot.sandbox.slack import SlackStandIn
from tests.bot.platforms.slack.workplace import (
    ACCOUNT,
    Place,
    Remembered,
    place,
    reading,
    run,
    settings,
    surroundings,
)

GRACE = Author(PersonId("matrix:c/@grace:x"), "Grace")


def delivery(at: Place, content: Content, number: int = 1, **other: Any) -> Delivery:
    identity = DeliveryId(f"d{number:026}")
    return Delivery(identity, other.pop("room", at.room), content, tried=datetime.now(UTC), **other)


def test_a_relayed_message_lands_once_under_its_authors_name() -> None:
    async def scenario() -> None:
        async with place() as at:
            root = at.say("root")
            sent = await at.platform.deliver(
                delivery(at, Post(say("a <!channel> & *b*"), GRACE, MessageId(root)))
            )
            message = at.workspace.messages(at.channel)[-1]
            assert message["ts"] == sent.message
            assert message["username"] == "Grace"
            assert message["thread_ts"] == root
            assert message["text"] == "a &lt;!channel&gt; &amp; *b*"
            assert message["blocks"][0]["block_id"] == delivery(at, Post(say("x"))).id

    run(scenario())


def test_our_own_message_comes_back_as_the_delivery_that_made_it() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            made = delivery(at, Post(say("over there"), GRACE))
            await at.platform.deliver(made)
            await reader.until(lambda: "over there" in reader.texts)
            event = reader.arrivals[-1].event
            assert isinstance(event, MessagePosted)
            assert event.own == made.id

    run(scenario())


@pytest.mark.parametrize(
    ("trouble", "kind", "other"),
    [
        ("throttle", Throttled, {"seconds": 7.0}),
        ("broken", OutcomeUnknown, {}),
        ("cut_before", OutcomeUnknown, {}),
        ("cut_after", OutcomeUnknown, {}),
        ("refuse", Barred, {"error": "is_archived"}),
        ("refuse", Refused, {"error": "msg_too_long"}),
        ("refuse", OutcomeUnknown, {"error": "fatal_error"}),
        ("refuse", AccountRefused, {"error": "invalid_auth"}),
    ],
)
def test_each_trouble_is_told_apart(
    trouble: str, kind: type[PlatformError], other: dict[str, Any]
) -> None:
    async def scenario() -> None:
        async with place() as at:
            at.workspace.fault(trouble, "chat.postMessage", **other)
            with pytest.raises(PlatformError) as raised:
                await at.platform.deliver(delivery(at, Post(say("x"))))
            assert type(raised.value) is kind
            assert at.workspace.call_count("chat.postMessage") == 1
            if kind is Throttled:
                assert raised.value.retry_after == 7.0
            if isinstance(raised.value, AccountRefused):
                assert "slack.alpha.bot_token" in raised.value.mend

    run(scenario())


@pytest.mark.parametrize("in_thread", [False, True])
@pytest.mark.parametrize("trouble", ["cut_after", "cut_before"])
def test_what_became_of_an_interrupted_request_is_found_out(trouble: str, in_thread: bool) -> None:
    async def scenario() -> None:
        async with place() as at:
            root = MessageId(at.say("root")) if in_thread else None
            await at.platform.deliver(delivery(at, Post(say("same words"), GRACE, root), 1))
            at.workspace.fault(trouble, "chat.postMessage")
            wanted = delivery(at, Post(say("same words"), GRACE, root), 2)
            with pytest.raises(OutcomeUnknown):
                await at.platform.deliver(wanted)
            for number in range(3, 8):
                await at.platform.deliver(
                    delivery(at, Post(say("same words"), GRACE, root), number)
                )
            found = await at.platform.find(wanted)
            if trouble == "cut_before":
                assert found is None
            else:
                assert found is not None
                assert found.message == at.workspace.messages(at.channel)[1 + in_thread]["ts"]

    run(scenario())


def test_looking_goes_through_every_page_and_fails_rather_than_guess() -> None:
    async def scenario() -> None:
        async with place() as at:
            wanted = delivery(at, Post(say("x")))
            sent = await at.platform.deliver(wanted)
            for number in range(450):
                at.say(f"m{number}")
            assert await at.platform.find(wanted) == sent
            assert at.workspace.call_count("conversations.history") == 3
            at.workspace.fault("broken", "conversations.history")
            with pytest.raises(OutcomeUnknown):
                await at.platform.find(wanted)

    run(scenario())


def test_another_apps_message_with_our_id_is_not_ours() -> None:
    async def scenario() -> None:
        async with place() as at:
            wanted = delivery(at, Post(say("x")))
            at.say("x")
            metadata = {"event_type": "liaison_delivery", "event_payload": {"id": wanted.id}}
            channel = at.workspace.world.channels[at.channel]
            list(channel.messages.values())[-1].metadata = metadata
            assert await at.platform.find(wanted) is None

    run(scenario())


def test_a_private_answer_is_seen_by_the_asker_alone_by_either_way() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            at.workspace.command(at.channel, at.ada, "/liaison", "ping")
            await reader.until(
                lambda: any(isinstance(a.event, CommandTyped) for a in reader.arrivals)
            )
            (event,) = [a.event for a in reader.arrivals if isinstance(a.event, CommandTyped)]
            person = event.author.person
            answer = Answer(person, say("pong <b>"), reply=event.reply)
            await at.platform.deliver(delivery(at, answer))
            assert at.workspace.call_count("chat.postEphemeral") == 0
            await at.platform.deliver(delivery(at, replace_reply(answer, None)))
            assert at.workspace.call_count("chat.postEphemeral") == 1
            gone = f"{at.workspace.world.address}/response/gone"
            await at.platform.deliver(delivery(at, replace_reply(answer, gone)))
            assert at.workspace.call_count("chat.postEphemeral") == 2
            assert len(at.workspace.whispers(at.ada)) == 3
            assert not at.workspace.messages(at.channel)
            assert await at.platform.find(delivery(at, answer)) is None

    run(scenario())


def replace_reply(answer: Answer, reply: str | None) -> Answer:
    return Answer(answer.person, answer.body, reply)


def test_an_answer_in_a_direct_room_is_a_message_there() -> None:
    async def scenario() -> None:
        async with place() as at:
            direct = RoomId(f"{ACCOUNT}/{at.workspace.direct(at.ada)}")
            answer = Answer(PersonId(f"{ACCOUNT}/{at.ada}"), say("pong"), direct=True)
            sent = await at.platform.deliver(delivery(at, answer, room=direct))
            assert await at.platform.find(delivery(at, answer, room=direct)) == sent

    run(scenario())


def test_reacting_twice_is_reacting_once() -> None:
    async def scenario() -> None:
        async with place() as at:
            ts = MessageId(at.say("x"))
            await at.platform.deliver(delivery(at, React("✓", ts)))
            await at.platform.deliver(delivery(at, React("✓", ts)))
            (reaction,) = at.workspace.messages(at.channel)[0]["reactions"]
            assert (reaction["name"], reaction["count"]) == ("white_check_mark", 1)

    run(scenario())


@pytest.mark.parametrize(
    ("key", "token"), [("bot_token", "xoxb-wrong"), ("app_token", "xapp-wrong")]
)
def test_a_wrong_token_is_told_by_its_key(key: str, token: str) -> None:
    async def scenario() -> None:
        async with SlackStandIn() as stand_in:
            workspace = stand_in.add_workspace("alpha")
            platform = SlackPlatform(
                settings(workspace, **{key: token}), surroundings([], Remembered())
            )
            with pytest.raises(AccountRefused) as raised:
                await platform.open()
            assert raised.value.mend.startswith(f"slack.alpha.{key}: ")
            assert token not in raised.value.mend
            assert not platform.connected
            await platform.close()
            await platform.close()

    run(scenario())


def test_what_cannot_be_reached_is_not_sent() -> None:
    async def scenario() -> None:
        async with SlackStandIn() as stand_in:
            workspace = stand_in.add_workspace("alpha")
            made = settings(workspace, api_url="http://127.0.0.1:1/api/")
            platform = SlackPlatform(made, surroundings([], Remembered()))
            with pytest.raises(NotSent):
                await platform.open()
            room = RoomId(f"{ACCOUNT}/C1")
            with pytest.raises(NotSent):
                await platform.deliver(Delivery(DeliveryId("d" + "0" * 26), room, Post(say("x"))))
            await platform.close()

    run(scenario())


def test_a_certificate_file_that_cannot_be_read_is_told_by_its_key() -> None:
    async def scenario() -> None:
        async with SlackStandIn() as stand_in:
            workspace = stand_in.add_workspace("alpha")
            around = replace(surroundings([], Remembered()), ca_file="/nowhere/ca.pem")
            platform = SlackPlatform(settings(workspace), around)
            with pytest.raises(AccountRefused) as raised:
                await platform.open()
            assert "ca_file" in raised.value.mend
            await platform.close()

    run(scenario())


def test_after_the_end_nothing_is_sent() -> None:
    async def scenario() -> None:
        async with place() as at:
            await at.platform.open()
            await at.platform.close()
            with pytest.raises(NotSent):
                await at.platform.deliver(delivery(at, Post(say("x"))))
            assert not at.workspace.messages(at.channel)

    run(scenario())


def test_a_page_of_history_costs_one_request_and_ten_thousand_messages_little_memory() -> None:
    async def scenario() -> None:
        async with place() as at:
            for number in range(10_000):
                at.say(f"m{number}", blocks=False)
            before = at.workspace.call_count("conversations.history")
            since = at.workspace.messages(at.channel)[-50]["ts"]
            texts = [plain(a.event.body) async for a in at.platform.history(at.room, since)]  # type: ignore[union-attr]  # all are messages
            assert texts == [f"m{number}" for number in range(9_951, 10_000)]
            assert at.workspace.call_count("conversations.history") == before + 1
            number = 0
            async for arrival in at.platform.history(at.room, "0"):
                assert isinstance(arrival.event, MessagePosted)
                assert plain(arrival.event.body) == f"m{number}"
                number += 1
            assert number == 10_000

    run(scenario())


def test_history_waits_where_slack_asks_for_a_pause() -> None:
    async def scenario() -> None:
        async with place() as at:
            await at.platform.open()
            for number in range(450):
                at.say(f"m{number}")
            at.workspace.fault("throttle", "conversations.history", seconds=0.0)
            found = [arrival async for arrival in at.platform.history(at.room, "0")]
            assert len(found) == 450
            assert not any(arrival.live for arrival in found)

    run(scenario())


def test_a_good_account_has_nothing_to_mend() -> None:
    async def scenario() -> None:
        async with place() as at:
            findings = await at.platform.check()
            assert [finding for finding in findings if not finding.ok] == []
            assert len(findings) >= 13

    run(scenario())


def test_each_thing_that_is_wrong_is_told_with_its_mend() -> None:
    async def scenario() -> None:
        async with SlackStandIn() as stand_in:
            workspace = stand_in.add_workspace("alpha")
            ada = workspace.person("Ada")
            rooms = {
                "outside": workspace.room("outside", [ada], bot=False),
                "closed": workspace.room("closed", [ada]),
                "nowhere": "C0NOWHERE",
            }
            workspace.archive(rooms["closed"], ada)
            workspace.withdraw(["reactions:write"])
            wanted = [RoomId(f"{ACCOUNT}/{channel}") for channel in rooms.values()]
            platform = SlackPlatform(settings(workspace), surroundings(wanted, Remembered()))
            wrong = {f.what.partition(" (")[0]: f.mend for f in await platform.check() if not f.ok}
            assert wrong[wanted[0]] == "type /invite @liaison in #outside"
            assert "archived" in wrong[wanted[1]]
            assert "C0NOWHERE" in wrong[wanted[2]]
            assert "reactions:write" in wrong["slack.alpha: scope reactions:write"]
            assert len(wrong) == 4
            found = {info.name: info for info in await platform.list_rooms()}
            assert not found["outside"].joined
            assert "closed" not in found
            await platform.close()

    run(scenario())


class Proxy:
    """Forwards what is asked of it in absolute form, and counts; websockets too."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        line = await reader.readline()
        method, target, version = line.decode().split()
        self.asked.append(target.partition("?")[0])
        host, _, path = target.partition("://")[2].partition("/")
        name, _, port = host.partition(":")
        far_reader, far_writer = await asyncio.open_connection(name, int(port))
        far_writer.write(f"{method} /{path} {version}\r\n".encode())
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            far_writer.close()
            writer.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        sink.close()


@pytest.mark.parametrize("excepted", [False, True])
def test_the_proxy_is_used_for_calls_answers_and_the_socket_alike(excepted: bool) -> None:
    async def scenario() -> None:
        async with SlackStandIn() as stand_in:
            workspace = stand_in.add_workspace("alpha")
            proxy = Proxy()
            await proxy.start()
            around = replace(
                Surroundings(ACCOUNT, frozenset(), Remembered()),
                proxy=proxy.url,
                no_proxy=("127.0.0.1",) if excepted else (),
            )
            platform = SlackPlatform(settings(workspace), around)
            try:
                await platform.open()
                if excepted:
                    assert proxy.asked == []
                else:
                    assert any(target.endswith("/auth.test") for target in proxy.asked)
                    assert any("/link" in target for target in proxy.asked)
            finally:
                await platform.close()
                await proxy.close()

    run(scenario())


def test_the_environments_proxy_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def scenario() -> None:
        async with place() as at:
            await at.platform.open()
            assert at.platform.connected

    run(scenario())


def test_listening_costs_the_same_memory_after_many_messages() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            for round_ in range(3):
                for number in range(100):
                    at.say(f"{round_}-{number}")
                await reader.until(lambda wanted=(round_ + 1) * 100: len(reader.texts) >= wanted)  # type: ignore[misc]  # a default binds
                if round_ == 0:
                    tracemalloc.start(5)
                    first = tracemalloc.take_snapshot()
            ours = [tracemalloc.Filter(True, "*/bot/platforms/slack/*")]
            grown = tracemalloc.take_snapshot().filter_traces(ours)
            tracemalloc.stop()
            difference = grown.compare_to(first.filter_traces(ours), "filename")
            assert sum(item.size_diff for item in difference) < 2_000_000

    run(scenario())
