"""Recalling a message: its copies go, it never comes back, and who could have read it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge import copies, links, posts, recognised
from bot.custody.reading import Reader, readers
from bot.events import Outgoing, RoomId
from bot.sharing.teams import TeamKey
from bot.store.tables import OPEN, Message, Outbox


class Recall(msgspec.Struct, frozen=True):
    """The teams that are to delete their own copies."""

    teams: tuple[TeamKey, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a message may have reached. `rooms`: where copies of it stand or will; `people`: who
    could have read it, each once; `teams`: theirs, and those that may enter a room of it.
    """

    rooms: tuple[RoomId, ...]
    people: tuple[Reader, ...]
    teams: Mapping[TeamKey | None, int]


def reach(
    session: Session,
    message: Message,
    entering: Mapping[RoomId, Iterable[TeamKey]],
    now: datetime,
) -> Reach:
    """Whom a message may have reached by now; `entering`: the teams that may read each room."""
    standing = tuple(copies.standing(session, message.id))
    found = readers(session, message.id, now)
    people = {each.person: each for room in found.rooms for each in room.readers}
    counted: Counter[TeamKey | None] = Counter(each.team for each in people.values())
    for room in dict.fromkeys((*standing, *(each.room for each in found.rooms))):
        for team in entering.get(room, ()):
            counted[team] += 0
    return Reach(standing, tuple(people.values()), counted)


def recall(session: Session, message: Message, now: datetime) -> list[Outgoing]:
    """Take a message back everywhere, for good; what takes its copies away."""
    links.change(session, message.id, recalled=now, deleted=message.deleted or now)
    recognised.erase(session, message.id)
    copies.cancel(session, message.id, now)
    return posts.take_back(session, message.id)


def still_there(session: Session, number: int) -> list[RoomId]:
    """The rooms from which a copy is still to be removed."""
    under_way = (Outbox.about == number, Outbox.kind == "delete", Outbox.state.in_(OPEN))
    return [
        RoomId(each)
        for each in session.execute(select(Outbox.room).where(*under_way).distinct()).scalars()
    ]
