"""What a room shows, message by message, as its own client would; and where rooms disagree."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.slack import Workspace
from bot.sandbox.slack.things import Channel, Message
from tests.end_to_end.matrix_side import MatrixRoom

Json = dict[str, Any]
EMOJI = {"+1": "👍", "eyes": "👀", "tada": "🎉", "fire": "🔥"}
"""The emoji of the tests by Slack's names."""
_NAMED = EMOJI | {"thumbsup": "👍"}
_SPOKEN = frozenset({"", "bot_message", "file_share", "me_message", "thread_broadcast"})
_CAME = re.compile(r"📎 (.+?)(?: \(\d[^()]*\))?: below")
_PROFILE = "com.beeper.per_message_profile"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it stands. `copied`: the bot sent it, in the name of `author`.

    The text of a file without words is its name. `root` is the text of the thread's root,
    `answers` that of the message it replies to; `written` the formatted form (HTML, or Slack's
    blocks as JSON), `how` the subtype or `msgtype`, `file` the Slack file's id or the `mxc://`
    address; the emoji are those of the room's people
    and those that the bot shows.
    """

    id: str
    author: str
    text: str
    copied: bool
    written: str = ""
    root: str = ""
    answers: str = ""
    how: str = ""
    file: str = ""
    edited: bool = False
    people: frozenset[str] = frozenset()
    bot: frozenset[str] = frozenset()


def seen_in_slack(workspace: Workspace, channel: str) -> list[Seen]:
    """A Slack room's messages, oldest first."""
    place = workspace.world.channels[channel]
    return [
        _from_slack(workspace, place, message)
        for message in place.messages.values()
        if message.subtype in _SPOKEN
    ]


def _from_slack(workspace: Workspace, place: Channel, message: Message) -> Seen:
    us = workspace.app.user
    root = place.messages.get(message.thread_ts) if message.is_reply else None
    users: dict[str, set[str]] = {}
    for name, who in message.reactions.items():
        users.setdefault(_NAMED.get(name, name), set()).update(who)
    author = message.username or workspace.world.users[message.user].display_name
    text = html.unescape(message.text)
    if message.files and (message.app or not text):  # the bot says there whose it is
        author = text.removesuffix(":") if message.app else author
        file = workspace.world.files.get(message.files[0])
        text = file.name if file is not None else ""  # it is being taken back
    return Seen(
        message.ts,
        author,
        text,
        bool(message.app),
        json.dumps(message.blocks or [], ensure_ascii=False),
        root=html.unescape(root.text) if root else "",
        how=message.subtype,
        file=message.files[0] if message.files else "",
        edited=message.edited is not None,
        people=frozenset(emoji for emoji, who in users.items() if who - {us}),
        bot=frozenset(emoji for emoji, who in users.items() if us in who),
    )


async def seen_in_matrix(room: MatrixRoom) -> list[Seen]:
    """The Matrix room's messages, oldest first: edits put in, what was redacted left out."""
    events = await room.read()
    gone = {_redacted(event) for event in events if event["type"] == "m.room.redaction"}
    standing = [event for event in events if event["event_id"] not in gone]
    said = [event for event in standing if _says(event)]
    edits = _edits(said)
    firsts = [event for event in said if _relation(event).get("rel_type") != "m.replace"]
    shown = {event["event_id"]: _from_matrix(event, edits, room) for event in firsts}
    for event in firsts:
        related, answered = _relation(event), _answered(event)
        root = related.get("event_id") if related.get("rel_type") == "m.thread" else None
        shown[event["event_id"]] = replace(
            shown[event["event_id"]],
            root=_text_of(shown, root),
            answers=_text_of(shown, answered),
        )
    for event in standing:
        related = _relation(event)
        about = shown.get(str(related.get("event_id")))
        if event["type"] == "m.reaction" and about is not None:
            by = "bot" if event["sender"] == room.bot else "people"
            more: Any = {by: getattr(about, by) | {related["key"]}}
            shown[about.id] = replace(about, **more)
    return list(shown.values())


