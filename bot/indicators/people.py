"""What people ask of the indicators beside looking up: watches, contributions, their quota."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Executable, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.indicators.named import read_values
from bot.indicators.observable import Kind, Observable
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight, read_marked
from bot.indicators.sources import intern
from bot.indicators.things import Said
from bot.indicators.versions import is_news
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey
from bot.store.tables.indicators import Asked, Contribution, Interned, Tide, Watch

_strings = msgspec.json.Decoder(tuple[str, ...]).decode
_LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"
LASTS = timedelta(days=7)
"""How long a contribution waits for a second team."""
BELOW, WORD = "below", "text"
"""What one can watch beside values: all below a domain, a word in names and labels."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A watch, as it is stored."""

    id: int
    person: str
    team: TeamKey | None
    kind: str
    value: str
    place: str
    seen: int


@dataclass(frozen=True, slots=True)
class Appeared:
    """An object that is new, or new in this version, as a watcher may see it."""

    number: int
    kind: str
    name: str
    labels: tuple[str, ...]
    said: tuple[Said, ...]
    marked: Marked


def watch(
    session: Session, person: str, team: TeamKey | None, kind: str, value: str, place: str,
    now: datetime,
) -> bool:  # fmt: skip
    """Tell a person at a place when anything new is said; False where they are told already."""
    own = (Watch.person == person, Watch.kind == kind, Watch.value == value)
    if session.execute(select(Watch.id).where(*own)).first() is not None:
        return False
    last = session.execute(select(Tide.last)).scalar_one()
    values = {"person": person, "team": team, "kind": kind, "value": value, "place": place}
    session.execute(insert(Watch).values(**values, since=now, seen=last))
    return True


def unwatch(session: Session, person: str, kind: str, value: str) -> bool:
    """Tell them no more; False where they were not."""
    own = (Watch.person == person, Watch.kind == kind, Watch.value == value)
    gone = session.execute(delete(Watch).where(*own).returning(Watch.id)).all()
    return bool(gone)


def watches(
    session: Session, person: str | None = None, *, before: int | None = None
) -> list[Watched]:
    """Every watch, or a person's own, in the order in which they were begun; `before`: those that
    have not been looked after up to this object.
    """
    rows = select(
        Watch.id, Watch.person, Watch.team, Watch.kind, Watch.value, Watch.place, Watch.seen
    ).order_by(Watch.id)
    if person is not None:
        rows = rows.where(Watch.person == person)
    if before is not None:
        rows = rows.where(Watch.seen < before)
    return [
        Watched(
            row.id,
            row.person,
            None if row.team is None else TeamKey(row.team),
            row.kind,
            row.value,
            row.place,
            row.seen,
        )
        for row in session.execute(rows)
    ]


def appeared(
    session: Session, sight: Sight, after: int, most: int = 1000
) -> tuple[list[Appeared], int]:
    """The objects after a number that an audience may see, `most` of them, and up to which number
    was looked. How many come together does not tell what lies between them that it may not see.
    """
    asking, found = Asking(session), list[Appeared]()
    last = session.execute(select(Tide.last)).scalar_one()
    while rows := asking.rows(_APPEARED, (after, most)):
        sight.learn(asking, {row[5] for row in rows})
        for number, kind, name, labels, named, marking, said, past in rows:
            if sight.sees(marking, said) and is_news(asking, sight, past):
                values, marked = tuple(read_values(named)), sight.marked(marking)
                words = _strings(labels) if labels else ()
                found.append(Appeared(number, kind, name, words, values, marked))
                if len(found) == most:
                    return found, number
        after = rows[-1][0]
    # What was removed meanwhile has no row: it is passed by all the same.
    return found, max(after, last)


def looked_until(session: Session, watched: Sequence[int], number: int) -> None:
    """These watches were looked after up to an object."""
    session.execute(update(Watch).where(Watch.id.in_(watched)).values(seen=number))


