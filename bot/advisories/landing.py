"""Whether an advisory has landed where it was posted: its author hears where it has not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from bot.advisories import keeping
from bot.advisories.house import House
from bot.custody import posting
from bot.custody.effective import Marked
from bot.events import Answer, Outgoing, PersonId, RoomId
from bot.richtext import say
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Due, Handler, Place
from bot.sharing.gate import Denied
from bot.store.tables.advisories import Advisory

KIND = "landing"
AFTER = timedelta(minutes=5)
"""A room that does not have it by then is closed, or its network down: the others have it."""


class Teller(msgspec.Struct, frozen=True):
    """Who is told, and where that can be done."""

    person: PersonId
    place: Place


class _About(msgspec.Struct, frozen=True):
    ref: str
    teller: Teller


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_About).decode


def judged(house: House, row: Advisory) -> tuple[list[RoomId], dict[RoomId, Denied]]:
    """The rooms that may have it now, and those that may not, each with the reason."""
    return judged_for(house, keeping.marked_as(row), keeping.rooms_of(house, row))


def judged_for(
    house: House, marked: Marked, rooms: Iterable[RoomId]
) -> tuple[list[RoomId], dict[RoomId, Denied]]:
    """The same of anything that is marked so."""
    custody = house.custody()
    matter = custody.markings.effective(marked).matter
    verdicts = {room: custody.ask(matter, room) for room in rooms}
    denied = {room: each for room, each in verdicts.items() if isinstance(each, Denied)}
    return [room for room in verdicts if room not in denied], denied


def gone(house: House, row: Advisory) -> list[str]:
    """The channels that it is for and that the settings name no more."""
    return [name for name in keeping.channels_of(row) if not house.rooms_of(name)]


def begin(session: Session, row: Advisory, teller: Teller, now: datetime) -> None:
    """Look at it in a while."""
    about = _encode(_About(row.ref, teller)).decode()
    schedules.begin_once(session, Plan(KIND, about), now + AFTER, "UTC", now)


def handler(house: House) -> Handler:
    """What the scheduler does in a while."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        del now
        about = _decode(due.object)
        row = keeping.find(session, about.ref)
        if row is None:
            return ()
        there = posting.messages_of(session, row.ref, keeping.HEAD)
        rooms = [room for room in keeping.rooms_of(house, row) if room not in there]
        missing = [*rooms, *gone(house, row)]
        if not missing:
            return ()
        words, name = house.words_in(), keeping.name_of(session, row)
        text = words(
            "{ref} has not landed everywhere; the other rooms have it.\nNot in: {rooms}\n"
            "“advisory status {ref}” shows which teams it has reached.",
            ref=name, rooms=", ".join(missing),
        )  # fmt: skip
        return (told(about.teller, text),)

    return occur


def told(teller: Teller, text: str) -> Outgoing:
    """A word to an author."""
    answer = Answer(teller.person, say(text), direct=teller.place.direct)
    return Outgoing(teller.place.room, answer)
