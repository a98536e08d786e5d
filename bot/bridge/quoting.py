"""Messages that another one shows: forwarded ones, and those that a link in it leads to.

They mark it, as what it answers does. What was said in a room of a channel counts, also where
nobody has told us of it: with that channel's default, until it is told. What was said anywhere else
counts by its words alone, which stand in the message that shows it and can only raise: of those
rooms nothing is known, and who forwards from there says it here as if they had typed it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.custody.doors import Doors
from bot.events import Quoted, RoomId, account_of
from bot.store.tables import Quotation


def numbers(
    session: Session, quoted: Iterable[Quoted], doors: Doors, now: datetime
) -> tuple[int, ...]:
    """The rows of what a message shows, each once; one is given to what nobody has told us of."""
    found: list[int] = []
    for each in dict.fromkeys(quoted):
        room = _known_as(each.room, doors)
        channel = None if room is None else doors.channel_of(room)
        if room is not None and channel is not None:
            found.append(links.name(session, room, each.message, channel.name, now))
    return tuple(dict.fromkeys(found))


def note(session: Session, number: int, quoted: Collection[int]) -> None:
    """A message shows these. What it has shown once it has shown: an edit never lowers."""
    if not quoted:
        return
    there = select(Quotation.quoted).where(Quotation.message == number)
    new = set(quoted) - {number} - set(session.execute(there).scalars())
    session.add_all(Quotation(message=number, quoted=each) for each in sorted(new))
    if new:
        session.flush()
        links.change(session, number, quoting=True)


def _known_as(room: RoomId, doors: Doors) -> RoomId | None:
    """The room as the configuration has it: people follow links to what other accounts of the same
    network see too.
    """
    if doors.channel_of(room) is not None:
        return room
    network, local = account_of(room).partition(":")[0], room.partition("/")[2]
    for channel in doors.channels.values():
        for each in channel.rooms:
            if each.partition("/")[2] == local and each.startswith(f"{network}:"):
                return each
    return None
