"""Misbehaviour on request: each kind does what it says, and only as often as it was asked to."""

from __future__ import annotations

import asyncio
from time import perf_counter

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import Trouble
from tests.bot.sandbox.slack.play import Scene, client_of, listening, played, refusal


@played
async def test_throttling_is_429_with_retry_after_and_posts_nothing(scene: Scene) -> None:
    scene.alpha.fault(Trouble.THROTTLE, "chat.postMessage", seconds=7)
    with pytest.raises(SlackApiError) as caught:
        await scene.client.chat_postMessage(channel=scene.room, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "7"
    assert scene.alpha.messages(scene.room) == []
    await scene.client.chat_postMessage(channel=scene.room, text="x")
    assert scene.alpha.texts(scene.room) == ["x"]


@played
async def test_refusing_and_breaking_post_nothing(scene: Scene) -> None:
    scene.alpha.fault(Trouble.REFUSE, "chat.postMessage", error="fatal_error")
    post = scene.client.chat_postMessage
    assert await refusal(post(channel=scene.room, text="x")) == "fatal_error"
    scene.alpha.fault(Trouble.BROKEN, "chat.postMessage")
    with pytest.raises(SlackApiError) as caught:
        await post(channel=scene.room, text="x")
    assert caught.value.response.status_code == 500
    assert scene.alpha.messages(scene.room) == []


@pytest.mark.parametrize(
    ("trouble", "landed"), [(Trouble.CUT_BEFORE, []), (Trouble.CUT_AFTER, ["x"])]
)
def test_hanging_up_leaves_the_sender_in_the_dark(trouble: Trouble, landed: list[str]) -> None:
    @played
    async def story(scene: Scene) -> None:
        scene.alpha.fault(trouble, "chat.postMessage")
        with pytest.raises(aiohttp.ClientConnectionError):
            await scene.client.chat_postMessage(channel=scene.room, text="x")
        assert scene.alpha.texts(scene.room) == landed
        assert scene.alpha.calls("chat.postMessage")[0].outcome == trouble

    story()


@played
async def test_a_request_can_be_carried_out_after_the_connection_was_cut(scene: Scene) -> None:
    scene.alpha.fault(Trouble.APPLY_LATE, "chat.postMessage", seconds=0.1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await scene.client.chat_postMessage(channel=scene.room, text="late")
    assert scene.alpha.texts(scene.room) == []
    assert await scene.alpha.arrived(scene.room, 1) == ["late"]


@played
async def test_an_answer_can_be_withheld_until_the_client_gives_up(scene: Scene) -> None:
    scene.alpha.fault(Trouble.HANG, "chat.postMessage", seconds=0.5)
    impatient = client_of(scene.alpha, timeout=0.1)
    with pytest.raises(asyncio.TimeoutError):
        await impatient.chat_postMessage(channel=scene.room, text="x")
    assert scene.alpha.texts(scene.room) == ["x"]


@played
async def test_a_delay_is_a_delay(scene: Scene) -> None:
    scene.alpha.fault(Trouble.DELAY, seconds=0.1)
    before = perf_counter()
    await scene.client.auth_test()
    assert perf_counter() - before >= 0.1


@played
async def test_an_event_can_come_twice_with_one_event_id(scene: Scene) -> None:
    scene.alpha.fault(Trouble.EVENT_TWICE, "message")
    async with listening(scene.alpha) as ear:
        scene.alpha.say(scene.room, scene.ada, "x")
        await ear.until(lambda: len(ear.heard) == 2)
    one, two = ear.heard
    assert one.payload["event_id"] == two.payload["event_id"]
    assert one.envelope_id != two.envelope_id


@played
async def test_events_can_come_out_of_order_late_and_not_at_all(scene: Scene) -> None:
    scene.alpha.fault(Trouble.EVENT_HELD, "message", seconds=5)
    async with listening(scene.alpha) as ear:
        for text in ("one", "two"):
            scene.alpha.say(scene.room, scene.ada, text)
        scene.alpha.fault(Trouble.EVENT_LOST, "message")
        scene.alpha.say(scene.room, scene.ada, "three")
        scene.alpha.fault(Trouble.EVENT_LATE, "message", seconds=0.1)
        for text in ("four", "five"):
            scene.alpha.say(scene.room, scene.ada, text)
        await ear.until(lambda: len(ear.heard) == 4)
    assert ear.texts() == ["two", "one", "five", "four"]


@played
async def test_a_rule_strikes_as_often_as_asked_and_on_its_method_only(scene: Scene) -> None:
    rule = scene.alpha.fault(Trouble.REFUSE, "chat.postMessage", times=2, error="fatal_error")
    await scene.client.auth_test()
    for _ in range(2):
        post = scene.client.chat_postMessage(channel=scene.room, text="x")
        assert await refusal(post) == "fatal_error"
    await scene.client.chat_postMessage(channel=scene.room, text="x")
    assert rule.hits == 2


@played
async def test_chances_are_repeatable_by_their_seed(scene: Scene) -> None:
    async def outcomes() -> list[str]:
        scene.alpha.seed(42)
        scene.alpha.clear_faults()
        scene.alpha.fault(Trouble.REFUSE, "auth.test", times=None, probability=0.5)
        return [await one() for _ in range(40)]

    async def one() -> str:
        try:
            await scene.client.auth_test()
        except SlackApiError:
            return "refused"
        return "ok"

    first, second = await outcomes(), await outcomes()
    assert first == second
    assert 5 < first.count("refused") < 35
