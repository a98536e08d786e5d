"""Who is on duty for a team, and who stands in: by their own word, by the rota, by the settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from bot.paging.turns import next_turn, order, turn
from bot.sharing.teams import Team, TeamKey
from bot.store.tables.paging import Rota, Shift
from bot.times.zones import read_zone

_people = msgspec.json.Decoder(list[tuple[str, str]]).decode


@dataclass(frozen=True, slots=True)
class Someone:
    """A person in normal form, and what they are called where that is known."""

    member: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is on duty now, and who stands in for them. `until`: when that is over, where it is
    known; `by_rota`: whether the rota says so.
    """

    people: tuple[Someone, ...] = ()
    deputies: tuple[Someone, ...] = ()
    until: datetime | None = None
    by_rota: bool = False


def watch_of(session: Session, team: Team, now: datetime) -> Watch:
    """Who is on duty for a team now. Who has said so comes before the rota, the rota before the
    settings, of which the first is on duty and the others stand in.
    """
    shifts, rota = standing(session, team.key, now), rota_of(session, team.key)
    turns = [] if rota is None else _turns(rota, now)
    settled = [Someone(each) for each in team.duty]
    if shifts:
        people = [Someone(each.member, each.name) for each in shifts]
        named = [Someone(e.deputy, e.deputy_name or "") for e in shifts if e.deputy is not None]
        until = min((each.until for each in shifts if each.until is not None), default=None)
        return _watch(people, named or turns or settled, until)
    if rota is not None:
        at = next_turn(rota.said, read_zone(rota.zone), rota.since, now)
        return _watch(turns[:1], turns[1:2] or settled, at, by_rota=True)
    return _watch(settled[:1], settled[1:])


def standing(session: Session, team: TeamKey, now: datetime) -> Sequence[Shift]:
    """The shifts that people have now, the newest first."""
    return _shifts(session, team, Shift.since <= now, _not_over(now), newest=True)


def coming(session: Session, team: TeamKey, now: datetime) -> Sequence[Shift]:
    """The shifts that are still to come, the next first."""
    return _shifts(session, team, Shift.since > now)


def rota_of(session: Session, team: TeamKey) -> Rota | None:
    """A team's rota."""
    return session.get(Rota, team)


def people_of(rota: Rota) -> list[Someone]:
    """Those who take turns."""
    return [Someone(member, name) for member, name in _people(rota.people)]


def begin(
    session: Session,
    team: TeamKey,
    who: Someone,
    by: str,
    since: datetime,
    until: datetime | None,
    deputy: Someone | None,
) -> Shift:
    """Somebody is on duty; their shifts that overlap this one are cut at its beginning."""
    end(session, team, who.member, since)
    row = Shift(
        team=team, member=who.member, name=who.name, since=since, until=until, by=by,
        deputy=None if deputy is None else deputy.member,
        deputy_name=None if deputy is None else deputy.name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def end(session: Session, team: TeamKey, member: str, now: datetime) -> bool:
    """Somebody is on duty no more; whether they were."""
    found = _shifts(session, team, Shift.member == member, Shift.since <= now, _not_over(now))
    for each in found:
        each.until = now
    session.flush()
    return bool(found)


def take_turns(
    session: Session, team: TeamKey, people: Iterable[Someone], said: str, zone: str, by: str,
    now: datetime,
) -> None:  # fmt: skip
    """People take turns from now on; the team's rota of before is over."""
    end_turns(session, team)
    listed = msgspec.json.encode([(each.member, each.name) for each in people]).decode()
    session.add(Rota(team=team, said=said, zone=zone, since=now, people=listed, by=by))
    session.flush()


def end_turns(session: Session, team: TeamKey) -> bool:
    """The team has a rota no more; whether it had."""
    row = rota_of(session, team)
    if row is not None:
        session.delete(row)
        session.flush()
    return row is not None


def _turns(rota: Rota, now: datetime) -> list[Someone]:
    people = {each.member: each for each in people_of(rota)}
    first = turn(rota.said, read_zone(rota.zone), rota.since, now, len(people))
    return [people[each] for each in order(first, list(people))]


def _watch(
    people: Sequence[Someone],
    deputies: Sequence[Someone],
    until: datetime | None = None,
    *,
    by_rota: bool = False,
) -> Watch:
    on = {each.member for each in people}
    return Watch(
        tuple(people), tuple(each for each in deputies if each.member not in on), until, by_rota
    )


def _not_over(now: datetime) -> ColumnElement[bool]:
    return or_(Shift.until.is_(None), Shift.until > now)


def _shifts(
    session: Session, team: TeamKey, *where: ColumnElement[bool], newest: bool = False
) -> Sequence[Shift]:
    first = (Shift.since.desc(), Shift.id.desc()) if newest else (Shift.since, Shift.id)
    found = select(Shift).where(Shift.team == team, *where).order_by(*first)
    return session.execute(found).scalars().all()
