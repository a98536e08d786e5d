"""Exercises: every team of a channel is paged as it would be, and how long that takes is measured.

Nothing of it stands on a real board: its pages have handles of their own, and EXERCISE on every
line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.events import Outgoing, Post, RoomId
from bot.paging import keeping, ladder
from bot.paging.house import House
from bot.paging.keeping import Call
from bot.paging.showing import EXERCISE
from bot.richtext import say
from bot.sharing.teams import TeamKey
from bot.store.tables.paging import Drill
from bot.times.working import Severity


def begin(
    session: Session, house: House, drill: Drill, teams: Sequence[TeamKey], severity: Severity,
    rooms: Sequence[RoomId], now: datetime,
) -> list[Outgoing]:  # fmt: skip
    """Page every team; where it is announced, these rooms hear of it first."""
    outgoing: list[Outgoing] = []
    if drill.announced:
        outgoing += _announced(house, rooms)
    for team in teams:
        wanted = Call(
            team, severity, drill.by, None if drill.by_team is None else TeamKey(drill.by_team),
            keeping.place_of(drill), drill=drill.ref,
        )  # fmt: skip
        _, left = ladder.call(session, house, wanted, now)
        outgoing += left
    return outgoing


def _announced(house: House, rooms: Sequence[RoomId]) -> list[Outgoing]:
    outgoing = []
    for room in rooms:
        words = house.words_in(room)
        text = words("An alert exercise begins. Whoever is rung answers as if it was real.")
        outgoing.append(Outgoing(room, Post(say(f"{EXERCISE} {text}"))))
    return outgoing
