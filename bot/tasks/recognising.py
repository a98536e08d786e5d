"""Recognition in passing: what is said in a channel, looked up for all who read its rooms.

It goes on beside the relay and after it: what was said waits in memory for a moment, a few hundred
messages at most, and is nowhere written down for it. What a crash or a flood loses is no loss: who
wants to know asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.bridge import links, recognised
from bot.bridge.places import Places
from bot.custody.frozen import Frozen
from bot.custody.gatekeeper import Gatekeeper
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.events import MessageEdited, MessagePosted, Outgoing, RoomId
from bot.indicators.answers import Answer
from bot.indicators.lookup import lookup
from bot.indicators.observable import Observable
from bot.indicators.observables import extract, typed
from bot.indicators.sight import Sight, of_doors
from bot.richtext import plain
from bot.store.database import Database
from bot.store.patience import patience

log = structlog.get_logger()

Said = MessagePosted | MessageEdited
_AFTER = 0.25
"""Seconds that what was said waits first: the relay goes before;"""
_BETWEEN = 0.01
"""and seconds between two looks, in which others have the processor."""
_WAITING = 500
"""Messages that wait at most."""
_LONGEST = 20_000
"""Characters of a message that are looked through,"""
_MOST = 50
"""and values of it."""


class Recognition:
    """The part that looks; what was said is given to it after its commit (`take`)."""

    def __init__(
        self,
        database: Database,
        custody: Gatekeeper,
        places: Places,
        frozen: Frozen,
        wake: Callable[[Collection[str]], None],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._custody = custody
        self._frozen = frozen
        self._wake = wake
        self._clock = clock
        self._places = places
        self._channels = {
            room: channel
            for channel in places.channels.values()
            if channel.recognise
            for room in channel.rooms
        }
        self._waiting: asyncio.Queue[tuple[float, Said]] = asyncio.Queue(_WAITING)
        self._sights: dict[str, tuple[int, Sight]] = {}

    def take(self, said: Said) -> None:
        """Something was said: look at it when there is time."""
        if said.room in self._channels and not self._waiting.full():
            due = asyncio.get_running_loop().time() + _AFTER
            self._waiting.put_nowait((due, said))

    async def run(self) -> None:
        """Look at one after the other, for ever."""
        while True:
            due, said = await self._waiting.get()
            await asyncio.sleep(max(_BETWEEN, due - asyncio.get_running_loop().time()))
            with patience():
                await self.look(said)

    async def look(self, said: Said) -> None:
        """Show a 🔎 on it in every room of its channel, if all who read them know a value in it."""
        rooms = self._rooms(said.room)
        if not rooms:
            return
        known = await self._database.read(lambda session: self._known(session, said))
        if known:
            lanes = await self._database.run(lambda s: self._show(s, said, rooms, known))
            self._wake(lanes)

    def _rooms(self, home: RoomId) -> list[RoomId]:
        """Where it is shown: nowhere, while its own room is frozen."""
        if self._frozen.keeps_out(home) is not None:
            return []
        return [
            room
            for room in self._channels[home].rooms
            if self._places.able(room).reactions and self._frozen.keeps_out(room) is None
        ]

    def _known(self, session: Session, said: Said) -> list[Observable]:
        """Which of its values they know."""
        found = extract(plain(said.body)[:_LONGEST])
        values = list(dict.fromkeys(each.observable for each in found))[:_MOST]
        if not values:
            return []
        number = links.origin(session, said.room, said.message)
        if number is None or not recognised.may_be(session, number):
            return []
        answers = lookup(session, values, self._sight(said.room), self._clock())
        return [each.observable for each in answers if _is_worth_saying(each)]

    def _show(
        self, session: Session, said: Said, rooms: Sequence[RoomId], known: Sequence[Observable]
    ) -> set[str]:
        number = links.origin(session, said.room, said.message)
        if number is None or not recognised.may_be(session, number):
            return set()
        now, alone = self._clock(), len(self._channels[said.room].rooms) == 1
        kept = [typed(each) for each in known] if alone else []
        outgoing: list[Outgoing] = recognised.put_up(session, number, rooms, kept, now)
        return outbox.put(session, outgoing, now)

    def _sight(self, room: RoomId) -> Sight:
        """What all see who read any of the channel's rooms, as these are read now."""
        channel, doors = self._channels[room], self._custody.doors
        kept = self._sights.get(channel.name)
        if kept is None or kept[0] != doors.epoch:
            sight = of_doors(self._custody.markings, [doors.door(each) for each in channel.rooms])
            kept = self._sights[channel.name] = (doors.epoch, sight)
        return kept[1]


def _is_worth_saying(answer: Answer) -> bool:
    """What was said of it once and has expired since is for those who ask."""
    standing = [each for each in answer.statements if each.holds and not each.expired]
    return bool(standing or answer.sightings)
