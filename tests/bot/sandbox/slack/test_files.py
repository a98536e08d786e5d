"""Uploads in three steps, shares that come late or not at all, and downloads by token."""

from __future__ import annotations

import aiohttp

from bot.sandbox.slack import Trouble
from tests.bot.sandbox.slack.play import Scene, listening, played, refusal


@played
async def test_an_upload_is_shown_in_the_channel(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        done = await scene.client.files_upload_v2(
            filename="notes.txt", content="content", channel=scene.room, initial_comment="see"
        )
        await ear.until(lambda: bool(ear.events("file_shared")))
    info = await scene.client.files_info(file=done["file"]["id"])
    share = info["file"]["shares"]["public"][scene.room][0]
    message = scene.alpha.messages(scene.room)[0]
    assert share["ts"] == message["ts"]
    assert message["text"] == "see"
    assert message["files"][0]["size"] == len("content")
    assert ear.events()[0]["subtype"] == "file_share"


@played
async def test_a_share_can_come_late_and_be_overtaken(scene: Scene) -> None:
    scene.alpha.fault(Trouble.SHARE_LATE, seconds=0.2)
    done = await scene.client.files_upload_v2(filename="a", content="x", channel=scene.room)
    id_ = done["file"]["id"]
    assert (await scene.client.files_info(file=id_))["file"]["shares"] == {}
    await scene.client.chat_postMessage(channel=scene.room, text="overtaking")
    await scene.alpha.until(lambda: len(scene.alpha.messages(scene.room)) == 2)
    assert "files" not in scene.alpha.messages(scene.room)[0]
    assert (await scene.client.files_info(file=id_))["file"]["shares"]


@played
async def test_a_share_can_stay_away_for_ever(scene: Scene) -> None:
    scene.alpha.fault(Trouble.SHARE_NEVER)
    done = await scene.client.files_upload_v2(filename="a", content="x", channel=scene.room)
    await scene.client.chat_postMessage(channel=scene.room, text="alone")
    info = await scene.client.files_info(file=done["file"]["id"])
    assert info["file"]["shares"] == {}
    assert scene.alpha.texts(scene.room) == ["alone"]


@played
async def test_a_file_is_completed_once_and_only_after_its_bytes(scene: Scene) -> None:
    place = await scene.client.files_getUploadURLExternal(filename="a.txt", length=1)
    files = [{"id": place["file_id"]}]
    complete = scene.client.files_completeUploadExternal
    assert await refusal(complete(files=files)) == "file_not_found"
    async with (
        aiohttp.ClientSession() as session,
        session.post(place["upload_url"], data=b"x") as response,
    ):
        assert response.status == 200
    assert (await complete(files=files))["files"][0]["id"] == place["file_id"]
    assert await refusal(complete(files=files)) == "file_not_found"


@played
async def test_a_download_wants_the_bots_token(scene: Scene) -> None:
    scene.alpha.upload(scene.room, scene.ada, "notes.txt", b"\x00content")
    message = (await scene.client.conversations_history(channel=scene.room))["messages"][0]
    address = message["files"][0]["url_private_download"]
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {scene.alpha.app.bot_token}"}
        async with session.get(address, headers=headers) as response:
            assert await response.read() == b"\x00content"
        async with session.get(address, headers={"Authorization": "Bearer x"}) as response:
            # As in Slack: HTTP 200 and a page to sign in.
            assert response.content_type == "text/html"