def _from_matrix(event: Json, edits: Mapping[str, Json], room: MatrixRoom) -> Seen:
    names = {member.user_id: member.name for member in room.members}
    content = edits.get(event["event_id"], event["content"])
    author = content.get(_PROFILE, {}).get("displayname") or names.get(event["sender"], "")
    return Seen(
        event["event_id"],
        author,
        content["body"].removeprefix(f"{author}: "),
        event["sender"] == room.bot,
        content.get("formatted_body", ""),
        how=content["msgtype"],
        file=content.get("url", ""),
        edited=event["event_id"] in edits,
    )


def _edits(said: Iterable[Json]) -> dict[str, Json]:
    """The newest words of each message that its own sender has edited."""
    senders = {event["event_id"]: event["sender"] for event in said}
    return {
        _relation(event)["event_id"]: event["content"]["m.new_content"]
        for event in said
        if _relation(event).get("rel_type") == "m.replace"
        and senders.get(_relation(event)["event_id"]) == event["sender"]
    }


def _says(event: Json) -> bool:
    return event["type"] == "m.room.message" and isinstance(event["content"].get("body"), str)


def _relation(event: Json) -> Json:
    found: Json = event["content"].get("m.relates_to", {})
    return found


def _answered(event: Json) -> str | None:
    related = _relation(event)
    if related.get("is_falling_back"):
        return None
    found: str | None = related.get("m.in_reply_to", {}).get("event_id")
    return found


def _redacted(event: Json) -> str:
    return str(event.get("redacts") or event["content"].get("redacts"))


def _text_of(shown: Mapping[str, Seen], id_: str | None) -> str:
    return shown[id_].text if id_ is not None and id_ in shown else ""


# ── where rooms disagree ────────────────────────────────────────────────────────────────────────


def disagreements(rooms: Mapping[str, Sequence[Seen]]) -> list[str]:
    """Where rooms differ: messages, authors, threads, reactions, order. Texts must be unique."""
    faults: list[str] = []
    rooms = {room: in_place(views) for room, views in rooms.items()}
    for home, views in rooms.items():
        said = [seen for seen in views if not seen.copied]
        for room, others in rooms.items():
            if room != home:
                faults += _missed(said, others, f"{home} in {room}", rooms)
    every = {seen.text for views in rooms.values() for seen in views if not seen.copied}
    for room, views in rooms.items():
        faults += [f"{room} shows {s.text!r} by nobody" for s in views if s.text not in every]
        faults += [fault for seen in views for fault in _misjudged(seen, room, rooms)]
    return faults


def in_place(views: Sequence[Seen]) -> list[Seen]:
    """A room's messages, with each file that came late where the line stands that announced it."""
    placed = list(views)
    for line in views:
        said = _CAME.fullmatch(line.text) if line.copied else None
        both = [] if said is None else [seen for seen in placed if seen.text == said[1]]
        if len(both) != 1 or (both[0].author, both[0].root) != (line.author, line.root):
            continue
        first = min(placed.index(line), placed.index(both[0]))
        placed.remove(line)
        placed.remove(both[0])
        placed.insert(first, both[0])
    return placed


def _missed(
    said: Sequence[Seen],
    shown: Sequence[Seen],
    what: str,
    rooms: Mapping[str, Sequence[Seen]],
) -> list[str]:
    wanted = [(seen.text, seen.author, seen.root) for seen in said]
    texts = {seen.text for seen in said}
    found = [(seen.text, seen.author, seen.root) for seen in shown if seen.copied]
    found = [one for one in found if one[0] in texts]
    faults = [f"{what}: missing {one}" for one in wanted if one not in found]
    faults += [f"{what}: too many of {one}" for one in found if found.count(one) > 1]
    faults += [f"{what}: strange {one}" for one in found if one not in wanted]
    if not faults and wanted != found:
        faults.append(f"{what}: out of order: {[o[0] for o in wanted]} {[o[0] for o in found]}")
    return faults


def _misjudged(seen: Seen, room: str, rooms: Mapping[str, Sequence[Seen]]) -> list[str]:
    """The bot shows what somebody shows in another room, and nothing else."""
    wanted = frozenset(
        emoji
        for other, views in rooms.items()
        if other != room
        for same in views
        if same.text == seen.text
        for emoji in same.people
    )
    if seen.bot == wanted:
        return []
    return [f"{room}: {seen.text!r} has {sorted(seen.bot)}, not {sorted(wanted)}"]
