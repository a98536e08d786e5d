"""The rooms' sessions that were given to us, and what is read with them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import msgspec
import vodozemac

from bot.platforms.matrix.crypto.book import Inbound
from bot.platforms.matrix.crypto.keystore import Keystore
from bot.platforms.matrix.crypto.olm import MEGOLM
from bot.platforms.matrix.envelope import RoomEvent, as_object, is_id

_SESSIONS = 1_000
_INDICES = 50_000
"""Sessions that are kept open, and messages that are remembered, so that none is played again."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An encrypted event, read: what it holds, and whose device made it."""

    event: RoomEvent
    sender: str
    peer: str
    ed25519: str


@dataclass(frozen=True, slots=True)
class Closed:
    """An encrypted event that cannot be read. `session` is the one that it needs, "" where no key
    would help; `why` is for the counters.
    """

    why: str
    session: str = ""
    peer: str = ""


class Ring:
    """Opens what is said in encrypted rooms; raises `NotSent` where the keys cannot be read."""

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore
        self._open: OrderedDict[tuple[str, str], Inbound] = OrderedDict()
        self._played: OrderedDict[tuple[str, str, int], str] = OrderedDict()

    def forget(self, room: str, session: str) -> None:
        """A session has come, or a better one: what is known of it is read anew."""
        self._open.pop((room, session), None)

    async def read(self, room: str, event: RoomEvent) -> Opened | Closed:
        """What an `m.room.encrypted` of a room holds."""
        content = as_object(event.content)
        session = content.get("session_id")
        if content.get("algorithm") != MEGOLM or not is_id(session):
            return Closed("encrypted in an unknown way")
        try:
            message = vodozemac.MegolmMessage.from_base64(str(content.get("ciphertext")))
        except ValueError:
            return Closed("no ciphertext")
        peer = content.get("sender_key")
        missing = Closed("no key", session, peer if isinstance(peer, str) else "")
        found = await self._session(room, session)
        if found is None:
            return missing
        try:
            said = found.session.decrypt(message)
        except ValueError:
            known = found.session.first_known_index
            return missing if message.message_index() < known else Closed("damaged")
        if found.sender != event.sender:
            return Closed("another sender's key")
        if self._is_played_again((room, session, said.message_index), event):
            return Closed("played again")
        inside = _inside(said.plaintext, room, event)
        if inside is None:
            return Closed("of another room, or no event")
        return Opened(inside, found.sender, found.peer, found.ed25519)

    async def _session(self, room: str, session: str) -> Inbound | None:
        key = (room, session)
        if key not in self._open:
            found = await self._keystore.run(lambda book: book.inbound(room, session))
            if found is None:
                return None
            self._open[key] = found
        self._open.move_to_end(key)
        if len(self._open) > _SESSIONS:
            self._open.popitem(last=False)
        return self._open[key]

    def _is_played_again(self, key: tuple[str, str, int], event: RoomEvent) -> bool:
        """Whether this message was in another event before: a homeserver could repeat it."""
        first = self._played.setdefault(key, str(event.event_id))
        if len(self._played) > _INDICES:
            self._played.popitem(last=False)
        return bool(first != event.event_id)


def _inside(said: bytes, room: str, event: RoomEvent) -> RoomEvent | None:
    """The event as it would be in the clear; the relation in the clear counts, if there is one."""
    try:
        payload = as_object(msgspec.json.decode(said))
    except (msgspec.MsgspecError, RecursionError):
        return None
    kind, content = payload.get("type"), payload.get("content")
    if payload.get("room_id") != room or not isinstance(kind, str) or not isinstance(content, dict):
        return None
    relation = as_object(event.content).get("m.relates_to")
    inner: dict[str, Any] = content if relation is None else {**content, "m.relates_to": relation}
    return msgspec.structs.replace(event, type=kind, content=inner)
