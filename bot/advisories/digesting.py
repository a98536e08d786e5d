"""What a digest says of advisories: what was released, and who has yet to acknowledge what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.advisories import keeping, showing, view
from bot.advisories.house import House
from bot.advisories.states import SAYABLE, State
from bot.custody.effective import Marked
from bot.events import RoomId
from bot.sharing.gate import Allowed
from bot.sharing.teams import TeamKey
from bot.store.tables.advisories import Advisory
from bot.words import Words

Told = tuple[str, Marked]
"""A line, and how what it tells is marked."""
_LINE = 50


def out_in(
    session: Session, house: House, channels: Collection[str], room: RoomId
) -> list[Advisory]:
    """What is out in these channels and may be told in a room."""
    return [
        row
        for row in keeping.everyone(session, State.RELEASED)
        if not set(keeping.channels_of(row)).isdisjoint(channels) and _may_hold(house, row, room)
    ]


def released(
    session: Session, house: House, rows: Sequence[Advisory], since: datetime, words: Words
) -> list[Told]:
    """What was released since then."""
    new = [row for row in rows if row.released is not None and row.released > since]
    return [_told(session, house, row, words) for row in new]


def awaited(
    session: Session, house: House, rows: Sequence[Advisory], words: Words,
    team: TeamKey | None = None,
) -> list[Told]:  # fmt: skip
    """What has not been acknowledged by all, or by one team."""
    waits = [row for row in rows if _is_open(session, house, row, team)]
    return [_told(session, house, row, words) for row in waits]


def _may_hold(house: House, row: Advisory, room: RoomId) -> bool:
    custody = house.custody()
    matter = custody.markings.effective(keeping.marked_as(row)).matter
    return isinstance(custody.ask(matter, room), Allowed)


def _is_open(session: Session, house: House, row: Advisory, team: TeamKey | None) -> bool:
    stand = view.shown(session, house, row).stand
    return any(
        each.ack not in SAYABLE for key, each in stand.items() if team is None or key == team
    )


def _told(session: Session, house: House, row: Advisory, words: Words) -> Told:
    shown = view.shown(session, house, row)
    severity = showing.severity_words(shown.document.severity, words)
    title = showing.shortened(shown.document.title, _LINE)
    counts = showing.counts(shown, words)
    line = f"• {shown.document.label} · {severity} · {shown.name} · {title}: {counts}"
    return line, keeping.marked_as(row)
