"""What other devices tell this one: keys of rooms, and requests for some. One transaction each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import vodozemac

from bot.platforms.matrix.crypto.book import Book, Inbound
from bot.platforms.matrix.crypto.olm import MEGOLM, Broken, Myself, Told, unseal
from bot.platforms.matrix.envelope import as_object, is_id


@dataclass(frozen=True, slots=True)
class Asked:
    """A room's session that we have asked for: of whose message, by which device (or "")."""

    sender: str
    peer: str


@dataclass(frozen=True, slots=True)
class Request:
    """A device asks for a room's session."""

    user: str
    device: str
    room: str
    session: str


@dataclass
class Taken:
    """What a bundle of messages to this device held."""

    keys: list[tuple[str, str]] = field(default_factory=list)
    """Sessions that came, by room and id."""
    broken: list[tuple[str, str]] = field(default_factory=list)
    """Devices (by person and Curve25519 key) whose messages we cannot open."""
    requests: list[Request] = field(default_factory=list)


class _Message(msgspec.Struct):
    type: Any = None
    sender: Any = None
    content: Any = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Reads messages to this device. `ours`: the Curve25519 keys of our account's own verified
    devices; `asked`: what we have asked for, by room and session.
    """

    me: Myself
    ours: Collection[str]
    asked: Mapping[tuple[str, str], Asked]

    def take(self, book: Book, messages: Collection[msgspec.Raw]) -> Taken:
        """Keep what they bring; shown again they bring nothing."""
        taken = Taken()
        for raw in messages:
            message = _decoded(raw)
            if message is None or not isinstance(message.sender, str):
                continue
            content = as_object(message.content)
            if message.type == "m.room.encrypted":
                self._open(book, message.sender, content, taken)
            elif message.type == "m.room_key_request":
                self._note_request(message.sender, content, taken)
        return taken

    def _open(self, book: Book, sender: str, content: Mapping[str, Any], taken: Taken) -> None:
        try:
            told = unseal(book, self.me, sender, content)
        except Broken:
            taken.broken.append((sender, str(content.get("sender_key"))))
            return
        if told is None or told.content.get("algorithm") != MEGOLM:
            return
        room = told.content.get("room_id")
        inbound = self._session(told)
        if inbound is not None and is_id(room) and book.keep_inbound(room, inbound):
            taken.keys.append((room, inbound.session.session_id))

    def _session(self, told: Told) -> Inbound | None:
        key = told.content.get("session_key")
        try:
            if told.type == "m.room_key":
                session = vodozemac.InboundGroupSession(vodozemac.SessionKey(str(key)))
                return Inbound(told.sender, told.peer, told.ed25519, session)
            if told.type == "m.forwarded_room_key":
                exported = vodozemac.ExportedSessionKey(str(key))
                session = vodozemac.InboundGroupSession.import_session(exported)
                return self._forwarded(told, session)
        except ValueError:
            return None
        return None

    def _forwarded(self, told: Told, session: vodozemac.InboundGroupSession) -> Inbound | None:
        """A session that we asked for, from the device that made it or from one of our own."""
        asked = self.asked.get((str(told.content.get("room_id")), session.session_id))
        if asked is None:
            return None
        owner, ed25519 = told.content.get("sender_key"), told.ed25519
        if told.peer == owner and told.sender == asked.sender:
            return Inbound(told.sender, told.peer, ed25519, session)
        claimed = told.content.get("sender_claimed_ed25519_key")
        trusted = told.sender == self.me.user and told.peer in self.ours
        if trusted and isinstance(owner, str) and isinstance(claimed, str):
            return Inbound(asked.sender, owner, claimed, session)
        return None

    def _note_request(self, sender: str, content: Mapping[str, Any], taken: Taken) -> None:
        body, device = as_object(content.get("body")), content.get("requesting_device_id")
        room, session = body.get("room_id"), body.get("session_id")
        if content.get("action") != "request" or body.get("algorithm") != MEGOLM:
            return
        if (sender, device) == (self.me.user, self.me.device):
            return
        if is_id(device) and is_id(room) and is_id(session):
            taken.requests.append(Request(sender, device, room, session))


def _decoded(raw: msgspec.Raw) -> _Message | None:
    try:
        return msgspec.json.decode(raw, type=_Message)
    except (msgspec.MsgspecError, RecursionError):
        return None
