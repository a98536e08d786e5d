"""What the inside asks of a network, and what a network's folder brings.

A network is a package with a `NETWORK: Network`, named in the entry point group
`liaison.networks`. Nothing outside its folder knows it by name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from pydantic import BaseModel

from bot.errors import Refused
from bot.events import AccountId, Arrival, Delivery, File, MessageId, RoomId
from bot.richtext import RichText, plain

OpenFile = Callable[[File], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Opens a file for reading: its bytes in pieces, never whole in memory.

Entering raises `PlatformError` where it cannot be read, and so may reading it.
"""


def _no_files(_file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    raise Refused("no files here")


def _characters(body: RichText) -> int:
    return len(plain(body))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can do, as plain data."""

    longest_text: int
    """What `cost` may say of one message; splitting happens before the outbox."""
    idempotent_for: float
    """Seconds for which the same delivery, sent again by the same session, cannot double.

    0 where a network has no such thing: an unknown outcome is looked up there instead.
    """
    request_timeout: float
    """Seconds after which a request that was not answered cannot still be under way at our end.

    An outcome that is unknown is looked up this long after it was sent, not earlier.
    """
    ephemeral: bool = True
    """Private answers show in the room to one person only; where they do not, they go to a direct
    room and the question gets a neutral mark instead."""
    history_hides_privates: bool = True
    """Private answers cannot be looked up: they are sent again when their outcome is unknown."""
    cost: Callable[[RichText], int] = _characters
    """What a body takes of `longest_text`, the marks that are added to it included. Must not fall
    when the body grows."""
    reactions: bool = True
    """The bot can react to messages."""
    topics: bool = True
    """A room's topic can be set."""
    broadcasts: bool = False
    """A message of a thread can be shown in the room as well."""
    largest_file: int | None = None
    """Bytes of a file that may be shared, None where that is not known (or not before `open`)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery landed: the id it has there, None where the network gives none."""

    message: MessageId | None


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """A room that the bot can see."""

    room: RoomId
    name: str
    joined: bool
    private: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: `mend` says how to put it right, empty where `ok`."""

    what: str
    ok: bool
    mend: str = ""


class Memory(Protocol):
    """What a network may keep between runs: small, in the store, per account.

    Marks are written by the inlet, with the events they belong to; a network only reads them.
    """

    async def mark(self, scope: str) -> str | None:
        """The committed position of a scope (see `bot.events.Mark`), None before the first."""

    async def set_mark(self, scope: str, position: str) -> None:
        """Start a scope here; does nothing where it has a position already."""

    async def recall(self, key: str) -> str | None:
        """A value kept under `key`, None where there is none."""

    async def keep(self, key: str, value: str) -> None:
        """Keep a value (a device id, a direct room), committed when this returns."""


@dataclass(frozen=True, slots=True)
class CatchUp:
    """How much of what was missed is read again."""

    messages: int = 1000
    age: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a network is given: nothing else of the house reaches it."""

    account: AccountId
    rooms: frozenset[RoomId]
    """The rooms that are configured, in channels and for admins. Invitations to others are not
    accepted."""
    memory: Memory
    proxy: str | None = None
    no_proxy: tuple[str, ...] = ()
    ca_file: str | None = None
    bot_name: str = "Liaison"
    timeout: float = 30.0
    """Seconds that a request may take (`network.timeout`): what `Capabilities.request_timeout`
    is to be."""
    catch_up: Mapping[RoomId, CatchUp] = field(default_factory=dict)
    """Limits per configured room, the default where it is absent."""
    open_file: OpenFile = _no_files
    """Opens a file of whatever account it lies with (see `Platform.open_file`)."""


class Platform(Protocol):
    """A chat network, seen as a source of events and a carrier of deliveries.

    Must hold: `events` yields one source's events in the order in which the network gave them,
    what was missed before what is new; it never ends of itself, reconnects for ever, and yields
    malformed input as a value. What is yielded has not been acknowledged. Must not happen: an
    acknowledgement before the commit; two messages for one delivery; a message's text in a log;
    an exception that is no `PlatformError`.
    """

    account: AccountId
    capabilities: Capabilities

    @property
    def session(self) -> str:
        """The session that makes repeated sending harmless (a Matrix device), "" where none."""

    @property
    def connected(self) -> bool:
        """Whether live events are being received now."""

    async def open(self) -> None:
        """Connect once: returns when connected, raises `AccountRefused` when it never will be,
        or `NotSent` when the network cannot be reached now (`events` goes on trying).
        """

    def events(self) -> AsyncIterator[Arrival]:
        """Everything that happens, from the committed marks on, for ever."""

    def history(self, room: RoomId, since: str) -> AsyncIterator[Arrival]:
        """What was said in a room after a position, oldest first, read page by page."""

    async def deliver(self, delivery: Delivery) -> Sent:
        """Carry out one delivery, by one request; raises `PlatformError`, never anything else."""

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look for a delivery in its room; None only when a complete look-up found nothing."""

    def open_file(self, file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """A file of this account's own, by its handle: its bytes in pieces, decrypted if need be.

        Raises `PlatformError` on entering or on the way: what came before is then no whole file.
        """

    async def check(self) -> Sequence[Finding]:
        """Try the account: token, scopes, membership, history rights; nothing is changed."""

    async def list_rooms(self) -> Sequence[RoomInfo]:
        """The rooms that the bot can see."""

    async def close(self) -> None:
        """Let go of every connection; may be called at any time, and twice."""


@dataclass(frozen=True, slots=True)
class Network:
    """What a network's folder brings, as plain data and functions."""

    name: str
    """The word before the colon: `slack`. Also the table of its accounts in the configuration."""
    settings: type[BaseModel]
    """One account's table; unknown keys are refused."""
    connect: Callable[[Any, Surroundings], Platform]
    """Make the adapter from settings and surroundings; does no I/O."""
    room_syntax: str
    """How a room of this network is written, for messages: `slack:<workspace>/<channel id>`."""
    parse_room: Callable[[str], str | None]
    """The room's own id from what stands after the account and slash, None if it cannot be one."""
    parse_member: Callable[[str, frozenset[str]], str | None]
    """A member in normal form from what stands after `name:`, with the configured accounts'
    names; None if it cannot be one. A workspace, a server or a person."""
    is_person: Callable[[str], bool]
    """Whether a member in normal form names one person."""
    manifest: Callable[..., str] | None = None
    """The app manifest to paste into the network's administration, where there is such a thing."""
