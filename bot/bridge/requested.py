"""Messages, as what waits for somebody's word names them (see `bot.custody.consent`)."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from bot.bridge.linking import Place
from bot.custody import consent
from bot.custody.consent import Kind
from bot.events import PersonId


class Fetch(msgspec.Struct, frozen=True):
    """Why a message is fetched: `released`: when it was released, None where its author marked it
    anew; `place`: where the one who asked can be told what has become of it; `stands`: only what
    stands of it is to say how it is marked now.
    """

    released: datetime | None = None
    place: Place | None = None
    stands: bool = False


def about(number: int) -> str:
    """How a message is named in requests."""
    return f"message:{number}"


def number_of(name: str) -> int | None:
    """The message that has this name, None where it is another kind of thing."""
    kind, _, number = name.partition(":")
    return int(number) if kind == "message" and number.isdecimal() else None


def fetch(session: Session, number: int, by: PersonId, wanted: Fetch, now: datetime) -> None:
    """Have a message fetched, and given to the rooms that may have it and do not."""
    consent.ask(session, Kind.FETCH, about(number), by, None, wanted, now)


def end_words(session: Session, number: int, now: datetime) -> None:
    """A message says something else now: who agreed that it be released agreed to other words."""
    for request in consent.waiting(session, Kind.RELEASE, about(number)):
        consent.close(request, consent.OVER, now)
