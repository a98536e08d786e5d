"""Urgent advisories call the teams that they are for: whoever is on duty, by `bot.paging`.

How grave one has to be for a team is its `quiet_override`; where it names none, critical. A page
holds the number, and no word of it; it is over when the team acknowledges the advisory.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories import acknowledging, house, keeping
from bot.advisories.states import Ack, State
from bot.custody import posting
from bot.custody.telling import contacts
from bot.events import Outgoing, PersonId, RoomId
from bot.paging import house as paging
from bot.paging import keeping as pages
from bot.paging import ladder
from bot.paging.keeping import Call
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Due, Handler, Place
from bot.sharing.doors import door_of_team
from bot.sharing.gate import Allowed, judge
from bot.sharing.teams import Team, TeamKey
from bot.store.tables import Roster
from bot.store.tables.advisories import Advisory

KIND = "urgent advisory"
"""The kind of schedule that calls teams, right after an advisory is out."""


class House(house.House, paging.House, Protocol):
    """What advisories and paging ask of it."""


def begin(session: Session, house: house.House, row: Advisory, now: datetime) -> None:
    """Call the teams for which it is urgent, if there are any."""
    if _teams(session, house, row):
        schedules.begin_once(session, Plan(KIND, row.ref), now, "UTC", now)


def handler(house: House) -> Handler:
    """What the scheduler does when an urgent advisory is out."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        row = keeping.find(session, due.object)
        if row is None or row.state != State.RELEASED:
            return ()
        outgoing: list[Outgoing] = []
        for team in _teams(session, house, row):
            if not _rings(session, row, team):
                outgoing += _called(session, house, row, team, now)
        return outgoing

    return occur


def _rings(session: Session, row: Advisory, team: Team) -> bool:
    """Whether a team is being called, or was since it was last asked: a call that nobody answered
    to the end is no reason not to ring for what is new.
    """
    asked = row.asked or row.created
    found = pages.about(session, row.ref, team.key)
    return any(each.ended is None or each.created >= asked for each in found)


def acknowledged(
    session: Session, house: paging.House, row: Advisory, team: TeamKey, by: PersonId, now: datetime
) -> list[Outgoing]:
    """A team has said something of an advisory: nothing rings there any more because of it."""
    outgoing: list[Outgoing] = []
    for page in pages.about(session, row.ref, team):
        outgoing += ladder.acknowledge(session, house, page, by, now)
    return outgoing


def _teams(session: Session, house: house.House, row: Advisory) -> list[Team]:
    """The teams that it is for and that may read it, for which it is urgent; not its author's, and
    none that has acknowledged it.
    """
    document, teams = keeping.document_of(row), house.directory().teams
    matter = house.custody().markings.effective(keeping.marked_as(row)).matter
    stand = acknowledging.stand(session, row)
    quiet = {key for key, said in stand.items() if said.ack in {Ack.SILENT, Ack.NOT_REACHED}}
    return [
        team
        for key in keeping.roster_of(row)
        if (team := teams.get(key)) is not None and key != row.team and key in quiet
        if ladder.is_urgent(team, document.severity)
        if isinstance(judge(matter, door_of_team(team)), Allowed)
    ]


def _called(
    session: Session, house: House, row: Advisory, team: Team, now: datetime
) -> list[Outgoing]:
    room = _room_with(session, row, team)
    wanted = Call(
        team.key, keeping.document_of(row).severity, PersonId(row.author),
        None if row.team is None else TeamKey(row.team), _place(session, house, row),
        about=row.ref, number=keeping.name_of(session, row),
        link=None if room is None else house.link_to(room),
    )  # fmt: skip
    return ladder.call(session, house, wanted, now)[1]


def _room_with(session: Session, row: Advisory, team: Team) -> RoomId | None:
    """A room that it was posted into and that has somebody of a team."""
    rooms = posting.rooms_with(session, row.ref, keeping.HEAD)
    there = (Roster.team == team.key, Roster.until.is_(None), Roster.room.in_(rooms))
    found = set(session.execute(select(Roster.room).where(*there).distinct()).scalars())
    return next((room for room in rooms if room in found), None)


def _place(session: Session, house: House, row: Advisory) -> Place | None:
    """Where its author can be told something."""
    directory = house.directory()
    team = None if row.team is None else directory.teams.get(TeamKey(row.team))
    if team is None:
        return None
    member = directory.member_of(PersonId(row.author))
    found = contacts(session, directory, team, [member])
    return next((Place(room) for _, room in found), None)