def propose(
    session: Session, person: str, team: TeamKey, value: Observable, marking: Marking, note: str,
    reason: str, now: datetime,
) -> str:  # fmt: skip
    """Keep a contribution that needs a second team; its handle."""
    handle = "c-" + "".join(secrets.choice(_LETTERS) for _ in range(6))
    session.execute(
        insert(Contribution).values(
            handle=handle,
            person=person,
            team=team,
            kind=value.kind,
            value=value.value,
            note=note,
            marking=intern(Asking(session), marking, team),
            reason=reason,
            created=now,
        )
    )
    return handle


@dataclass(frozen=True, slots=True)
class Proposed:
    """A contribution that waits for a second team."""

    handle: str
    person: str
    team: TeamKey
    value: Observable
    marked: Marked
    note: str
    reason: str


def proposed(session: Session, handle: str) -> Proposed | None:
    """The contribution by this handle, None where none waits."""
    row = session.execute(_WAITING.where(Contribution.handle == handle)).first()
    return None if row is None else _proposed(*row)


def lapsed(session: Session, now: datetime) -> list[Proposed]:
    """The contributions that nobody has answered in time."""
    old = _WAITING.where(Contribution.created <= now - LASTS).order_by(Contribution.id)
    return [_proposed(*row) for row in session.execute(old)]


def _proposed(found: Contribution, marking: Interned) -> Proposed:
    marked = read_marked(marking.label, marking.releasable, marking.originator)
    value = Observable(Kind(found.kind), found.value)
    team = TeamKey(found.team)
    return Proposed(found.handle, found.person, team, value, marked, found.note, found.reason)


def close(
    session: Session, handle: str, by: TeamKey | None, now: datetime, *, agreed: bool
) -> bool:
    """A second team agreed to a contribution or refused it, or (None) none did in time; False
    where it waits no more. Which value it was is not kept.
    """
    waits = (Contribution.handle == handle, Contribution.closed.is_(None))
    kept = {"value": "", "note": ""}
    done = update(Contribution).where(*waits).values(closed=now, by=by, agreed=agreed, **kept)
    return bool(session.execute(done.returning(Contribution.id)).all())


def count_bulk(session: Session, person: str, team: TeamKey, values: int, now: datetime) -> int:
    """Count values that a person looks up; how many their team's are on this day (of UTC)."""
    day, connection = _day(now), session.connection()
    count = _COUNT[connection.dialect.name]
    asked = {"person": person, "day": day, "team": team, "values": values, "told": False}
    connection.execute(count, asked)
    return int(connection.execute(_COUNTED, {"on": day, "whose": team}).scalar_one())


def is_first_over(session: Session, team: TeamKey, now: datetime) -> bool:
    """Whether nobody was told yet today that a team has reached the quota; they are now."""
    own = (Asked.team == team, Asked.day == _day(now))
    if session.execute(select(Asked.person).where(*own, Asked.told).limit(1)).first() is not None:
        return False
    session.execute(update(Asked).where(*own).values(told=True))
    return True


def forget_days(session: Session, before: datetime) -> int:
    """How many days of quotas were forgotten: those before one."""
    day = _day(before)
    count = session.execute(select(func.count()).where(Asked.day < day)).scalar_one()
    session.execute(delete(Asked).where(Asked.day < day))
    return count


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _counting(insert: Callable[..., Any]) -> Executable:
    draft = insert(Asked)
    more = {"values": Asked.values + draft.excluded["values"], "team": draft.excluded.team}
    statement: Executable = draft.on_conflict_do_update(index_elements=["person", "day"], set_=more)
    return statement


_COUNT = {"sqlite": _counting(sqlite.insert), "postgresql": _counting(postgresql.insert)}
_COUNTED = select(func.sum(Asked.values)).where(
    Asked.day == bindparam("on"), Asked.team == bindparam("whose")
)
_WAITING = (
    select(Contribution, Interned)
    .join(Interned, Interned.id == Contribution.marking)
    .where(Contribution.closed.is_(None))
)
_APPEARED = (
    "SELECT id, kind, name, labels, named, marking, said, past FROM indicator_object "
    "WHERE id > ? ORDER BY id LIMIT ?"
)
