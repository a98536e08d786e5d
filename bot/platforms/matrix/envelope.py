"""An event as Matrix sends it, the room it is in, and fields that may be anything at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

import msgspec

from bot.events import AccountId, Author, DeliveryId, PersonId, RoomId, Standing, person_id
from bot.platforms.matrix import markup
from bot.platforms.matrix.syntax import localpart

DELIVERY_KEY = "org.liaison.delivery"
"""The content key in which our own messages carry their delivery's id."""

_DELIVERY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_ID = 1024
_LARGEST = 2**63 - 1
"""What a column of the store can hold."""


class RoomEvent(msgspec.Struct):
    """The fields of an event, of whatever type they turn out to be."""

    type: Any = None
    event_id: Any = None
    sender: Any = None
    origin_server_ts: Any = None
    content: Any = None
    state_key: Any = None
    unsigned: Any = None
    redacts: Any = None


def nobody(_user_id: str) -> bool:
    """Says no of everybody."""
    return False


def nothing(_user_id: str) -> str:
    """Knows nothing of anybody."""
    return ""


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of the room that an event is in.

    `name_of` gives the display name of a sender, "" where it is not known. `partner` is the one
    person of a direct room. `me` is the bot's own id and `names` what it is called. `may_ping`
    says who has the right to call everybody in the room, `picture_of` gives a sender's picture.
    """

    account: AccountId
    room: RoomId
    me: str
    names: tuple[str, ...]
    name_of: Callable[[str], str]
    partner: PersonId | None = None
    may_ping: Callable[[str], bool] = nobody
    picture_of: Callable[[str], str] = nothing

    def author(self, user_id: str, *, name: str = "", bot: bool = False) -> Author:
        """A person as an author, by `name` or else by what they are called in the room."""
        shown = markup.shown_name(name or self.name_of(user_id))
        shown = shown or markup.shown_name(localpart(user_id)) or user_id
        person = person_id(self.account, user_id)  # whose id says of which server they are
        picture = self.picture_of(user_id)
        standing = Standing.OURS if user_id == self.me else Standing.MEMBER
        return Author(person, shown, bot=bot, standing=standing, picture=picture)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every event must have: its id, who sent it, and when."""

    id: str
    sender: str
    said: datetime
    milliseconds: int


def decode(raw: bytes | msgspec.Raw) -> RoomEvent | None:
    """An event's fields, None if these bytes are no JSON object. One whose type or state key is no
    text has no type: what is neither may not even be looked for in a set.
    """
    try:
        event = msgspec.json.decode(raw, type=RoomEvent)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if not isinstance(event.type, str) or not isinstance(event.state_key, str | None):
        event.type = event.state_key = None
    return event


def stamp(event: RoomEvent) -> Stamp | None:
    """What every event must have, None where any of it is missing."""
    said = time_of(event.origin_server_ts)
    if not is_id(event.event_id) or not is_id(event.sender) or said is None:
        return None
    return Stamp(event.event_id, event.sender, said, int(event.origin_server_ts))


def is_redacted(event: RoomEvent) -> bool:
    """Whether the homeserver has taken the event's content away."""
    return "redacted_because" in as_object(event.unsigned)


def delivery_of(content: Mapping[str, Any]) -> DeliveryId:
    """The delivery that an event of ours carries, "" where it names none."""
    found = content.get(DELIVERY_KEY)
    if not isinstance(found, str) or not _DELIVERY.fullmatch(found):
        return DeliveryId("")
    return DeliveryId(found)


def as_object(value: Any) -> Mapping[str, Any]:
    """A JSON object, an empty one for whatever is none."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A JSON array, an empty one for whatever is none."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Text that every store can hold, "" for whatever is none."""
    return markup.storable(value) if isinstance(value, str) else ""


def is_id(value: Any) -> TypeGuard[str]:
    """Whether this can be an id: text that every store can hold."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        return False
    return markup.storable(value) == value


def number(value: Any) -> int | None:
    """A count (bytes, pixels, milliseconds), None if it is none; clients write fractions too."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if not 0 <= value <= _LARGEST:  # not a number is neither
        return None
    return int(value)


def time_of(value: Any) -> datetime | None:
    """A time in milliseconds since 1970, None if it is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
