"""The shapes of a homeserver's answers, read strictly; each event stays undecoded in its bytes.

Nothing of an event is looked at before it is known to be for us, and one event that cannot be
read does not spoil the answer it came in.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

DEEPEST = 100
"""Levels of nesting that are read: what lies deeper is replaced by null. Clients use some ten."""

T = TypeVar("T")

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})"  # half of one
    rb"|.)",
    re.DOTALL,
)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


class Timeline(msgspec.Struct):
    """What was said in a room; `limited`: something is missing before it."""

    events: list[msgspec.Raw] = []
    limited: bool = False
    prev_batch: str | None = None


class Events(msgspec.Struct):
    """A list of events."""

    events: list[msgspec.Raw] = []


class Joined(msgspec.Struct):
    """A room that the bot is in."""

    timeline: Timeline = msgspec.field(default_factory=Timeline)
    state: Events = msgspec.field(default_factory=Events)


class Invited(msgspec.Struct):
    """A room that the bot is invited to."""

    invite_state: Events = msgspec.field(default_factory=Events)


class Rooms(msgspec.Struct):
    """The rooms in which something happened."""

    join: dict[str, Joined] = {}
    invite: dict[str, Invited] = {}


class DeviceLists(msgspec.Struct):
    """People whose devices have changed, and those who share no encrypted room any more."""

    changed: list[str] = []
    left: list[str] = []


class Sync(msgspec.Struct):
    """The answer to `/sync`."""

    next_batch: str
    rooms: Rooms = msgspec.field(default_factory=Rooms)
    to_device: Events = msgspec.field(default_factory=Events)
    device_lists: DeviceLists = msgspec.field(default_factory=DeviceLists)
    device_one_time_keys_count: dict[str, int] | None = None
    device_unused_fallback_key_types: list[str] | None = None


class Page(msgspec.Struct):
    """The answer to `/messages`; without an `end` it is the last page."""

    chunk: list[msgspec.Raw] = []
    end: str | None = None
    state: list[msgspec.Raw] = []

    def next_after(self, position: str | None) -> str | None:
        """Where the page after this one, which began at `position`, begins; None if this is last.

        An empty page ends it only with no `end`: filters can leave a page with nothing.
        """
        return None if self.end == position else self.end


class SentEvent(msgspec.Struct):
    """The answer to what was sent."""

    event_id: str


def decode(content: bytes, into: type[T]) -> T:
    """Read an answer; raises `msgspec.MsgspecError` when it is none.

    Half surrogate pairs, which no UTF-8 can hold, become U+FFFD, and what is nested too deeply
    becomes null: both can be in an event that somebody made to harm.
    """
    try:
        return msgspec.json.decode(content, type=into)
    except (msgspec.MsgspecError, RecursionError):
        return msgspec.json.decode(mend(content), type=into)


def mend(content: bytes) -> bytes:
    """The same JSON without halves of surrogate pairs, and at most `DEEPEST` levels deep."""
    whole = _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], content)
    kept: list[bytes] = []
    depth = done = 0
    for token in _TOKEN.finditer(whole):
        bracket = token[0]
        if bracket in b"[{":
            depth += 1
            if depth == DEEPEST + 1:
                kept += (whole[done : token.start()], b"null")
        elif bracket in b"]}":
            depth -= 1
            if depth == DEEPEST:
                done = token.end()
    if depth > DEEPEST:
        return whole
    return b"".join([*kept, whole[done:]])
