"""What is decided, after the store was restored from a copy.

What was adopted or broken since the copy is not decided again: its outcome was met in the rooms,
and it has that state and that number. Numbers that belong to nothing in the copy are taken. What
is open still goes on long enough for everybody to say again what was lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import heads, numbering
from bot.custody.identifying import posted_id
from bot.custody.numbering import Number
from bot.decisions import announcing, closing, proposals, showing
from bot.decisions.house import House
from bot.decisions.ledger import writing
from bot.decisions.proposals import HEAD, OUTCOME, State
from bot.events import Outgoing
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision
from bot.store.tables.recovery import Found
from bot.words import message

_ENDED = [state for state in State if state is not State.OPEN]
_AGAIN = message(
    "I was restored from a copy of {when}: what was said to this since then is lost, say it again."
)


@dataclass(frozen=True, slots=True)
class Copy:
    """When the copy was made, and what was met in the rooms since, of the bot's own."""

    made: datetime
    found: Sequence[Found]


def recover(session: Session, house: House, copy: Copy, now: datetime) -> list[Outgoing]:
    """Take what was found as used; what is to be told."""
    outgoing: list[Outgoing] = []
    lost: dict[str, list[str]] = {}
    _give_numbers(session, copy.found, now)
    for row in _open(session):
        outcome = _outcome(session, row, copy.found)
        if outcome is not None:
            state, each = outcome
            outgoing += closing.found(session, house, row, state, each.said, now)
    for number in _numbers(copy.found):
        if house.series().get(number.series) is not None and numbering.take(session, number, now):
            lost.setdefault(number.series, []).append(str(number))
    for run in house.series():
        _go_on(session, run.name, copy, lost.get(run.name, []), now)
    for row in _open(session):
        outgoing += _again(session, house, row, copy.made, now)
    return outgoing


def _give_numbers(session: Session, found: Iterable[Found], now: datetime) -> None:
    """What had no number in the copy, and was posted with one since, has that one."""
    rows = session.execute(select(Reference).where(Reference.number.is_(None))).scalars().all()
    named = [(each, number) for each in found for number in _numbers([each])]
    for row in rows:
        for each, number in named:
            kinds = [(HEAD, ""), *((OUTCOME, str(state)) for state in _ENDED)]
            if any(
                posted_id(session, row.handle, kind, each.room, 0, mark) == each.delivery
                for kind, mark in kinds
            ) and numbering.give(session, row, number, now):
                break


def _outcome(session: Session, row: Decision, found: Iterable[Found]) -> tuple[State, Found] | None:
    """How something ended that was open in the copy, where the outcome was met in a room."""
    for each in found:
        for state in _ENDED:
            if posted_id(session, row.ref, OUTCOME, each.room, 0, state) == each.delivery:
                return state, each
    return None


def _numbers(found: Iterable[Found]) -> list[Number]:
    names = (name for each in found for name in msgspec.json.decode(each.numbers, type=list[str]))
    read = (numbering.read_number(name) for name in names)
    return list(dict.fromkeys(each for each in read if each is not None))


def _go_on(session: Session, series: str, copy: Copy, lost: list[str], now: datetime) -> None:
    """Write down that the chain goes on after a restore, where there is one."""
    own = writing.head(session, series)
    posts = [(e.delivery, e.room, e.said, e.head) for e in copy.found if e.head is not None]
    told = heads.found(session, series, posts, copy.made, now)
    at = (0, b"") if told is None else (told.number, bytes.fromhex(told.hash))
    if not own[0] and not at[0] and not lost:
        return
    reference = numbering.begin(session, numbering.LOST, "x", series, now)
    body = {"copied": copy.made.isoformat(), "numbers": sorted(lost)}
    writing.go_on(session, reference, at, body, now)


def _again(
    session: Session, house: House, row: Decision, copied: datetime, now: datetime
) -> list[Outgoing]:
    """What was said since the copy is lost: everybody is told, and has at least the grace to say
    it again.
    """
    told = announcing.announce(
        session, house, row,
        lambda shown, words: words(_AGAIN, when=showing.instants(copied, shown.zones)),
    )  # fmt: skip
    until = now + timedelta(seconds=proposals.terms_of(row).grace)
    if row.expires is None or row.expires >= until:
        return told
    return [*told, *closing.extend(session, house, row, until, "restored", now, None)]


def _open(session: Session) -> list[Decision]:
    where = Decision.state == State.OPEN
    return list(session.execute(select(Decision).where(where).order_by(Decision.opened)).scalars())
