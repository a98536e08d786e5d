"""The walk of the published description: every field of ours is in it, with the same type.

The description is sample data with its values blanked: a field it does not have is no field of
Slack's. Where it is open by nature, the walk stops: what the app itself sent (blocks, metadata,
views' state), and objects whose keys are names (a file's shares, emoji, an empty object).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.methods import METHODS
from tests.bot.sandbox.slack.play import Json, Scene, client_of, listening, played

DESCRIPTION = Path(__file__).parents[5] / "shared" / "data" / "slack"
needs_description = pytest.mark.skipif(
    not DESCRIPTION.is_dir(), reason="the published description is not here (../shared/data/slack)"
)
OPEN = frozenset({"blocks", "event_payload", "values", "emoji", "public", "private", "state"})

MESSAGES = frozenset({"message", "previous_message", "root"})
"""Messages inside something else: each sample of one has other fields, history's has most."""


def described(kind: str, name: str) -> Any:
    return json.loads((DESCRIPTION / kind / f"{name}.json").read_text())


@cache
def a_message() -> Json:
    """A message as history has it: the most complete sample of one."""
    return dict(described("api", "conversations.history")["messages"][0])


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Where `ours` has what `theirs` does not, or has it of another type."""
    if isinstance(ours, dict):
        if not isinstance(theirs, dict):
            yield f"{path}: an object, described as {type(theirs).__name__}"
            return
        for name, value in ours.items():
            if name not in theirs:
                yield f"{path}.{name}: not described"
            elif name not in OPEN and theirs[name] != {}:
                expected = theirs[name] | a_message() if name in MESSAGES else theirs[name]
                yield from differences(value, expected, f"{path}.{name}")
    elif isinstance(ours, list):
        if not isinstance(theirs, list):
            yield f"{path}: a list, described as {type(theirs).__name__}"
            return
        for value in ours if theirs else ():
            yield from differences(value, theirs[0], f"{path}[]")
    elif kind_of(ours) != kind_of(theirs):
        yield f"{path}: {kind_of(ours)}, described as {kind_of(theirs)}"


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    return "number" if isinstance(value, (int, float)) else type(value).__name__


NOT_IN_SAMPLES = {
    # The samples hold a pinned file; messages are pinned as well.
    "pins.list": {".items[].message", ".items[].channel"},
    # The sample thread holds no broadcast reply.
    "conversations.replies": {".messages[].subtype", ".messages[].root"},
}


def check(name: str, answer: Any) -> None:
    found = list(differences(answer.data, described("api", name)))
    allowed = NOT_IN_SAMPLES.get(name, set())
    assert not [line for line in found if line.partition(":")[0] not in allowed], name


async def every_method(scene: Scene, web: AsyncWebClient) -> dict[str, list[Any]]:
    """Call every method that is played, in each of its shapes; returns the answers."""
    room, answers = scene.room, {}  # type: str, dict[str, list[Any]]

    async def call(name: str, /, **arguments: Any) -> Any:
        answer = await web.api_call(name, json=arguments)
        answers.setdefault(name, []).append(answer)
        return answer

    scene.alpha.group("Duty", "duty", [scene.ada])
    scene.alpha.world.emoji["party"] = "https://x.example/party.gif"
    for name in ("auth.test", "team.info", "bots.info", "emoji.list", "users.list"):
        await call(name)
    await call("apps.connections.open", token=scene.alpha.app.app_token)
    await call("usergroups.list", include_users=True)
    await call("users.info", user=scene.ada, include_locale=True)
    await call("users.info", user=scene.alpha.app.user)
    await call("users.lookupByEmail", email="ada@example.org")
    await call("conversations.open", users=scene.ada, return_im=True)
    kinds = "public_channel,private_channel,im,mpim"
    await call("conversations.list", types=kinds)
    await call("users.conversations", types=kinds)
    for channel in (room, scene.private):
        await call("conversations.info", channel=channel, include_num_members=True)
    await call("conversations.members", channel=room)
    await talk(scene, call)
    await manage(scene, call)
    await upload(scene, call)
    await show_views(scene, call)
    for arguments in ({}, {"limit": 2}, {"include_all_metadata": True}):
        await call("conversations.history", channel=room, **arguments)
    return answers


async def talk(scene: Scene, call: Any) -> None:
    room = scene.room
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}]
    metadata = {"event_type": "delivery", "event_payload": {"id": "d"}}
    first = await call("chat.postMessage", channel=room, text="x", blocks=blocks, metadata=metadata)
    ts = first["ts"]
    await call("chat.postMessage", channel=room, text="x", username="Ada", icon_emoji=":eyes:")
    await call("chat.postMessage", channel=room, text="x", thread_ts=ts)
    await call("chat.postMessage", channel=room, text="x", thread_ts=ts, reply_broadcast=True)
    await call("chat.meMessage", channel=room, text="waves")
    await call("chat.update", channel=room, ts=ts, text="y", blocks=blocks)
    await call("chat.postEphemeral", channel=room, user=scene.ada, text="x")
    await call("chat.getPermalink", channel=room, message_ts=ts)
    await call("reactions.add", channel=room, timestamp=ts, name="eyes")
    await call("reactions.get", channel=room, timestamp=ts)
    await call("conversations.replies", channel=room, ts=ts)
    await call("conversations.replies", channel=room, ts=ts, limit=1)
    await call("reactions.remove", channel=room, timestamp=ts, name="eyes")
    await call("pins.add", channel=room, timestamp=ts)
    await call("pins.list", channel=room)
    await call("pins.remove", channel=room, timestamp=ts)
    gone = await call("chat.postMessage", channel=room, text="x")
    await call("chat.delete", channel=room, ts=gone["ts"])


async def manage(scene: Scene, call: Any) -> None:
    made = (await call("conversations.create", name="made"))["channel"]["id"]
    await call("conversations.invite", channel=made, users=scene.ada)
    await call("conversations.kick", channel=made, user=scene.ada)
    await call("conversations.setTopic", channel=made, topic="today")
    await call("conversations.rename", channel=made, name="other")
    await call("conversations.leave", channel=made)
    await call("conversations.join", channel=made)
    await call("conversations.join", channel=made)
    await call("conversations.archive", channel=made)


async def upload(scene: Scene, call: Any) -> None:
    place = await call("files.getUploadURLExternal", filename="a.txt", length=1)
    scene.alpha.world.files[place["file_id"]].uploaded = True
    files = [{"id": place["file_id"], "title": "A"}]
    await call("files.completeUploadExternal", files=files, channel_id=scene.room)
    shares = scene.alpha.world.files[place["file_id"]].shares
    await scene.alpha.until(lambda: bool(shares))
    await call("files.info", file=place["file_id"])
    unseen = await call("files.getUploadURLExternal", filename="b.txt", length=1)
    await call("files.delete", file=unseen["file_id"])


async def show_views(scene: Scene, call: Any) -> None:
    modal = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "A form", "emoji": True},
        "blocks": [{"type": "divider"}],
    }
    trigger = scene.alpha.shortcut(scene.ada, "x").trigger_id
    view = await call("views.open", trigger_id=trigger, view=modal)
    await call("views.update", view_id=view["view"]["id"], view=modal)
    trigger = scene.alpha.shortcut(scene.ada, "x").trigger_id
    await call("views.push", trigger_id=trigger, view=modal)
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    await call("views.publish", user_id=scene.ada, view=home)


MORE_SCOPES = [
    "channels:manage",
    "channels:join",
    "groups:write",
    "im:read",
    "mpim:read",
    "pins:read",
    "pins:write",
    "users:read.email",
]


@needs_description
@played
async def test_every_answer_has_the_fields_and_types_that_are_described(scene: Scene) -> None:
    scene.alpha.grant(MORE_SCOPES)
    answers = await every_method(scene, client_of(scene.alpha))
    assert set(answers) == set(METHODS), "a method is played and not walked, or the other way"
    for name, given in answers.items():
        for answer in given:
            check(name, answer)


RELIED_ON = {
    "auth.test": "url team user team_id user_id bot_id",
    "apps.connections.open": "url",
    "bots.info": "bot.id bot.app_id bot.user_id bot.name bot.deleted bot.icons",
    "chat.postMessage": "channel ts message.text message.ts message.type message.bot_id",
    "chat.update": "channel ts text message.text",
    "chat.delete": "channel ts",
    "chat.postEphemeral": "message_ts",
    "chat.getPermalink": "permalink channel",
    "conversations.history": "messages has_more pin_count",
    "conversations.replies": "messages has_more",
    "conversations.info": "channel.id channel.name channel.is_member channel.is_private "
    "channel.is_archived channel.is_shared channel.topic.value channel.num_members",
    "conversations.members": "members response_metadata.next_cursor",
    "conversations.list": "channels response_metadata.next_cursor",
    "conversations.open": "channel.id",
    "users.info": "user.id user.name user.real_name user.profile.display_name user.is_bot "
    "user.deleted user.is_restricted user.tz user.team_id",
    "users.list": "members cache_ts response_metadata.next_cursor",
    "files.getUploadURLExternal": "upload_url file_id",
    "files.completeUploadExternal": "files",
    "files.info": "file.id file.shares file.url_private_download file.mimetype file.size",
    "reactions.get": "message.reactions type channel",
    "team.info": "team.id team.name team.domain",
    "views.open": "view.id view.hash view.state view.root_view_id view.blocks",
    "emoji.list": "emoji",
    "usergroups.list": "usergroups",
    "pins.list": "items",
}


@played
async def test_what_users_of_the_sdk_rely_on_is_there(scene: Scene) -> None:
    scene.alpha.grant(MORE_SCOPES)
    answers = await every_method(scene, client_of(scene.alpha))
    for name, paths in RELIED_ON.items():
        for path in paths.split():
            found: Any = answers[name][0].data
            for step in path.split("."):
                assert step in found, f"{name}: {path}"
                found = found[step]


SUBTYPES = {
    "": "Message",
    "bot_message": "MessageBot",
    "message_changed": "MessageChanged",
    "message_deleted": "MessageDeleted",
    "thread_broadcast": "MessageThreadBroadcast",
    "me_message": "MessageMe",
    "file_share": "MessageFileShare",
    "channel_join": "MessageChannelJoin",
    "channel_leave": "MessageChannelLeave",
    "channel_topic": "MessageChannelTopic",
    "channel_name": "MessageChannelName",
}


def description_of(event: Json) -> str:
    if event["type"] == "message":
        return f"{SUBTYPES[event.get('subtype', '')]}Payload"
    words = "".join(word.title() for word in event["type"].split("_"))
    return f"{words}Payload"


def with_message_fields(theirs: Json) -> Json:
    """An event that is a message is a message of history too."""
    event = dict(theirs["event"])
    if "ts" in event:
        event |= a_message()
    return theirs | {"event": event, "context_team_id": "T"}


async def everything_happens(scene: Scene) -> list[Json]:
    """Make each event happen; returns the payloads, and those of a command and a press."""
    play, room, ada = scene.alpha, scene.room, scene.ada
    async with listening(play) as ear:
        ts = play.say(room, ada, "root")
        play.say(room, ada, f"<@{play.app.user}>", ts, raw=True)
        play.say(room, ada, "to all", ts, broadcast=True)
        waves = play.me(room, ada, "waves")
        play.react(room, ts, ada, "eyes")
        play.edit(room, ts, "edited")
        play.unreact(room, ts, ada, "eyes")
        play.pin(room, ts, ada)
        play.upload(room, ada, "a.txt", "x")
        play.set_topic(room, "today", ada)
        play.rename(room, "renamed", ada)
        play.invite(room, play.person("Cleo"), ada)
        play.kick(room, scene.ben, ada)
        play.change_person(ada, tz="Europe/Paris")
        button = {
            "type": "button",
            "action_id": "a",
            "value": "v",
            "text": {"type": "plain_text", "text": "x", "emoji": True},
        }
        blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
        post = await scene.client.chat_postMessage(channel=room, text="x", blocks=blocks)
        await scene.client.chat_postMessage(channel=room, text="x", username="Ada", thread_ts=ts)
        play.command(room, ada, "/liaison", "help")
        play.press(room, ada, post["ts"], "a")
        play.shortcut(ada, "note", room, ts)
        play.delete(room, waves)
        play.delete(room, ts)  # it has replies: a tombstone stays
        play.archive(room)
        play.unarchive(room)
        play.kick(room)
        play.kick(scene.private)
        play.revoke()
        await ear.until(lambda: bool(ear.events("tokens_revoked")))
    return [request.payload for request in ear.heard]


@needs_description
@played
async def test_every_event_has_the_fields_and_types_that_are_described(scene: Scene) -> None:
    seen = set()
    for payload in await everything_happens(scene):
        if "event" not in payload:
            continue
        name = description_of(payload["event"])
        seen.add(name)
        theirs = with_message_fields(described("events", name))
        assert not list(differences(payload, theirs)), name
    assert seen >= {f"{name}Payload" for name in SUBTYPES.values()}


@needs_description
@played
async def test_commands_presses_and_shortcuts_are_as_described(scene: Scene) -> None:
    names = {
        "block_actions": "BlockActionPayload",
        "message_action": "MessageShortcutPayload",
        None: "SlashCommandPayload",
    }
    found = [p for p in await everything_happens(scene) if "event" not in p]
    assert len(found) == len(names)
    for payload in found:
        theirs = described("interactivity", names[payload.get("type")])
        assert not list(differences(payload, theirs)), payload.get("type")
