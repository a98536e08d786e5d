"""Telling those who wanted to add a value what became of that: a second team agreed to it or would
not have it, or nobody said anything in time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.custody.effective import Marked, stored_marked
from bot.custody.telling import contacts
from bot.delivery.naming import lane_of
from bot.events import Answer, Outgoing, PersonId
from bot.indicators.people import Proposed
from commands.originating import tell_team
from commands.registry import House, reply


def tell_contributor(
    session: Session, house: House, found: Proposed, text: str, now: datetime
) -> list[Outgoing]:
    """A word to who wanted to add it, alone; to their team, where no room has them as one of it
    any more.
    """
    directory = house.directory()
    team = directory.teams.get(found.team)
    if team is None:
        return []
    own = [directory.member_of(PersonId(found.person))]
    told = [
        Outgoing(room, Answer(person, reply(text).body, team=team.key), lane_of(person))
        for person, room in contacts(session, directory, team, own)
    ]
    matter = stored_marked(Marked(found.marked.marking, found.team, now))
    told = told or tell_team(session, directory, team, text)
    return [where_asked(house, each, matter) for each in told]


def where_asked(house: House, outgoing: Outgoing, matter: str) -> Outgoing:
    """A room of a channel is asked of; a team's own room that is in none is that team's."""
    in_channel = house.channel_of(outgoing.room) is not None
    return replace(outgoing, matter=matter) if in_channel else outgoing
