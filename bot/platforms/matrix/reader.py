"""Reads rooms: pages of events to arrivals, and what lies between two positions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import partial

import msgspec
import structlog

from bot.errors import Refused
from bot.events import Arrival, Event, Ignored, PersonId, RoomId, local, room_id
from bot.platforms.base import Surroundings
from bot.platforms.matrix.direct import DirectRooms
from bot.platforms.matrix.feed import Feed, is_entry
from bot.platforms.matrix.inbound import Place, RoomEvent, decode, read_event
from bot.platforms.matrix.members import Members
from bot.platforms.matrix.patience import Patience
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.session import Session
from bot.platforms.matrix.syntax import localpart
from bot.platforms.matrix.wire import Joined

log = structlog.get_logger()


class Reader:
    """Turns what the homeserver tells of rooms into arrivals, in its order."""

    def __init__(
        self,
        surroundings: Surroundings,
        session: Session,
        places: Places,
        direct: DirectRooms,
        feed: Feed,
        patience: Patience,
    ) -> None:
        self._account = surroundings.account
        self._bot_name = surroundings.bot_name
        self._session = session
        self._places = places
        self._direct = direct
        self._feed = feed
        self._patience = patience
        self._members = Members()

    async def place(self, room: str) -> Place | None:
        """What is known of a room (by the homeserver's id), None if it is none of ours."""
        configured = self._places.configured(room)
        if configured is not None:
            return self._place(room, configured, None)
        partner = await self._direct.partner(room)
        if partner is None:
            return None
        return self._place(room, room_id(self._account, room), partner)

    async def news(
        self, room: str, place: Place, joined: Joined, since: str, received: float
    ) -> AsyncGenerator[Arrival, None]:
        """What is new in a room: first what the homeserver left out, then what it told.

        What was said before the bot came in is nothing to it, in a direct room before it was
        invited.
        """
        timeline = joined.timeline
        self._members.learn(room, joined.state.events)
        events = [decode(raw) for raw in timeline.events]
        start = _beginning(events, place)
        if start is None and timeline.limited and timeline.prev_batch is not None:
            async for arrival in self._gap(room, place, since, timeline.prev_batch):
                yield arrival
        for event in events[start or 0 :]:
            await self._watch(room, event, place)
            yield Arrival(self._note_and_read(room, event, place), received=received)

    async def history(self, room: str, since: str) -> AsyncGenerator[Arrival, None]:
        """What was said in a room (by the homeserver's id) after a position, oldest first."""
        place = await self.place(room)
        position: str | None = since
        while place is not None and position is not None:
            past = await self._feed.page(room, position)
            for arrival in self._read(room, place, past.page.chunk, past.page.state, past.received):
                yield arrival
            position = past.page.next_after(position)

    async def _gap(
        self, room: str, place: Place, since: str, until: str
    ) -> AsyncGenerator[Arrival, None]:
        """What lies between two positions, page by page, never all of it in memory."""
        insist = partial(self._patience.insist, refusable=True)
        try:
            entry = None
            if place.partner is None:
                scan = partial(self._feed.last_entry, room, place.me, since, until)
                entry = await insist(scan)
            position: str | None = since
            while position is not None:
                past = await insist(partial(self._feed.page, room, position, until))
                events, entry = _after(past.page.chunk, entry)
                for arrival in self._read(room, place, events, past.page.state, past.received):
                    yield arrival
                position = past.page.next_after(position)
        except Refused as error:
            log.warning("gap.refused", room=place.room, reason=error.reason)
            yield Arrival(Ignored("gap that cannot be read"), live=False)

    def _read(
        self,
        room: str,
        place: Place,
        events: Sequence[msgspec.Raw],
        state: Sequence[msgspec.Raw],
        received: float,
    ) -> list[Arrival]:
        self._members.learn(room, state)
        read = (self._note_and_read(room, decode(raw), place) for raw in events)
        return [Arrival(event, live=False, received=received) for event in read]

    def _note_and_read(self, room: str, event: RoomEvent | None, place: Place) -> Event:
        if event is not None:
            self._members.note(room, event)
        return read_event(event, place)

    async def _watch(self, room: str, event: RoomEvent | None, place: Place) -> None:
        """A direct room that a third person comes into is none any more."""
        if place.partner is None or event is None or event.type != "m.room.member":
            return
        content = event.content if isinstance(event.content, dict) else {}
        comes = content.get("membership") in {"join", "invite"}
        third = event.state_key not in {place.me, local(place.partner)}
        if comes and third:
            await self._direct.forget(room)

    def _place(self, room: str, name: RoomId, partner: PersonId | None) -> Place:
        me = self._session.me
        name_of = partial(self._members.name, room)
        shown = (name_of(me), self._session.display_name, self._bot_name)
        names = (me, localpart(me), *filter(None, shown))
        return Place(self._account, name, me, names, name_of, partner)


def _beginning(events: Sequence[RoomEvent | None], place: Place) -> int | None:
    """Where among these the bot came into the room (a direct one: was invited), None if before."""
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if event is None or event.type != "m.room.member" or event.state_key != place.me:
            continue
        content = event.content if isinstance(event.content, dict) else {}
        if place.partner is not None and content.get("membership") == "invite":
            return index
        if place.partner is None and is_entry(event, place.me):
            return index
    return None


def _after(
    events: Sequence[msgspec.Raw], entry: str | None
) -> tuple[Sequence[msgspec.Raw], str | None]:
    """The events from `entry` on, and None once it was found; all of them where it is None."""
    if entry is None:
        return events, None
    for index, raw in enumerate(events):
        event = decode(raw)
        if event is not None and event.event_id == entry:
            return events[index:], None
    return (), entry
