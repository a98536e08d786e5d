"""Telling a team something: in its own room, else those who administer it or speak for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.events import Answer, Outgoing, PersonId, Post, RoomId
from bot.richtext import say
from bot.sharing.teams import Directory, Team
from bot.store.tables import Roster


def tell(session: Session, directory: Directory, team: Team, text: str) -> list[Outgoing]:
    """A word to a team; nothing where no room of the bot's has anybody of it to tell."""
    if team.home is not None:
        return [Outgoing(team.home, Post(say(text)))]
    return [
        Outgoing(room, Answer(person, say(text), team=team.key))
        for person, room in contacts(session, directory, team)
    ]


def contacts(
    session: Session, directory: Directory, team: Team, members: Sequence[str] | None = None
) -> Iterator[tuple[PersonId, RoomId]]:
    """Who administers a team or speaks for it, or those who are named, each with a room that has
    them.
    """
    there = select(Roster.person, Roster.room).where(
        Roster.team == team.key, Roster.until.is_(None)
    )
    rooms = {PersonId(person): RoomId(room) for person, room in session.execute(there)}
    by_member = {directory.member_of(person): person for person in rooms}
    named = (*team.admins, *team.delegates) if members is None else members
    for member in dict.fromkeys(named):
        if member in by_member:
            yield by_member[member], rooms[by_member[member]]
