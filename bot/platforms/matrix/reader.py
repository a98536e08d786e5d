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
from bot.platforms.matrix.envelope import Place, RoomEvent, as_object, decode, is_id
from bot.platforms.matrix.feed import Feed, is_entry
from bot.platforms.matrix.inbound import read_event
from bot.platforms.matrix.invitations import Invitations
from bot.platforms.matrix.members import Members
from bot.platforms.matrix.patience import Patience
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.powers import Powers
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
        powers: Powers,
        invitations: Invitations,
    ) -> None:
        self._account = surroundings.account
        self._bot_name = surroundings.bot_name
        self._session = session
        self._places = places
        self._direct = direct
        self._feed = feed
        self._patience = patience
        self._powers = powers
        self._invitations = invitations
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
            for told in await self._note_and_read(room, event, place):
                yield Arrival(told, received=received)

    async def history(self, room: str, since: str) -> AsyncGenerator[Arrival, None]:
        """What was said in a room (by the homeserver's id) after a position, oldest first."""
        place = await self.place(room)
        position: str | None = since
        while place is not None and position is not None:
            past = await self._feed.page(room, position)
            events, state = past.page.chunk, past.page.state
            for arrival in await self._read(room, place, events, state, past.received):
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
                state = past.page.state
                for arrival in await self._read(room, place, events, state, past.received):
                    yield arrival
                position = past.page.next_after(position)
        except Refused as error:
            log.warning("gap.refused", room=place.room, reason=error.reason)
            yield Arrival(Ignored("gap that cannot be read"), live=False)

    async def _read(
        self,
        room: str,
        place: Place,
        events: Sequence[msgspec.Raw],
        state: Sequence[msgspec.Raw],
        received: float,
    ) -> list[Arrival]:
        self._members.learn(room, state)
        found: list[Arrival] = []
        for raw in events:
            event = decode(raw)
            if event is not None and event.type == "m.room.tombstone":
                await self._follow(room, event, place)
            told = await self._note_and_read(room, event, place)
            found += [Arrival(one, live=False, received=received) for one in told]
        return found

    async def _note_and_read(
        self, room: str, event: RoomEvent | None, place: Place
    ) -> tuple[Event, ...]:
        if event is not None:
            self._members.note(room, event)
            self._powers.note(room, event)
            if as_object(as_object(event.content).get("m.mentions")).get("room") is True:
                await self._powers.learn(room)
        return read_event(event, place)

    async def _watch(self, room: str, event: RoomEvent | None, place: Place) -> None:
        """A direct room that a third person comes into is none any more; one that moves is
        followed.
        """
        if event is not None and event.type == "m.room.tombstone":
            await self._follow(room, event, place)
        if place.partner is None or event is None or event.type != "m.room.member":
            return
        content = event.content if isinstance(event.content, dict) else {}
        comes = content.get("membership") in {"join", "invite"}
        third = event.state_key not in {place.me, local(place.partner)}
        if comes and third:
            await self._direct.forget(room)

    async def _follow(self, room: str, event: RoomEvent, place: Place) -> None:
        """After an upgrade (`m.room.tombstone`): enter the room that replaces a configured one."""
        successor = as_object(event.content).get("replacement_room")
        if place.partner is not None or event.state_key != "" or not is_id(successor):
            return
        if self._places.configured(room) != place.room or successor == room:
            return
        await self._places.expect(place.room, successor)
        via = str(event.sender).partition(":")[2]
        self._invitations.enter(successor, via)
        log.info("room.moves", room=place.room)

    def _place(self, room: str, name: RoomId, partner: PersonId | None) -> Place:
        me = self._session.me
        name_of = partial(self._members.name, room)
        shown = (name_of(me), self._session.display_name, self._bot_name)
        names = (me, localpart(me), *filter(None, shown))
        may_ping = partial(self._powers.may_ping, room)
        return Place(self._account, name, me, names, name_of, partner, may_ping)


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
