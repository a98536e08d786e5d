"""Reads rooms: pages of events to arrivals, and what lies between two positions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial

import msgspec
import structlog

from bot.events import Arrival, Event, PersonId, RoomId, RosterChanged, local, room_id
from bot.platforms.base import Surroundings
from bot.platforms.matrix.backwards import past
from bot.platforms.matrix.confidences import Confidences
from bot.platforms.matrix.crypto import AnyCrypto
from bot.platforms.matrix.direct import DirectRooms
from bot.platforms.matrix.envelope import Place, RoomEvent, as_object, decode, is_id
from bot.platforms.matrix.feed import Feed, is_entry
from bot.platforms.matrix.inbound import read_event
from bot.platforms.matrix.invitations import Invitations
from bot.platforms.matrix.members import Members
from bot.platforms.matrix.missed import Missed
from bot.platforms.matrix.patience import Patience
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.powers import Powers
from bot.platforms.matrix.rosters import Rosters
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
        crypto: AnyCrypto,
        rosters: Rosters,
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
        self._rosters = rosters
        self._secrets = Confidences(crypto, patience, powers, surroundings.words)
        self._members = Members()
        self._missed = Missed(surroundings, feed, patience, self._read)

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
        self,
        room: str,
        place: Place,
        joined: Joined,
        since: str,
        received: float,
        *,
        away: bool = False,
    ) -> AsyncGenerator[Arrival, None]:
        """What is new in a room: first what the homeserver left out, then what it told.

        What was said before the bot came in is nothing to it, in a direct room before it was
        invited. After an absence (`away`, or where there is a gap) the room's limit holds.
        """
        timeline = joined.timeline
        self._members.learn(room, joined.state.events)
        events = _decoded(joined)
        start = _beginning(events, place)
        if timeline.limited or start:
            self._secrets.doubt(room)
        tally = self._missed.tally(place)
        first = start or 0
        if start is None and (away or timeline.limited):
            first = tally.first_of(events)
        if start is None and timeline.limited and timeline.prev_batch is not None:
            until = timeline.prev_batch
            async with aclosing(self._missed.gap(room, place, since, until, tally)) as arrivals:
                async for arrival in arrivals:
                    yield arrival
        elif left := tally.left_out(place.room, since):
            yield Arrival(left, live=False)
        for index, event in enumerate(events[start or 0 :], start or 0):
            await self._watch(room, event, place)
            if index < first:
                continue
            for told in await self._note_and_read(room, event, place):
                yield Arrival(told, received=received)
        if place.partner is None and (timeline.limited or first):
            yield Arrival(RosterChanged(place.room), received=received)  # not all was read

    def lead_elsewhere(self, room: str, joined: Joined) -> Iterable[RoomId]:
        """The configured rooms that people may enter for being in this one, if who is in it, or
        may be, is another now.
        """
        led = self._rosters.leading_from(room)
        if led and any(event and event.state_key is not None for event in _decoded(joined)):
            for each in map(self._places.configured, led):
                if each is not None:
                    yield each

    async def again(self) -> AsyncGenerator[Arrival, None]:
        """Gaps that the homeserver refused to show, tried anew now and then."""
        async with aclosing(self._missed.again(self.place)) as arrivals:
            async for arrival in arrivals:
                yield arrival

    async def late(self, received: float) -> AsyncGenerator[Arrival, None]:
        """What can be read only now, and that something cannot be read for too long."""
        for one in await self._secrets.late():
            place = await self.place(one.room)
            for told in await self._secrets.tell(one, place) if place else ():
                yield Arrival(told, live=False, received=received)

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

    async def past(self, room: str, since: datetime, most: int) -> AsyncGenerator[Arrival, None]:
        """What was said in a room (by the homeserver's id) since a time, oldest first."""
        place = await self.place(room)
        if place is None:
            return
        read = partial(self.glance, room)
        async with aclosing(past(self._feed, room, place, since, most, read)) as arrivals:
            async for arrival in arrivals:
                yield arrival

    async def glance(self, room: str, event: RoomEvent, place: Place) -> tuple[Event, ...]:
        """What an event means that was told long ago: nothing is noted of it, nothing asked for."""
        return await self._secrets.glance(room, event, place)

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
            return await self._secrets.read(room, event, place)
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
        comes = content.get("membership") in ("join", "invite")
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
        picture_of = partial(self._members.picture, room)
        return Place(self._account, name, me, names, name_of, partner, may_ping, picture_of)


def _decoded(joined: Joined) -> list[RoomEvent | None]:
    return [decode(raw) for raw in joined.timeline.events]


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
