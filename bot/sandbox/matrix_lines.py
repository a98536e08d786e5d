"""The events of Matrix rooms as the lines that a client shows. Pure but for what it has seen.

A client of its own on purpose, with nothing of the bot's converters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from bot.sandbox.board import Attachment, Button, Key, Line, Reaction, taken_back

_BOT = "Liaison"
_PROFILE = "com.beeper.per_message_profile"
_FILES = frozenset({"m.file", "m.image", "m.audio", "m.video"})

Event = Mapping[str, Any]


class _Reacted(NamedTuple):
    line: Key
    emoji: str
    name: str


class Lines:
    """What the events so far show, by message."""

    def __init__(self, board_room: str, names: Mapping[str, str], bot: str) -> None:
        """`names` of people by user id; everybody else is called Liaison."""
        self._room = board_room
        self._names = names
        self._bot = bot
        self._lines: dict[Key, Line] = {}
        self._senders: dict[Key, str] = {}
        self._reactions: dict[str, _Reacted] = {}

    def read(self, events: Iterable[Event], only_for: str | None = None) -> Iterator[Line]:
        """Each line that the events make or change, as it is then."""
        for event in events:
            content = event.get("content")
            if not isinstance(content, Mapping):
                continue
            read = self._READERS.get(str(event.get("type")))
            line = read(self, event, content, only_for) if read else None
            if line is not None:
                self._lines[line.key] = line
                yield line

    def reactions_of(self, message: str, emoji: str, name: str) -> list[str]:
        """The events by which somebody put an emoji under a message."""
        wanted = _Reacted(Key(self._room, message), emoji, name)
        return [event for event, reacted in self._reactions.items() if reacted == wanted]

    def _message(self, event: Event, content: Event, only_for: str | None) -> Line | None:
        body, key = content.get("body"), Key(self._room, str(event["event_id"]))
        if not isinstance(body, str):
            return None
        relation = content.get("m.relates_to")
        relation = relation if isinstance(relation, Mapping) else {}
        if relation.get("rel_type") == "m.replace":
            return self._edit(event, content, Key(self._room, str(relation.get("event_id"))))
        sender = event["sender"]
        self._senders[key] = sender
        author, text = _who_and_what(content, body, self._name(sender))
        files = _files(content)
        answered = _answered(relation)
        return Line(
            key=key,
            author=author,
            said=datetime.fromtimestamp(event["origin_server_ts"] / 1000, UTC),
            text="" if files and text == files[0].name else text,
            by_bot=sender == self._bot,
            only_for=only_for,
            answers=None if answered is None else Key(self._room, answered),
            files=files,
        )

    def _edit(self, event: Event, content: Event, key: Key) -> Line | None:
        line, new = self._lines.get(key), content.get("m.new_content")
        body = new.get("body") if isinstance(new, Mapping) else None
        if line is None or line.taken_back or not isinstance(body, str):
            return None
        if event["sender"] != self._senders[key]:
            return None
        _, text = _who_and_what(content["m.new_content"], body, line.author)
        return replace(line, text=text, edited=True)

    def _reaction(self, event: Event, content: Event, _only_for: str | None) -> Line | None:
        relation = content.get("m.relates_to")
        if not isinstance(relation, Mapping) or relation.get("rel_type") != "m.annotation":
            return None
        key = Key(self._room, str(relation.get("event_id")))
        name = self._name(event["sender"])
        self._reactions[event["event_id"]] = _Reacted(key, str(relation.get("key")), name)
        return self._counted(key)

    def _redaction(self, event: Event, content: Event, _only_for: str | None) -> Line | None:
        gone = str(event.get("redacts") or content.get("redacts"))
        reacted = self._reactions.pop(gone, None)
        if reacted is not None:
            return self._counted(reacted.line)
        line = self._lines.get(Key(self._room, gone))
        return None if line is None else taken_back(line)

    def _counted(self, key: Key) -> Line | None:
        line = self._lines.get(key)
        if line is None or line.taken_back:
            return None
        people: dict[str, list[str]] = {}
        for reacted in self._reactions.values():
            if reacted.line == key:
                people.setdefault(reacted.emoji, []).append(reacted.name)
        shown = tuple(Reaction(emoji, tuple(names)) for emoji, names in people.items())
        return replace(line, reactions=shown, buttons=_controls(line, shown))

    def _name(self, sender: str) -> str:
        return self._names.get(sender, _BOT)

    _READERS: Mapping[str, Callable[[Lines, Event, Event, str | None], Line | None]] = {
        "m.room.message": _message,
        "m.reaction": _reaction,
        "m.room.redaction": _redaction,
    }


def _controls(line: Line, reactions: Iterable[Reaction]) -> tuple[Button, ...]:
    """The bot's own reactions to its own words: there to be joined."""
    if not line.by_bot or line.author != _BOT:
        return ()
    return tuple(
        Button(each.emoji, each.emoji, "plain") for each in reactions if _BOT in each.people
    )


def _who_and_what(content: Event, body: str, sender: str) -> tuple[str, str]:
    """The author's name and the text, without the fallback for clients that know no profiles.

    Per-message profiles are MSC4144; their fallback is the name, a colon and a space.
    """
    profile = content.get(_PROFILE)
    name = profile.get("displayname") if isinstance(profile, Mapping) else None
    if not isinstance(name, str):
        return sender, body
    return name, body.removeprefix(f"{name}: ")


def _files(content: Event) -> tuple[Attachment, ...]:
    if content.get("msgtype") not in _FILES:
        return ()
    name, info = content.get("filename") or content["body"], content.get("info")
    size = info.get("size") if isinstance(info, Mapping) else None
    return (Attachment(str(name), size if isinstance(size, int) else None),)


def _answered(relation: Event) -> str | None:
    """The root of a message's thread, or the message that it answers."""
    answered: object = relation.get("event_id")
    if relation.get("rel_type") != "m.thread":
        reply = relation.get("m.in_reply_to")
        answered = reply.get("event_id") if isinstance(reply, Mapping) else None
    return answered if isinstance(answered, str) else None
