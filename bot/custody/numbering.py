"""Numbers and handles: what people call an advisory, a decision, a proposal.

Each gets a handle when it begins (`p-7kq2m`: random, of no series) and, when it is adopted or
released, the next number of its series (`RTF-2026-014`). Both find it for ever, and neither says
anything of what others may not know: a series has one audience, and runs without gaps.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.custody.consent import LETTERS
from bot.store.tables import Reference
from config.series import Run

_NUMBER = re.compile(r"([A-Z][A-Z0-9]{0,64})-([0-9]{4})-([0-9]{3,9})", re.IGNORECASE)
_SPOKEN = re.compile(rf"(?<![\w-]){_NUMBER.pattern}(?![\w-])", re.IGNORECASE)
_LENGTH = 5


class Number(NamedTuple):
    """A place in a series. Each year begins at 1."""

    series: str
    year: int
    number: int

    def __str__(self) -> str:
        """As people write it: three digits or more."""
        return f"{self.series}-{self.year}-{self.number:03d}"


class SeriesList:
    """Every series of the settings that hold."""

    def __init__(self, series: Iterable[Run]) -> None:
        self._of = {(channel, each.group): each for each in series for channel in each.channels}
        self._named = {each.name: each for each in self._of.values()}

    def get(self, name: str) -> Run | None:
        """The series of that name."""
        return self._named.get(name)

    def __iter__(self) -> Iterator[Run]:
        """All of them."""
        return iter(self._named.values())

    def of(self, channel: str, group: str | None) -> Run | None:
        """The series for a group's teams in a channel; None where the settings have none, so that
        nothing for these teams alone can have a number.
        """
        return self._of.get((channel, group))


def begin(session: Session, kind: str, prefix: str, series: str, now: datetime) -> Reference:
    """Give something that begins its handle. `kind`: what it is (`advisory`, `decision`)."""
    row = Reference(handle=_free_handle(session, prefix), kind=kind, series=series, created=now)
    session.add(row)
    session.flush()
    return row


def number(session: Session, row: Reference, now: datetime) -> Number:
    """Give it the next number of its series, in the transaction in which it is adopted or
    released; what has one keeps it.
    """
    if row.year is None or row.number is None:
        row.year = now.astimezone(UTC).year
        same = (Reference.series == row.series, Reference.year == row.year)
        last = session.execute(select(func.max(Reference.number)).where(*same)).scalar()
        row.number, row.numbered = (last or 0) + 1, now
        session.flush()
    return Number(row.series, row.year, row.number)


def take(session: Session, taken: Number, now: datetime) -> bool:
    """Take a number out of the run that was found used in a room, after a store was restored from
    a copy that does not know it; False where it is known.
    """
    if _by_number(session, taken) is not None:
        return False
    row = begin(session, LOST, "x", taken.series, now)
    row.year, row.number, row.numbered = taken.year, taken.number, now
    session.flush()
    return True


def give(session: Session, row: Reference, found: Number, now: datetime) -> bool:
    """Give something the number that it was found to have in a room, after a restore; False where
    that is another's.
    """
    if row.series != found.series or row.number is not None or _by_number(session, found):
        return False
    row.year, row.number, row.numbered = found.year, found.number, now
    session.flush()
    return True


LOST = "lost"
"""The kind of what a restored store knows nothing of but its number."""


def shown(row: Reference) -> str:
    """What people call it now: its number, or its handle as long as it has none."""
    if row.year is None or row.number is None:
        return row.handle
    return str(Number(row.series, row.year, row.number))


def find(session: Session, typed: str) -> Reference | None:
    """What has this number or handle, as somebody typed it."""
    typed = typed.strip()
    found = read_number(typed)
    if found is not None:
        return _by_number(session, found)
    return session.get(Reference, typed.lower())


def read_number(text: str) -> Number | None:
    """The number that a text is, None where it is none."""
    found = _NUMBER.fullmatch(text.strip())
    return None if found is None else _read(found)


def spoken(text: str) -> Iterator[tuple[int, int, Number]]:
    """Where a text speaks of which number: from and to which character."""
    for found in _SPOKEN.finditer(text):
        yield found.start(), found.end(), _read(found)


def numbers_in(text: str) -> list[Number]:
    """The numbers that a text speaks of, each once, in its order."""
    return list(dict.fromkeys(_read(found) for found in _SPOKEN.finditer(text)))


def _read(found: re.Match[str]) -> Number:
    return Number(found[1].upper(), int(found[2]), int(found[3]))


def _by_number(session: Session, wanted: Number) -> Reference | None:
    where = (
        Reference.series == wanted.series,
        Reference.year == wanted.year,
        Reference.number == wanted.number,
    )
    return session.execute(select(Reference).where(*where)).scalar_one_or_none()


def _free_handle(session: Session, prefix: str) -> str:
    while True:
        handle = f"{prefix}-{''.join(secrets.choice(LETTERS) for _ in range(_LENGTH))}"
        if session.get(Reference, handle) is None:
            return handle
