"""What is asked before something is sent: the gate, what is frozen, what the network allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.events import (
    Content,
    RoomId,
)
from bot.sharing.gate import ALLOWED, Denied, Verdict


def no_double(_room: RoomId) -> bool:
    """Every room is a conversation of its own."""
    return False


class Gate(Protocol):
    """What is asked right before something is sent (see `bot.delivery.admission`)."""

    def admit(self, session: Session, row: Row[Any]) -> Verdict:
        """Whether a delivery may go now; `row` as of `advance`."""

    def refuse(
        self, session: Session, row: Row[Any], content: Content, denied: Denied, now: datetime
    ) -> set[str]:
        """End a delivery that may not, with what follows from that; the lanes to wake."""


class NoGate:
    """Lets everything pass: for what has nothing to keep."""

    def admit(self, session: Session, row: Row[Any]) -> Verdict:
        """It may."""
        del session, row
        return ALLOWED

    def refuse(
        self, session: Session, row: Row[Any], content: Content, denied: Denied, now: datetime
    ) -> set[str]:
        """Never asked."""
        raise NotImplementedError


_NO_GATE = NoGate()


class Stops(Protocol):
    """Says whether what was written for a room then, perhaps for one person alone, has to wait:
    see `bot.custody.frozen`.
    """

    def __call__(self, room: RoomId, written: datetime, /, *, private: bool) -> bool:
        """Whether it has to wait."""


def never(_room: RoomId, _written: datetime, /, *, private: bool) -> bool:
    """Nothing is frozen and nothing paused."""
    del private
    return False


class Dress(Protocol):
    """Gives what is handed to the network of a delivery's content (see `bot.delivery.numbered`)."""

    def __call__(self, session: Session, row: Row[Any], content: Content, /) -> Content:
        """What is handed over; nothing of it is kept."""


def as_it_is(_session: Session, _row: Row[Any], content: Content, /) -> Content:
    """The content itself."""
    return content


@dataclass(frozen=True, slots=True)
class Rules:
    """What `advance` needs to know of the lane's network, and the gate."""

    session: str
    """The session that would send now (see `Platform.session`)."""
    idempotent_for: timedelta
    request_timeout: timedelta
    resend_privates: bool
    gate: Gate = _NO_GATE
    stops: Stops = never
    doubles: Callable[[RoomId], bool] = no_double
    """Whether a room is another configured one (see `bot.delivery.doubles`): it gets no copies."""
    buttons: bool = False
    """The bot's own reactions do not stand for controls there: they are buttons, or words alone."""
    dress: Dress = as_it_is
