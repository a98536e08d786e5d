"""Messages, as what waits for somebody's word names them (see `bot.custody.consent`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.custody import consent
from bot.custody.consent import Kind


def about(number: int) -> str:
    """How a message is named in requests."""
    return f"message:{number}"


def number_of(name: str) -> int | None:
    """The message that has this name, None where it is another kind of thing."""
    kind, _, number = name.partition(":")
    return int(number) if kind == "message" and number.isdecimal() else None


def end_words(session: Session, number: int, now: datetime) -> None:
    """A message says something else now: who agreed that it be released agreed to other words."""
    for request in consent.waiting(session, Kind.RELEASE, about(number)):
        consent.close(request, consent.OVER, now)
