"""Tokens, scopes, bodies and unknown methods, as an unmodified client meets them."""

from __future__ import annotations

import json

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.bot.sandbox.slack.play import Scene, client_of, played, refusal


@played
async def test_a_good_token_is_told_whose_it_is(scene: Scene) -> None:
    answer = await scene.client.auth_test()
    assert answer["user_id"] == scene.alpha.app.user
    assert answer["team_id"] == scene.alpha.world.team_id
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@played
async def test_a_missing_token_is_not_authed(scene: Scene) -> None:
    client = AsyncWebClient(base_url=scene.alpha.api_url)
    assert await refusal(client.auth_test()) == "not_authed"


@played
async def test_a_wrong_token_is_invalid_auth(scene: Scene) -> None:
    client = AsyncWebClient(token="wrong", base_url=scene.alpha.api_url)
    assert await refusal(client.auth_test()) == "invalid_auth"


@played
async def test_the_token_of_another_workspace_is_invalid_auth(scene: Scene) -> None:
    bravo = scene.slack.add_workspace("bravo")
    client = AsyncWebClient(token=scene.alpha.app.bot_token, base_url=bravo.api_url)
    assert await refusal(client.auth_test()) == "invalid_auth"


@played
async def test_each_kind_of_token_is_for_its_own_methods(scene: Scene) -> None:
    by_app = AsyncWebClient(token=scene.alpha.app.app_token, base_url=scene.alpha.api_url)
    assert await refusal(by_app.conversations_list()) == "not_allowed_token_type"
    by_bot = scene.client.apps_connections_open(app_token=scene.alpha.app.bot_token)
    assert await refusal(by_bot) == "not_allowed_token_type"


@played
async def test_a_revoked_token_is_token_revoked(scene: Scene) -> None:
    scene.alpha.revoke()
    assert await refusal(scene.client.auth_test()) == "token_revoked"
    scene.alpha.restore()
    assert (await scene.client.auth_test())["ok"]


@played
async def test_a_scope_taken_away_is_named(scene: Scene) -> None:
    scene.alpha.withdraw(["chat:write", "channels:history"])
    with pytest.raises(SlackApiError) as caught:
        await scene.client.chat_postMessage(channel=scene.room, text="x")
    answer = caught.value.response
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "chat:write"
    assert "chat:write" not in answer["provided"].split(",")
    history = scene.client.conversations_history(channel=scene.room)
    assert await refusal(history) == "missing_scope"


@played
async def test_methods_that_are_not_played_answer_unknown_method(scene: Scene) -> None:
    assert await refusal(scene.client.api_call("chat.nonsense")) == "unknown_method"
    assert await refusal(scene.client.reminders_list()) == "unknown_method"


@played
async def test_forms_carry_blocks_and_metadata_as_json_texts(scene: Scene) -> None:
    blocks = [{"type": "divider", "block_id": "dabc"}]
    metadata = {"event_type": "delivery", "event_payload": {"id": "dabc"}}
    form = {
        "channel": scene.room,
        "text": "by form",
        "blocks": json.dumps(blocks),
        "metadata": json.dumps(metadata),
    }
    await scene.client.api_call("chat.postMessage", data=form)
    await scene.client.chat_postMessage(
        channel=scene.room, text="by JSON", blocks=blocks, metadata=metadata
    )
    for message in scene.alpha.messages(scene.room):
        assert message["blocks"] == blocks
        assert message["metadata"] == metadata


@played
async def test_a_token_can_stand_in_the_form(scene: Scene) -> None:
    async with aiohttp.ClientSession() as session:
        address = f"{scene.alpha.api_url}auth.test"
        form = {"token": scene.alpha.app.bot_token}
        async with session.post(address, data=form) as response:
            assert (await response.json())["ok"]


@played
async def test_a_body_that_is_no_json_is_refused_not_broken(scene: Scene) -> None:
    async with aiohttp.ClientSession() as session:
        headers = {
            "Authorization": f"Bearer {scene.alpha.app.bot_token}",
            "Content-Type": "application/json",
        }
        address = f"{scene.alpha.api_url}chat.postMessage"
        async with session.post(address, data=b"{", headers=headers) as response:
            assert (await response.json())["error"] == "channel_not_found"


@played
async def test_calls_are_logged_with_their_outcome(scene: Scene) -> None:
    await scene.client.auth_test()
    await refusal(scene.client.chat_postMessage(channel="C0", text="x"))
    seen = [(call.method, call.outcome) for call in scene.alpha.calls()]
    assert seen == [("auth.test", "ok"), ("chat.postMessage", "channel_not_found")]
    assert scene.alpha.call_count("auth.test") == 1


@played
async def test_workspaces_share_neither_ids_nor_rooms(scene: Scene) -> None:
    bravo = scene.slack.add_workspace("bravo")
    cleo = bravo.person("Cleo")
    room = bravo.room("general", [cleo])
    await client_of(bravo).chat_postMessage(channel=room, text="in bravo")
    assert scene.alpha.messages(scene.room) == []
    assert bravo.texts(room) == ["in bravo"]
    assert not set(bravo.world.users) & set(scene.alpha.world.users)
