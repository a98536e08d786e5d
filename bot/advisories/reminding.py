"""Reminders to teams that are silent: in their own room, in their working hours, three at most.

The graver it is the sooner. A reminder holds number, severity and marking, and no word of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.advisories import acknowledging, keeping, showing
from bot.advisories.house import House
from bot.advisories.sources.room import may_know
from bot.advisories.states import Ack, State
from bot.events import Outgoing, Post
from bot.richtext import say
from bot.schedules import nudging
from bot.schedules.kinds import Due, Handler
from bot.sharing.teams import Team, TeamKey
from bot.store.tables.advisories import Advisory
from bot.times.working import Severity

KIND = "reminder"
MOST = 3
AFTER: Mapping[Severity, timedelta] = {
    Severity.CRITICAL: timedelta(hours=1),
    Severity.HIGH: timedelta(hours=4),
    Severity.MEDIUM: timedelta(days=1),
    Severity.LOW: timedelta(days=3),
}


def begin(session: Session, house: House, row: Advisory, now: datetime) -> None:
    """Remind each team that has a room of its own, but the author's, unless it speaks before."""
    teams = house.directory().teams
    for key in keeping.roster_of(row):
        team = teams.get(key)
        if team is not None and team.home is not None and key != row.team:
            _plan(session, row, team, 1, now)


def handler(house: House) -> Handler:
    """What the scheduler does when a team may have to be reminded."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        ref, key, number, asked = due.object.split(" ")
        row, team = keeping.find(session, ref), house.directory().teams.get(TeamKey(key))
        if row is None or row.state != State.RELEASED or asked != _asked(row):
            return ()
        said = acknowledging.stand(session, row).get(TeamKey(key))
        if team is None or team.home is None or said is None:
            return ()
        if said.ack not in {Ack.SILENT, Ack.NOT_REACHED}:
            return ()
        if not may_know(keeping.marked_as(row), house, team):
            return ()
        if int(number) < MOST:
            _plan(session, row, team, int(number) + 1, now)
        return (_reminder(session, house, row, team),) if said.ack is Ack.SILENT else ()

    return occur


def _plan(session: Session, row: Advisory, team: Team, number: int, now: datetime) -> None:
    severity = keeping.document_of(row).severity
    about = f"{row.ref} {team.key} {number} {_asked(row)}"
    nudging.plan(session, KIND, about, team, now + AFTER[severity], now, severity)


def _asked(row: Advisory) -> str:
    """Which asking it is: an update asks anew, and what was planned before is over."""
    return "" if row.asked is None else f"{row.asked.timestamp():.0f}"


def _reminder(session: Session, house: House, row: Advisory, team: Team) -> Outgoing:
    assert team.home is not None, "only who has a room is reminded"
    words, document = house.words_in(team.home), keeping.document_of(row)
    name = keeping.name_of(session, row)
    text = words(
        "{label} · {severity} · {name}: {team} has not acknowledged it yet.\n"
        "“advisory show {name}” shows it, “advisory ack {name} received” acknowledges it.",
        label=document.label, severity=showing.severity_words(document.severity, words),
        name=name, team=team.name,
    )  # fmt: skip
    post = Post(say(text), controls=showing.controls(row.ref, words))
    return Outgoing(team.home, post)
