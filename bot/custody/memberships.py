"""Since when each team is in a group or shares in a channel, as the store keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.custody.audit import BOT, Act, Action, named, record_all
from bot.custody.effective import Since
from bot.sharing.membership import Circle, Kind, Membership, settled
from bot.sharing.teams import Directory, TeamKey
from bot.store import tables

FOUNDED = TeamKey("")
"""No team: a fact of it covers no moment, and says that its circle has been there since. A team
that comes into an empty circle does not get what was said before."""


@dataclass(frozen=True, slots=True)
class Members:
    """The teams of a circle now. `whole` False: others may be in it, so that none has left;
    `enough`: whether those that are known may count as in it from its beginning.
    """

    teams: frozenset[TeamKey]
    whole: bool = True
    enough: bool = True


@dataclass(frozen=True, slots=True)
class Settled:
    """All facts, and those that are new with this: of teams that came later than their circle."""

    facts: tuple[Membership, ...]
    came: tuple[Membership, ...]


def settle(session: Session, members: Mapping[Circle, Members], now: datetime) -> Settled:
    """Write down who came into a circle, and who left; a circle that is not named any more is
    left by all.
    """
    facts = _stored(session)
    by_circle = grouped(facts)
    changes: list[Membership] = []
    for circle in {**by_circle, **members}:
        found = by_circle.get(circle, ())
        changes += _changes(circle, found, members.get(circle, Members(frozenset())), now)
    if changes:
        _write(session, changes)
        _record(session, changes, by_circle.keys(), now)
        facts = _stored(session)
    came = (each for each in changes if each.until is None and each.since is not None)
    return Settled(tuple(facts), tuple(came))


def standing(
    session: Session, members: Mapping[Circle, Members], now: datetime
) -> tuple[Membership, ...]:
    """The facts as `settle` would leave them, without writing them down: for those who look at a
    store beside a running bot, or before there was one.
    """
    facts = _stored(session)
    by_circle = grouped(facts)
    changes: list[Membership] = []
    for circle, each in members.items():
        if circle not in by_circle:
            changes += _changes(circle, (), each, now)
    return (*facts, *changes)


def grouped(facts: Iterable[Membership]) -> Mapping[Circle, tuple[Membership, ...]]:
    """The facts of each circle."""
    found: dict[Circle, list[Membership]] = {}
    for fact in facts:
        found.setdefault(fact.circle, []).append(fact)
    return {circle: tuple(each) for circle, each in found.items()}


def since_of(
    facts: Mapping[Circle, Sequence[Membership]], directory: Directory, now: datetime
) -> Since:
    """Since when the teams of each group are in it, by its name as people may write it: in lower
    case. One of which nothing is stored came now.
    """
    found: dict[str, dict[TeamKey, datetime | None]] = {}
    for name in directory.groups:
        stored = facts.get(Circle(Kind.GROUP, name), ())
        came = {fact.team: fact.since for fact in stored if fact.until is None}
        found[name.casefold()] = {team: came.get(team, now) for team in directory.members_of(name)}
    return found


def _changes(
    circle: Circle, facts: Sequence[Membership], members: Members, now: datetime
) -> list[Membership]:
    if not facts and not members.enough:
        return []
    teams = members.teams
    if not members.whole:
        teams |= {fact.team for fact in facts if fact.until is None}
    changes = settled(facts, circle, teams, now, founding=not facts)
    return changes if facts else [Membership(FOUNDED, circle, now, now), *changes]


def _stored(session: Session) -> list[Membership]:
    row = tables.Membership
    rows = session.execute(select(row.kind, row.name, row.team, row.since, row.until))
    return [
        Membership(TeamKey(team), Circle(Kind(kind), name), since, until)
        for kind, name, team, since, until in rows
    ]


def _write(session: Session, changes: Iterable[Membership]) -> None:
    row = tables.Membership
    begun: list[dict[str, object]] = []
    for fact in changes:
        kind, name = fact.circle.kind, fact.circle.name
        if fact.until is None or fact.team == FOUNDED:
            values = {"team": fact.team, "since": fact.since, "until": fact.until}
            begun.append({"kind": kind, "name": name, **values})
        else:
            own = (row.kind == kind, row.name == name, row.team == fact.team, row.until.is_(None))
            session.execute(update(row).where(*own).values(until=fact.until))
    if begun:
        session.execute(insert(row), begun)


def _record(
    session: Session, changes: Iterable[Membership], known: Iterable[Circle], now: datetime
) -> None:
    known = set(known)
    record_all(
        session,
        (
            Act(
                BOT,
                fact.team,
                Action.JOINED if fact.until is None else Action.LEFT,
                named(fact.circle.kind, fact.circle.name),
                "" if fact.circle in known else "founding",
            )
            for fact in changes
            if fact.team != FOUNDED
        ),
        now,
    )
