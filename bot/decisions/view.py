"""A proposal as its readers may know it now, gathered from the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.decisions import proposals
from bot.decisions.house import House
from bot.decisions.proposals import State
from bot.decisions.reminders import left_of
from bot.decisions.showing import Shown
from bot.decisions.silence import Awaited
from bot.decisions.voices import Stance, latest
from bot.sharing.teams import Directory, TeamKey
from bot.store.tables.decisions import Decision


def shown(session: Session, house: House, row: Decision, *, whole: bool = True) -> Shown:
    """How it stands. Not the `whole` of it is for those to whom it was released: nothing of what
    others had said before (`proposals.is_for_all`).
    """
    directory = house.directory()
    roster = tuple(proposals.delegates_of(row))
    is_open = row.state == State.OPEN  # whom it has reached nobody asks of what has ended
    reached = proposals.reached(session, row) if is_open else dict.fromkeys(roster)
    every = proposals.said_to(session, row)
    voices = [each for each in every if whole or proposals.is_for_all(row, each)]
    hidden = proposals.terms_of(row).secret and is_open
    unsure = [each.team for each in voices if each.confirmed is None and not each.ruling]
    standing = latest(voices)
    stances: dict[TeamKey, Stance | None] = {
        team: None if hidden else voice.stance for team, voice in sorted(standing.items())
    }
    awaited = None if row.waiting is None else Awaited(row.waiting)
    return Shown(
        name=numbering.shown(proposals.reference_of(session, row)),
        marking=proposals.marked_as(row).marking,
        method=row.method,
        state=State(row.state),
        text=proposals.text_of(session, row) or "—",
        expires=None if awaited is Awaited.CHAIR else row.expires,
        proposer=_name(directory, row.team),
        names={team: _name(directory, team) for team in {*roster, *standing}},
        roster=roster,
        unreached=tuple(team for team in roster if team not in reached),
        stances=stances,
        zones=zones(directory, roster),
        left=left_of(proposals.told_of(row)) if is_open and awaited is None else None,
        awaited=awaited,
        released=proposals.released_at(row),
        awaits=_awaits(awaited, [team for team in roster if team not in reached], unsure),
    )


def zones(directory: Directory, teams: Iterable[TeamKey]) -> tuple[ZoneInfo, ...]:
    """The zones of some teams, each once."""
    known = (directory.teams.get(team) for team in teams)
    found = (team.zone for team in known if team is not None)
    return tuple(dict.fromkeys(zone for zone in found if isinstance(zone, ZoneInfo)))


def _awaits(
    awaited: Awaited | None, unreached: Sequence[TeamKey], unsure: Sequence[TeamKey]
) -> tuple[TeamKey, ...]:
    match awaited:
        case Awaited.DELIVERY:
            return tuple(unreached)
        case Awaited.CONFIRMATION | Awaited.CHAIR:
            return tuple(dict.fromkeys(unsure))
        case _:
            return ()


def _name(directory: Directory, team: str | None) -> str:
    found = None if team is None else directory.teams.get(TeamKey(team))
    return (team or "—") if found is None else found.name
