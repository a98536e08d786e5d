"""Who was in a room, from when until when: what was read, against what was read before.

Only differences are written, in pieces: 5,000 people at once would hold up everybody's commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from bot.custody.audit import Act, Action, named, record_all
from bot.events import Author, PersonId, RoomId, Standing
from bot.sharing.teams import Directory, TeamKey
from bot.store import tables

PIECE = 250
"""People that are written in one transaction."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One person in a room; `number`: the row that it has already."""

    person: PersonId
    name: str
    standing: Standing
    team: TeamKey | None
    number: int | None = None

    @property
    def of(self) -> tuple[Standing, TeamKey | None]:
        """What they are: who becomes something else has another seat from then on."""
        return self.standing, self.team


@dataclass(frozen=True, slots=True)
class Change:
    """What is other than before: seats that are taken and seats that are left. `first`: nothing
    was known of the room, so that nobody came.
    """

    room: RoomId
    begun: tuple[Seat, ...] = ()
    ended: tuple[Seat, ...] = ()
    first: bool = False

    @property
    def joined(self) -> tuple[Seat, ...]:
        """Who was not there before."""
        return () if self.first else _without(self.begun, self.ended)

    @property
    def left(self) -> tuple[Seat, ...]:
        """Who is not there any more."""
        return _without(self.ended, self.begun)

    def pieces(self) -> Iterator[Change]:
        """The same in pieces, each to be kept in a transaction of its own; what is of one person
        stays together.
        """
        people = {seat.person: None for seat in (*self.ended, *self.begun)}
        order = {person: number // PIECE for number, person in enumerate(people)}
        begun, ended = _dealt(self.begun, order), _dealt(self.ended, order)
        for number in sorted({*begun, *ended}):
            yield Change(
                self.room, tuple(begun.get(number, ())), tuple(ended.get(number, ())), self.first
            )


def compare(
    session: Session, room: RoomId, readers: Iterable[Author], directory: Directory
) -> Change:
    """What has changed since the last roster that was kept; the bot itself is no reader."""
    stored = {seat.person: seat for seat in _stored(session, room)}
    present = {
        each.person: _seat(each, directory)
        for each in readers
        if each.standing is not Standing.OURS
    }
    return Change(
        room,
        begun=tuple(
            seat
            for person, seat in present.items()
            if person not in stored or stored[person].of != seat.of
        ),
        ended=tuple(
            seat
            for person, seat in stored.items()
            if person not in present or present[person].of != seat.of
        ),
        first=not stored and not _was_kept(session, room),
    )


def keep(session: Session, change: Change, now: datetime) -> None:
    """Write down a piece of a change, which was found at `now`."""
    row = tables.Roster
    if change.ended:
        numbers = [seat.number for seat in change.ended]
        session.execute(update(row).where(row.id.in_(numbers)).values(until=now))
    if change.begun:
        session.execute(
            insert(row),
            [
                {
                    "room": change.room,
                    "person": seat.person,
                    "name": seat.name,
                    "standing": seat.standing,
                    "team": seat.team,
                    "since": now,
                }
                for seat in change.begun
            ],
        )
    place = named("room", change.room)
    acts = [Act(seat.person, seat.team, Action.JOINED, place) for seat in change.joined]
    acts += [Act(seat.person, seat.team, Action.LEFT, place) for seat in change.left]
    record_all(session, acts, now)


def is_reader(session: Session, room: RoomId, person: PersonId) -> bool:
    """Whether a person is in a room, as far as it was read."""
    seats = tables.Roster
    found = select(seats.id).where(
        seats.room == room, seats.person == person, seats.until.is_(None)
    )
    return session.execute(found.limit(1)).first() is not None


def _seat(reader: Author, directory: Directory) -> Seat:
    team = directory.team_of(reader.person, reader.standing)
    return Seat(reader.person, reader.name, reader.standing, None if team is None else team.key)


def _stored(session: Session, room: RoomId) -> Iterator[Seat]:
    row = tables.Roster
    wanted = select(row.person, row.name, row.standing, row.team, row.id)
    for person, name, standing, team, number in session.execute(
        wanted.where(row.room == room, row.until.is_(None))
    ):
        yield Seat(
            PersonId(person),
            name,
            Standing(standing),
            None if team is None else TeamKey(team),
            number,
        )


def _was_kept(session: Session, room: RoomId) -> bool:
    ever = select(exists().where(tables.Roster.room == room))
    return bool(session.execute(ever).scalar())


def _without(seats: Iterable[Seat], others: Iterable[Seat]) -> tuple[Seat, ...]:
    people = {seat.person for seat in others}
    return tuple(seat for seat in seats if seat.person not in people)


def _dealt(seats: Sequence[Seat], order: dict[PersonId, int]) -> dict[int, list[Seat]]:
    found: dict[int, list[Seat]] = {}
    for seat in seats:
        found.setdefault(order[seat.person], []).append(seat)
    return found
