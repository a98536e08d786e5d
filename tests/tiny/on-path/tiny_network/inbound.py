"""A line of the server as an event: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.events import (
    AccountId,
    Arrival,
    Author,
    CommandTyped,
    DeliveryId,
    Event,
    Ignored,
    Mark,
    MessageId,
    MessagePosted,
    Unreadable,
    person_id,
    room_id,
)
from bot.richtext import say


def read(account: AccountId, line: dict[str, Any], *, live: bool = True) -> Arrival:
    """What a line means; one of an unknown shape is a value too."""
    event: Event
    try:
        event = _event(account, line)
    except (KeyError, TypeError, ValueError):
        event = Unreadable("line")
    mark = Mark(event.room, event.message) if isinstance(event, MessagePosted) else None
    return Arrival(event, mark, live=live)


def _event(account: AccountId, line: dict[str, Any]) -> Event:
    kind = line["event"]
    if kind not in {"message", "command"}:
        return Ignored("unknown") if isinstance(kind, str) else Unreadable("event")
    room = room_id(account, str(line["room"]))
    author = Author(person_id(account, str(line["by"]).lower()), str(line["by"]), line["by"] == "")
    said = datetime.fromtimestamp(float(line["at"]), UTC)
    if kind == "command":
        return CommandTyped(room, str(line["n"]), author, str(line["text"]), said)
    own = line.get("delivery")
    return MessagePosted(
        room,
        MessageId(f"{int(line['n']):08d}"),
        author,
        say(str(line["text"])),
        said,
        own=None if own is None else DeliveryId(own),
    )
