"""Messages between two devices (Olm): made, opened and checked, inside a transaction.

Client-server API, "m.olm.v1.curve25519-aes-sha2".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import vodozemac

from bot.platforms.matrix.crypto.book import Book
from bot.platforms.matrix.crypto.signing import canonical, decoded, unpadded
from bot.platforms.matrix.envelope import as_object

OLM = "m.olm.v1.curve25519-aes-sha2"
MEGOLM = "m.megolm.v1.aes-sha2"


class Broken(Exception):
    """A message to this device cannot be opened: its session has to be made anew."""


@dataclass(frozen=True, slots=True)
class Myself:
    """Who we are to other devices."""

    user: str
    device: str
    ed25519: str
    curve25519: str

    @property
    def keys(self) -> dict[str, Any]:
        """The device's keys, without a signature."""
        return {
            "algorithms": [OLM, MEGOLM],
            "device_id": self.device,
            "user_id": self.user,
            "keys": {
                f"curve25519:{self.device}": self.curve25519,
                f"ed25519:{self.device}": self.ed25519,
            },
        }


def myself(account: vodozemac.Account, user: str, device: str) -> Myself:
    """Who the owner of an account is."""
    ed25519, curve25519 = account.ed25519_key.to_base64(), account.curve25519_key.to_base64()
    return Myself(user, device, ed25519, curve25519)


def own_keys(account: vodozemac.Account, me: Myself) -> dict[str, Any]:
    """The device's keys as they are published, signed by itself."""
    return _signed(me.keys, account, me)


def one_time_keys(account: vodozemac.Account, me: Myself) -> dict[str, Any]:
    """The account's unpublished one-time keys, each signed."""
    return {
        f"signed_curve25519:{name}": _signed({"key": key.to_base64()}, account, me)
        for name, key in account.one_time_keys.items()
    }


def fallback_keys(account: vodozemac.Account, me: Myself) -> dict[str, Any]:
    """The account's unpublished fallback key, signed."""
    keys: Mapping[str, vodozemac.Curve25519PublicKey] = account.fallback_key  # type: ignore[attr-defined]  # absent from its stubs
    return {
        f"signed_curve25519:{name}": _signed(
            {"key": key.to_base64(), "fallback": True}, account, me
        )
        for name, key in keys.items()
    }


def _signed(value: dict[str, Any], account: vodozemac.Account, me: Myself) -> dict[str, Any]:
    signature = account.sign(canonical(value)).to_base64()
    return {**value, "signatures": {me.user: {f"ed25519:{me.device}": signature}}}


@dataclass(frozen=True, slots=True)
class Peer:
    """Another device, as a recipient."""

    user: str
    device: str
    ed25519: str
    curve25519: str


def seal(
    session: vodozemac.Session,
    me: Myself,
    own: Mapping[str, Any],
    peer: Peer,
    kind: str,
    content: Mapping[str, Any],
) -> dict[str, Any]:
    """The content of an `m.room.encrypted` to a device; `own`: our keys as they are published.

    The session has moved on: keep it before this is sent.
    """
    said = {
        "type": kind,
        "content": content,
        "sender": me.user,
        "sender_device": me.device,
        "keys": {"ed25519": me.ed25519},
        "recipient": peer.user,
        "recipient_keys": {"ed25519": peer.ed25519},
        "sender_device_keys": own,
    }
    kind_of, body = session.encrypt(msgspec.json.encode(said)).to_parts()
    return {
        "algorithm": OLM,
        "sender_key": me.curve25519,
        "ciphertext": {peer.curve25519: {"type": kind_of, "body": unpadded(body)}},
    }


@dataclass(frozen=True, slots=True)
class Told:
    """What another device told this one: its keys, and what it said."""

    sender: str
    peer: str
    ed25519: str
    type: str
    content: Mapping[str, Any]


def unseal(book: Book, me: Myself, sender: str, content: Mapping[str, Any]) -> Told | None:
    """What an `m.room.encrypted` from a device says; None if it was seen before, or is not for us.

    Raises `Broken` where it is for us and cannot be opened.
    """
    peer = content.get("sender_key")
    sealed = as_object(as_object(content.get("ciphertext")).get(me.curve25519))
    if content.get("algorithm") != OLM or not isinstance(peer, str) or not sealed:
        return None
    try:
        body = decoded(sealed.get("body"))
        message = vodozemac.AnyOlmMessage.from_parts(int(sealed.get("type", -1)), body)
    except (ValueError, TypeError, OverflowError):
        return None
    if not book.first_seen(hashlib.sha256(body).digest()):
        return None
    return _checked(_opened(book, peer, message), me, sender, peer)


def _opened(book: Book, peer: str, message: vodozemac.AnyOlmMessage) -> bytes:
    for session in book.sessions(peer):
        try:
            said = session.decrypt(message)
        except ValueError:
            continue
        book.keep_session(peer, session, heard=True)
        return said
    first = message.to_pre_key()
    found = book.account()
    if first is None or found is None:
        raise Broken
    account, published = found
    try:
        theirs = vodozemac.Curve25519PublicKey.from_base64(peer)
        session, said = account.create_inbound_session(theirs, first)
    except ValueError as error:
        raise Broken from error
    book.keep_account(account, published=published)  # without the one-time key that it used
    book.keep_session(peer, session, heard=True)
    return said


def _checked(said: bytes, me: Myself, sender: str, peer: str) -> Told | None:
    """What was said, if it was said by `sender` and to us: nobody can pass it on as theirs."""
    try:
        told = as_object(msgspec.json.decode(said))
    except (msgspec.MsgspecError, RecursionError):
        return None
    ed25519 = as_object(told.get("keys")).get("ed25519")
    ours = as_object(told.get("recipient_keys")).get("ed25519") == me.ed25519
    if told.get("sender") != sender or told.get("recipient") != me.user or not ours:
        return None
    kind, content = told.get("type"), told.get("content")
    if not isinstance(ed25519, str) or not isinstance(kind, str) or not isinstance(content, dict):
        return None
    return Told(sender, peer, ed25519, kind, content)
