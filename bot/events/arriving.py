"""What arrives: an event, how far its source has been read with it, and how to acknowledge it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.events.found import (
    Ignored,
    LeftOut,
    Moved,
    RoomRead,
    RosterChanged,
    StretchRead,
    Undeliverable,
    Unreadable,
)
from bot.events.said import (
    CommandTyped,
    FormFilled,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Pinned,
    Reacted,
    TopicChanged,
)

Event = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | Reacted
    | StretchRead
    | LeftOut
    | TopicChanged
    | Pinned
    | Moved
    | RosterChanged
    | RoomRead
    | CommandTyped
    | FormFilled
    | Ignored
    | Unreadable
    | Undeliverable
)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a source has been read: committed in the same transaction as the event it is with.

    `scope` is a room's id, or an account's where the network has one position for all its rooms;
    `position` is the network's own (Slack's `ts`, Matrix's sync token).
    """

    scope: str
    position: str


async def _no_acknowledgement(response: object = None) -> None:
    """For what needs none (history, a sync stream)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, the mark that goes with it, and how to acknowledge it.

    `acknowledge` is called once, after the commit; `response` is what the network should show at
    once, if it can (a modal's errors). `live` is False for what comes from history. `received`
    is the `time.perf_counter()` at which its bytes were read, for measuring.
    `moment` orders what happens in one room, as text, where the network says when it happened.
    """

    event: Event
    mark: Mark | None = None
    acknowledge: Callable[..., Awaitable[None]] = _no_acknowledgement
    live: bool = True
    received: float = 0.0
    moment: str = ""
