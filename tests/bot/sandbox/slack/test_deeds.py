"""Commands, buttons, shortcuts and modals through an unmodified AsyncApp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.bot.sandbox.slack.play import Json, Scene, client_of, played, refusal

BUTTON: Json = {
    "type": "actions",
    "block_id": "choices",
    "elements": [
        {
            "type": "button",
            "action_id": "agree",
            "value": "yes",
            "text": {"type": "plain_text", "text": "Agree"},
        }
    ],
}
MODAL: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "A form"},
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "fill in"}}],
}


@asynccontextmanager
async def running(scene: Scene, app: AsyncApp) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(app, scene.alpha.app.app_token)
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's
        await scene.alpha.connected()
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's


def app_of(scene: Scene) -> AsyncApp:
    return AsyncApp(client=client_of(scene.alpha), process_before_response=True)


@played
async def test_a_command_is_answered_at_once_and_later(scene: Scene) -> None:
    app = app_of(scene)

    @app.command("/liaison")
    async def answer(ack: Any, respond: Any, command: Json) -> None:
        await ack(f"at once: {command['text']}")
        await respond("later")
        await respond("to all", response_type="in_channel")

    async with running(scene, app):
        deed = scene.alpha.command(scene.room, scene.ada, "/liaison", "status now")
        await scene.alpha.settled(deed.id)
        await scene.alpha.until(lambda: len(scene.alpha.texts(scene.room)) == 1)
    assert deed.state == "acknowledged"
    whispers = [(shown.via, shown.text) for shown in scene.alpha.whispers(scene.ada)]
    assert sorted(whispers) == [("answer", "at once: status now"), ("response_url", "later")]
    assert scene.alpha.texts(scene.room) == ["to all"]


@played
async def test_a_response_url_is_good_for_five_answers(scene: Scene) -> None:
    deed = scene.alpha.command(scene.room, scene.ada, "/liaison")
    webhook = AsyncWebhookClient(deed.response_url)
    for _ in range(5):
        assert (await webhook.send(text="x")).status_code == 200
    sixth = await webhook.send(text="x")
    assert (sixth.status_code, sixth.body) == (404, "used_url")
    assert len(scene.alpha.whispers(scene.ada)) == 5


@played
async def test_a_response_url_ends_after_thirty_minutes(scene: Scene) -> None:
    deed = scene.alpha.command(scene.room, scene.ada, "/liaison")
    now = scene.alpha.stage.clock()
    scene.alpha.stage.clock = lambda: now + 1799
    webhook = AsyncWebhookClient(deed.response_url)
    assert (await webhook.send(text="x")).status_code == 200
    scene.alpha.stage.clock = lambda: now + 1801
    late = await webhook.send(text="x")
    assert (late.status_code, late.body) == (404, "expired_url")


@played(ack_timeout=0.05)
async def test_a_command_that_nobody_answers_fails_as_people_see_it(scene: Scene) -> None:
    alone = scene.alpha.command(scene.room, scene.ada, "/liaison")
    assert alone.state == "dispatch_failed"
    async with running(scene, app_of(scene)):
        unheard = scene.alpha.command(scene.room, scene.ada, "/liaison")
        await scene.alpha.settled(unheard.id)
    assert unheard.state == "operation_timeout"


@played
async def test_a_button_tells_who_pressed_what_and_its_message_can_be_replaced(
    scene: Scene,
) -> None:
    app = app_of(scene)
    seen: list[Json] = []

    @app.action("agree")
    async def pressed(ack: Any, body: Json, respond: Any) -> None:
        await ack()
        seen.append(body)
        await respond("settled", replace_original=True)

    async with running(scene, app):
        post = await scene.client.chat_postMessage(channel=scene.room, text="?", blocks=[BUTTON])
        scene.alpha.press(scene.room, scene.ben, post["ts"], "agree")
        await scene.alpha.until(lambda: scene.alpha.texts(scene.room) == ["settled"])
    body = seen[0]
    assert body["user"]["id"] == scene.ben
    assert body["actions"][0]["value"] == "yes"
    assert body["actions"][0]["block_id"] == "choices"
    assert body["container"]["message_ts"] == body["message"]["ts"] == post["ts"]


@played
async def test_an_ephemeral_answer_cannot_become_a_message_for_all(scene: Scene) -> None:
    deed = scene.alpha.command(scene.room, scene.ada, "/liaison")
    webhook = AsyncWebhookClient(deed.response_url)
    await webhook.send(text="one")
    await webhook.send(text="two", replace_original=True)
    assert [shown.text for shown in scene.alpha.whispers()] == ["two"]
    assert scene.alpha.messages(scene.room) == []


@played
async def test_a_modal_is_opened_by_a_trigger_once_and_soon(scene: Scene) -> None:
    deed = scene.alpha.command(scene.room, scene.ada, "/liaison")
    opened = await scene.client.views_open(trigger_id=deed.trigger_id, view=MODAL)
    assert opened["view"]["title"]["text"] == "A form"
    views = scene.client.views_open
    again = views(trigger_id=deed.trigger_id, view=MODAL)
    assert await refusal(again) == "exchanged_trigger_id"
    assert await refusal(views(trigger_id="x", view=MODAL)) == "invalid_trigger_id"
    late = scene.alpha.command(scene.room, scene.ada, "/liaison")
    now = scene.alpha.stage.clock()
    scene.alpha.stage.clock = lambda: now + 3.1
    slow = views(trigger_id=late.trigger_id, view=MODAL)
    assert await refusal(slow) == "expired_trigger_id"


@played
async def test_a_modal_is_sent_off_and_answered_with_its_errors(scene: Scene) -> None:
    app = app_of(scene)
    answers: list[Json] = [
        {"response_action": "errors", "errors": {"b": "too short"}},
        {"response_action": "update", "view": MODAL | {"callback_id": "second"}},
        {"response_action": "clear"},
    ]
    states: list[Json] = []

    @app.view("form")
    @app.view("second")
    async def sent(ack: Any, view: Json) -> None:
        states.append(view["state"])
        await ack(answers[len(states) - 1])

    async with running(scene, app):
        deed = scene.alpha.shortcut(scene.ada, "open")
        opened = await scene.client.views_open(trigger_id=deed.trigger_id, view=MODAL)
        view = opened["view"]["id"]
        values = {"b": {"a": {"type": "plain_text_input", "value": "x"}}}
        for expected in ("form", "second", None):
            deed = scene.alpha.submit(scene.ada, view, values)
            await scene.alpha.settled(deed.id)
            standing = scene.alpha.views(scene.ada)
            assert [found["callback_id"] for found in standing] == ([expected] if expected else [])
    assert states[0]["values"] == values


@played
async def test_a_message_shortcut_carries_its_message(scene: Scene) -> None:
    app = app_of(scene)
    seen: list[Json] = []

    @app.shortcut("note")
    async def noted(ack: Any, shortcut: Json) -> None:
        await ack()
        seen.append(shortcut)

    async with running(scene, app):
        root = scene.alpha.say(scene.room, scene.ada, "root")
        reply = scene.alpha.say(scene.room, scene.ada, "reply", root)
        deed = scene.alpha.shortcut(scene.ben, "note", scene.room, reply)
        await scene.alpha.settled(deed.id)
    assert seen[0]["message"]["text"] == "reply"
    assert seen[0]["message"]["thread_ts"] == root


@played
async def test_views_are_updated_pushed_and_published(scene: Scene) -> None:
    first = scene.alpha.shortcut(scene.ada, "open")
    opened = await scene.client.views_open(trigger_id=first.trigger_id, view=MODAL)
    view = opened["view"]
    stale = scene.client.views_update(view_id=view["id"], hash="old", view=MODAL)
    assert await refusal(stale) == "hash_conflict"
    await scene.client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)
    second = scene.alpha.shortcut(scene.ada, "more")
    pushed = await scene.client.views_push(trigger_id=second.trigger_id, view=MODAL)
    assert pushed["view"]["previous_view_id"] == view["id"]
    home = {"type": "home", "blocks": MODAL["blocks"]}
    published = await scene.client.views_publish(user_id=scene.ada, view=home)
    assert published["view"]["type"] == "home"
    assert len(scene.alpha.views(scene.ada)) == 3
    long = MODAL | {"title": {"type": "plain_text", "text": "x" * 25}}
    third = scene.alpha.shortcut(scene.ada, "open")
    too_long = scene.client.views_open(trigger_id=third.trigger_id, view=long)
    assert await refusal(too_long) == "invalid_arguments"


@played
async def test_the_app_hears_of_a_home_tab_that_is_opened_and_what_stands_there(
    scene: Scene,
) -> None:
    app, heard = app_of(scene), asyncio.Queue[Json]()

    @app.event("app_home_opened")
    async def hear(event: Json) -> None:
        await heard.put(event)

    async with running(scene, app):
        scene.alpha.open_home(scene.ada)
        first = await asyncio.wait_for(heard.get(), 30)
        assert (first["user"], first["tab"], "view" in first) == (scene.ada, "home", False)
        home = {"type": "home", "blocks": MODAL["blocks"]}
        await scene.client.views_publish(user_id=scene.ada, view=home)
        scene.alpha.open_home(scene.ada)
        second = await asyncio.wait_for(heard.get(), 30)
        assert second["view"]["type"] == "home"
