"""How much is looked up in a day: beyond a measure the asker's own admins hear of it, once.

Nothing is refused: who works through an incident needs it. A harvest is noticed all the same.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.events import Author, Outgoing
from bot.indicators import people
from bot.sharing.teams import TeamKey
from bot.words import Words
from commands.originating import tell_admins
from commands.registry import House

QUOTA = 2_000
"""Values that a team looks up in a day: four whole lists, and more than anybody types."""


def counted(
    session: Session, house: House, words: Words, asker: Author, team: TeamKey | None,
    values: int, now: datetime,
) -> list[Outgoing]:  # fmt: skip
    """Count what was looked up; what the admins of the asker's team are told. Which values it
    were is kept nowhere.
    """
    if not values or team is None:
        return []
    if people.count_bulk(session, asker.person, team, values, now) <= QUOTA:
        return []
    directory = house.directory()
    if team not in directory.teams or not people.is_first_over(session, team, now):
        return []
    text = words(
        "Your team has looked up more than {n} values today; {name} ({person}) was the last.\n"
        "If that is a harvest and no incident, ask them. You hear this once a day.",
        n=QUOTA, name=asker.name, person=asker.person,
    )  # fmt: skip
    return tell_admins(session, directory, directory.teams[team], text)
