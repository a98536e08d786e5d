"""One message as its room shows it now: with the words of its newest edit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.errors import NotSent, Refused
from bot.events import Event, Ignored, MessageEdited, MessagePosted, Undeliverable, Unreadable
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.envelope import (
    Place,
    RoomEvent,
    as_object,
    as_text,
    is_id,
    is_redacted,
)
from bot.platforms.matrix.utterances import ENCRYPTED

Read = Callable[[RoomEvent, Place], Awaitable[tuple[Event, ...]]]


async def fetch(
    connection: Connection, room: str, message: str, place: Place, read: Read
) -> MessagePosted | None:
    """A message of a room (by the homeserver's id), None where it is gone.

    `read` says what an event means, decrypted if need be. Raises `PlatformError`, `NotSent` where
    the message cannot be decrypted yet.
    """
    event = await _event(connection, room, message)
    if event is None or is_redacted(event):
        return None
    place = await _named(connection, room, place, event.sender)
    match await _said(event, place, read):
        case MessagePosted() as posted:
            edit = await _newest_edit(connection, room, event)
            return posted if edit is None else _edited(posted, await _said(edit, place, read))
        case _:
            return None


async def _said(event: RoomEvent, place: Place, read: Read) -> Event:
    told = await read(event, place)
    match told:
        case (Ignored("no key"),):
            raise NotSent("waits for its key")
        case () | (Unreadable() | Undeliverable(),):
            raise Refused("unreadable")
        case (Ignored(),) if event.type == ENCRYPTED:
            raise Refused("unreadable")
    return told[0]


async def _newest_edit(connection: Connection, room: str, event: RoomEvent) -> RoomEvent | None:
    """The edit that the homeserver names with an event (client-server API, "Event
    replacements"); what is hidden can be edited in hiding only.
    """
    relations = as_object(as_object(event.unsigned).get("m.relations"))
    edit = as_object(relations.get("m.replace")).get("event_id")
    found = await _event(connection, room, edit) if is_id(edit) else None
    if found is None or is_redacted(found) or found.sender != event.sender:
        return None
    return None if event.type == ENCRYPTED and found.type != ENCRYPTED else found


def _edited(posted: MessagePosted, edit: Event) -> MessagePosted:
    if not isinstance(edit, MessageEdited) or edit.message != posted.message:
        return posted
    files = posted.files if edit.files is None else edit.files
    return replace(posted, body=edit.body, manner=edit.manner, files=files, version=edit.version)


async def _event(connection: Connection, room: str, event: str) -> RoomEvent | None:
    try:
        where = path("rooms", room, "event", event)
        return await connection.call(RoomEvent, "GET", where)
    except Refused as error:
        if error.reason != "M_NOT_FOUND":
            raise
        return None


async def _named(connection: Connection, room: str, place: Place, sender: object) -> Place:
    """The place, where who said it has a name: it is asked for if nobody has spoken lately."""
    if not is_id(sender) or place.name_of(sender):
        return place
    try:
        where = path("rooms", room, "state", "m.room.member", sender)
        name = as_text((await connection.call(dict, "GET", where)).get("displayname"))
    except Refused:
        return place  # their id serves
    return replace(place, name_of=lambda user: name if user == sender else "")
