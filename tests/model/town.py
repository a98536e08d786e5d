"""A network in memory whose rooms have readers; a watcher is told all that it carries out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.events import (
    AccountId,
    Author,
    Delivery,
    File,
    MessageDeleted,
    MessageEdited,
    MessageId,
    Moved,
    Quoted,
    RoomId,
    RosterChanged,
    Standing,
    local,
    person_id,
)
from bot.platforms.base import Roster
from bot.richtext import RichText, plain
from tests.far_end import FarEnd, Landed, _us
from tests.model.cast import PEOPLE
from tests.model.oracle import Person, Reading


def author_of(person: Person) -> Author:
    """Somebody as their network shows them."""
    return Author(
        person_id(AccountId(person.house), person.name),
        person.name.title(),
        standing=Standing(person.standing),
    )


class Town(FarEnd):
    """The far end of one house."""

    def __init__(
        self,
        house: str,
        rooms: Sequence[str],
        readings: dict[str, Reading],
        carried_out: Callable[[Delivery], None],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(house, rooms)
        self.readings = readings
        """What each room is like in truth."""
        self.bodies: dict[str, RichText] = {}
        """What was said, by its plain text: the log of a room keeps no more than that."""
        self.quotes: dict[str, tuple[Quoted, ...]] = {}
        """What of other messages it shows, likewise."""
        self.untold: list[MessageEdited] = []
        self._carried_out = carried_out
        self._clock = clock

    def _now(self) -> datetime:
        return self._clock()

    def author(self, name: str) -> Author:
        return author_of(PEOPLE[name.lower()])

    def roster(self, room: RoomId) -> Roster:
        reading = self.readings.get(room, Reading())
        return Roster(
            (*(author_of(each) for each in sorted(reading.present, key=str)), _us(self.account)),
            homes=frozenset({self.account}) if reading.house_may_enter else frozenset(),
            world=reading.world,
            private=not (reading.house_may_enter or reading.world or not reading.fit),
            invitation_only=not (reading.house_may_enter or reading.world),
            history_from_joining=reading.fit,
            encrypted=reading.fit,
        )

    def speak(
        self,
        person: Person,
        room: str,
        body: RichText,
        *,
        thread: MessageId | None = None,
        reply_to: MessageId | None = None,
        files: Sequence[str] = (),
        quotes: tuple[Quoted, ...] = (),
    ) -> MessageId:
        """A person says something."""
        message = self._next()
        self.bodies[plain(body)], self.quotes[plain(body)] = body, quotes
        held = []
        for name in files:
            self.files[f"{message}/{name}"] = name.encode()
            held.append(File(self.account, f"{message}/{name}", name, size=len(name)))
        self._land(
            Landed(
                RoomId(room), message, author_of(person), plain(body), thread=thread,
                reply_to=reply_to, files=tuple(held), said=self._now(),
            )
        )  # fmt: skip
        return message

    def change(
        self,
        person: Person,
        room: str,
        message: MessageId,
        body: RichText,
        quotes: tuple[Quoted, ...] = (),
        *,
        late: bool = False,
    ) -> None:
        """A person says a message of theirs in other words; `late`: nobody is told of it yet."""
        self.bodies[plain(body)], self.quotes[plain(body)] = body, quotes
        version = self._next()
        if self._replace(RoomId(room), message, text=plain(body), version=version) is not None:
            author = author_of(person)
            edit = MessageEdited(
                RoomId(room), message, author, body, version, self._now(), quotes=quotes
            )
            if late:
                self.untold.append(edit)
            else:
                self._tell(edit)

    def tell_late(self) -> None:
        """What nobody was told of yet."""
        while self.untold:
            self._tell(self.untold.pop(0))

    def take_back(self, room: str, message: MessageId) -> None:
        """A person deletes a message of theirs."""
        if self._replace(RoomId(room), message, deleted=True) is not None:
            self._tell(MessageDeleted(RoomId(room), message, self._now()))

    def be(self, room: str, reading: Reading, moved: Person | None = None) -> None:
        """A room has other readers, or is another one than before."""
        before, self.readings[room] = self.readings[room], reading
        if moved is not None:
            joined = moved in reading.present
            assert joined is not (moved in before.present)
            there = RoomId(room)
            self._tell(Moved(there, self._next(), author_of(moved), joined, self._now()))
        self._tell(RosterChanged(RoomId(room)))

    def apply(self, delivery: Delivery) -> MessageId:
        self._carried_out(delivery)
        return super().apply(delivery)

    def standing_copies(self, room: str) -> list[str]:
        """What of ours stands in a room."""
        return self.copies(local(RoomId(room)))
