"""Reads events that may be encrypted: what they hold, that they wait for a key, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from bot.events import (
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Undeliverable,
)
from bot.platforms.matrix.crypto import AnyCrypto
from bot.platforms.matrix.crypto.ring import Opened
from bot.platforms.matrix.crypto.waiting import Late
from bot.platforms.matrix.envelope import (
    DELIVERY_KEY,
    Place,
    RoomEvent,
    as_object,
    delivery_of,
    is_redacted,
    stamp,
)
from bot.platforms.matrix.inbound import read_event
from bot.platforms.matrix.patience import Patience
from bot.platforms.matrix.powers import Powers
from bot.platforms.matrix.utterances import ENCRYPTED, MESSAGE, TYPES
from bot.words import Words, message

_HIDDEN = frozenset({*TYPES, "m.reaction"})
"""What may be inside of an encrypted event. Not a redaction: no homeserver has seen whether it
was allowed."""
UNVERIFIED = message(
    "Your message was not passed on: the device that you sent it from is not verified. "
    "Verify it in your client's settings, then say it again."
)
IN_THE_CLEAR = message(
    "Your message was not passed on: it was not encrypted, and this room's messages have to be. "
    "Say it again with a client that encrypts."
)


class Confidences:
    """Reads the events of rooms that may be encrypted."""

    def __init__(self, crypto: AnyCrypto, patience: Patience, powers: Powers, words: Words) -> None:
        self._crypto = crypto
        self._powers = powers
        self._patience = patience
        self._words = words

    def doubt(self, room: str) -> None:
        """Something may have happened in a room that we are not told of."""
        self._crypto.doubt(room)

    async def read(self, room: str, event: RoomEvent, place: Place) -> tuple[Event, ...]:
        """What an event means to us; one whose key is missing is kept, and read later."""
        insist = self._patience.insist
        if event.state_key is not None:
            await insist(partial(self._crypto.note, room, event))
            return read_event(event, place)
        if not isinstance(event.type, str) or event.type not in {ENCRYPTED, *TYPES}:
            return read_event(event, place)
        if event.type != ENCRYPTED:
            refuses = self._crypto.verified_only and event.sender != place.me
            if refuses and room in await insist(self._crypto.known):
                return _refused(event, place, IN_THE_CLEAR)
            return await self._read(room, event, place)
        if is_redacted(event):
            return (Ignored("redacted message"),)
        if stamp(event) is None:
            return read_event(event, place)
        read = await insist(partial(self._crypto.read, room, event))
        if isinstance(read, Opened):
            return await self._opened(room, read, place)
        if event.sender == place.me:  # our own, of a device whose keys are lost
            return read_event(self._stand_in(event), place)
        missing = bool(read.session)
        if missing and await insist(partial(self._crypto.hold, room, event, read)):
            return (Ignored("waits for its key"),)
        return (Ignored(read.why),)

    async def glance(self, room: str, event: RoomEvent, place: Place) -> tuple[Event, ...]:
        """What an event of long ago means; nothing is kept or asked for, and nobody is told."""
        if event.type != ENCRYPTED or event.state_key is not None or is_redacted(event):
            return read_event(event, place)
        read = await self._patience.insist(partial(self._crypto.read, room, event))
        if not isinstance(read, Opened):
            return (Ignored(read.why),)
        events = await self._opened(room, read, place)
        return tuple(e for e in events if not isinstance(e, Undeliverable))

    async def late(self) -> list[Late]:
        """What was kept, and is to be told of now."""
        return await self._patience.insist(self._crypto.late)

    async def tell(self, late: Late, place: Place) -> Sequence[Event]:
        """What an event that waited means to us.

        A line stands for a message that is missing in the other rooms, as that message; it
        becomes an edit of the line, and what is no message takes the line away again.
        """
        if late.opened is None:
            return read_event(self._stand_in(late.event), place)
        events = await self._opened(late.room, late.opened, place)
        return _mended(events, late.event, place) if late.told else events

    async def _opened(self, room: str, opened: Opened, place: Place) -> tuple[Event, ...]:
        if opened.event.type not in _HIDDEN:
            return (Ignored("encrypted event of another type"),)
        ours = opened.sender == place.me
        if ours or await self._patience.insist(partial(self._crypto.trusts, opened)):
            return await self._read(room, opened.event, place)
        return _refused(opened.event, place, UNVERIFIED)

    async def _read(self, room: str, event: RoomEvent, place: Place) -> tuple[Event, ...]:
        """What an event says; whether its author may call everybody is found out before."""
        if as_object(as_object(event.content).get("m.mentions")).get("room") is True:
            await self._powers.learn(room)
        return read_event(event, place)

    def _stand_in(self, event: RoomEvent) -> RoomEvent:
        """A line in place of an event that cannot be read."""
        text = self._words(
            "🔒 One or more encrypted messages cannot be read here: their key has not come."
        )
        said = as_object(event.content)
        relation = as_object(said.get("m.relates_to"))
        content: dict[str, Any] = {"msgtype": "m.text", "body": text}
        content[DELIVERY_KEY] = delivery_of(said)
        if relation.get("rel_type") != "m.replace":
            content["m.relates_to"] = relation
        return msgspec.structs.replace(event, type=MESSAGE, content=content)


def _mended(events: tuple[Event, ...], event: RoomEvent, place: Place) -> tuple[Event, ...]:
    stamped = stamp(event)
    if stamped is None:
        return events
    match events:
        case (MessagePosted() as posted,):
            edited = MessageEdited(
                room=posted.room,
                message=posted.message,
                author=posted.author,
                body=posted.body,
                version=f"{max(stamped.milliseconds, 0):020d}{stamped.id}",
                said=posted.said,
                manner=posted.manner,
                files=posted.files,
            )
            return (edited,)
        case _:
            author = place.author(stamped.sender)
            gone = MessageDeleted(place.room, MessageId(stamped.id), stamped.said, author.person)
            return (gone, *events)


def _refused(event: RoomEvent, place: Place, reason: str) -> tuple[Event, ...]:
    stamped = stamp(event)
    if stamped is None:
        return read_event(event, place)
    author = place.author(stamped.sender)
    refusal = Undeliverable(place.room, MessageId(stamped.id), author, reason, stamped.said)
    return (refusal,)
