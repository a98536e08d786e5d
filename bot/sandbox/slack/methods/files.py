"""files.*: upload in three steps, and what became of it."""

from __future__ import annotations

import asyncio
import mimetypes

from bot.sandbox.slack import acts
from bot.sandbox.slack.acts import Draft
from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.faults import SHARE, Trouble
from bot.sandbox.slack.methods.call import Call, Chapter
from bot.sandbox.slack.shapes import file_json
from bot.sandbox.slack.things import Channel, File, Json
from bot.sandbox.slack.typed import settle

METHODS = Chapter()


@METHODS.method("files.getUploadURLExternal", "files:write")
def get_upload_url(call: Call) -> Json:
    """Where to put the bytes."""
    name = call.required("filename")
    length = call.text("length")
    if not length.isdecimal() or int(length) < 1:
        raise invalid_arguments("must be an integer above 0 [json-pointer:/length]")
    world = call.world
    file = File(
        id=world.new_id("F"),
        name=name.rsplit("/", 1)[-1],
        title=name,
        user=call.app.user,
        created=int(world.now()),
        length=int(length),
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        filetype=name.rsplit(".", 1)[-1] if "." in name else "binary",
    )
    world.files[file.id] = file
    return {"upload_url": f"{world.address}/upload/{file.id}", "file_id": file.id}


@METHODS.method("files.completeUploadExternal", "files:write")
def complete_upload(call: Call) -> Json:
    """Finish an upload. That it is shown in the channel comes later, or never: as in Slack."""
    wanted = call.structure("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise invalid_arguments("missing required field: files")
    files = [_finished(call, item) for item in wanted]
    channels = [call.text("channel_id"), *call.text("channels").split(",")]
    for channel_id in [id_ for id_ in channels if id_]:
        channel = call.world.channels.get(channel_id)
        if channel is None or call.app.user not in channel.members:
            raise SlackError("channel_not_found" if channel is None else "not_in_channel")
        if channel.archived:
            raise SlackError("is_archived")
        _share_later(call, channel, files)
    shown = [file_json(call.world, file) for file in files]
    for file in shown:
        del file["shares"]
    return {"files": shown}


def _finished(call: Call, item: Json) -> File:
    file = call.world.files.get(item.get("id", "")) if isinstance(item, dict) else None
    if file is None or not file.uploaded or file.complete:
        raise SlackError("file_not_found")
    file.complete = True
    file.title = item.get("title") or file.name
    return file


def _share_later(call: Call, channel: Channel, files: list[File]) -> None:
    fault = call.stage.faults.strike(SHARE, "files.completeUploadExternal")
    if fault is not None and fault.trouble is Trouble.SHARE_NEVER:
        return
    draft = Draft(
        user=call.app.user,
        text=settle(call.text("initial_comment")),
        thread_ts=call.text("thread_ts"),
        files=tuple(file.id for file in files[1:]),
    )
    delay = fault.seconds if fault else 0.0

    def show() -> None:
        if files[0].id in call.world.files:  # nothing is shown of what was deleted meanwhile
            acts.share_file(call.stage, channel, files[0], draft)

    asyncio.get_running_loop().call_later(delay, show)


@METHODS.method("files.info", "files:read")
def info(call: Call) -> Json:
    """An upload as it stands; `shares` names the messages that show it."""
    file = call.world.files.get(call.required("file"))
    if file is None or not file.complete:
        raise SlackError("file_not_found")
    return {"file": file_json(call.world, file), "comments": []}


@METHODS.method("files.delete", "files:write")
def delete(call: Call) -> Json:
    """Take an upload away."""
    if call.world.files.pop(call.required("file"), None) is None:
        raise SlackError("file_not_found")
    return {}
