"""What the inside asks of a network, and what a network's folder brings.

A network is a package with a `NETWORK: Network`, named in the entry point group
`liaison.networks`. Nothing outside its folder knows it by name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from bot.errors import Refused
from bot.events import (
    AccountId,
    Arrival,
    Author,
    CommandTyped,
    Delivery,
    DeliveryId,
    File,
    MessageId,
    MessagePosted,
    RoomId,
)
from bot.forms import Form
from bot.richtext import RichText, plain
from bot.words import Words, words_for

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
    buttons: bool = False
    """Controls are shown as buttons. Where they are not, the bot's own reactions stand for them,
    to be joined, and the message names in words what can be typed instead."""
    topics: bool = True
    """A room's topic can be set."""
    broadcasts: bool = False
    """A message of a thread can be shown in the room as well."""
    largest_file: int | None = None
    """Bytes of a file that may be shared, None where that is not known (or not before `open`)."""
    hides_files: bool = False
    """A picture or video can be shown hidden until a reader asks for it."""


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
class Roster:
    """Who can read a room and what it is like, as its network says it now.

    `readers`: everybody who is in it, other bots and the bot itself (`Standing.OURS`) too;
    nobody's account that is closed. `homes`: workspaces and servers (in the normal form of
    members) all of whose members may enter uninvited; `world`: anybody may. `private`: only who
    is in it sees it. `history_from_joining`: who joins reads what is said from then on, or from
    their invitation; None, as of `encrypted`, where the network has no such thing.
    """

    readers: tuple[Author, ...]
    homes: frozenset[str] = frozenset()
    world: bool = False
    private: bool = True
    invitation_only: bool = True
    history_from_joining: bool | None = None
    encrypted: bool | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: `mend` says how to put it right, empty where `ok`."""

    what: str
    ok: bool
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something by which a direction is dead, of one room or (`room` None) of the whole account.

    `reason` is a code as of `PlatformError`. `now`: the room works, and has this name now, which
    the configuration should say.
    """

    reason: str
    room: RoomId | None = None
    now: RoomId | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Which conversation a configured room is. `conversation`: its own id, the same by whatever
    name and through whichever account of the network it is seen; `heard`: what happens there is
    told as happening in this room, and not in another configured one that is the same.
    """

    conversation: str
    heard: bool = True


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
        """Keep a value (a device id, a direct room), committed when this returns. What is kept
        as `of_delivery` is forgotten when nobody can ask for that delivery any more.
        """

    async def forget(self, key: str) -> None:
        """Keep nothing under `key`; committed when this returns."""


DELIVERY_KEY = "delivery "


def of_delivery(delivery: DeliveryId) -> str:
    """The key under which a network keeps what it must know of one delivery."""
    return DELIVERY_KEY + delivery


class Recollection(Protocol):
    """What a network may ask of what was taken in from its rooms; only networks whose message ids
    sort as text may.
    """

    async def unseen(self, room: RoomId, messages: Sequence[MessageId]) -> frozenset[MessageId]:
        """Those of the messages that were not taken in yet."""

    async def threads(self, room: RoomId, since: MessageId) -> Mapping[MessageId, MessageId]:
        """The threads in which anything after `since` is known: their roots, and the newest
        answer that is known in each.
        """


class NoRecollection:
    """A `Recollection` that knows nothing."""

    async def unseen(self, room: RoomId, messages: Sequence[MessageId]) -> frozenset[MessageId]:
        """All of them."""
        del room
        return frozenset(messages)

    async def threads(self, room: RoomId, since: MessageId) -> Mapping[MessageId, MessageId]:
        """None."""
        del room, since
        return {}


@dataclass(frozen=True, slots=True)
class CatchUp:
    """How much of what was missed is read again."""

    messages: int = 1000
    age: timedelta = timedelta(days=7)


class Showcase(Protocol):
    """Where pictures are put that a network fetches by itself from a public address."""

    async def put(self, content: bytes, kind: str) -> str:
        """Put a picture of a media type there; its `https` address, which nobody can guess."""

    def is_there(self, address: str) -> bool:
        """Whether a picture still is at an address that was given once."""


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
    recollection: Recollection = field(default_factory=NoRecollection)
    folder: Path | None = None
    """Where files may be kept that belong to the store (the keys of a device); None where there
    is no such place, so that nothing that needs one can be done."""
    words: Words = field(default_factory=lambda: words_for("en"))
    """The words for what a network itself has to say in a room."""
    showcase: Showcase | None = None
    """None where the bot has no public address."""
    restored: str = ""
    """Names the restore from a copy after which the store is recovering, "" where it is not: what
    the copy remembers of sessions and keys is stale, and all of the past is to be read.
    """


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

    def read_up(self, rooms: Iterable[RoomId]) -> None:
        """Read these rooms up to now, as soon as can be: `events` then yields a `RoomRead` for
        each, behind all that was said there until then. Waits for nothing. Of a room that cannot
        be read nothing follows, until it can: whoever still waits asks again.
        """

    def history(self, room: RoomId, since: str) -> AsyncIterator[Arrival]:
        """What was said in a room after a position, oldest first, read page by page."""

    def past(self, room: RoomId, since: datetime, most: int) -> AsyncIterator[Arrival]:
        """What was said in a room since a time, at most the newest `most` messages, oldest first,
        read page by page; whether or not the bot has read the room before.
        """

    async def deliver(self, delivery: Delivery) -> Sent:
        """Carry out one delivery, by one request; raises `PlatformError`, never anything else."""

    async def show_form(self, opens: str, form: Form, typed: CommandTyped) -> None:
        """Show somebody the form of what they chose, at once or never; raises `PlatformError`.
        `opens` is of `typed`, whose place the form brings back when it is filled in.
        """

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look for a delivery in its room; None only when a complete look-up found nothing."""

    async def roster(self, room: RoomId) -> Roster:
        """Who can read a room, whole; raises `PlatformError`, and then nothing is known: a call
        that failed is nobody's leaving and nobody's joining.
        """

    async def fetch(self, room: RoomId, message: MessageId) -> MessagePosted | None:
        """A message as its room shows it now (`version` set where it was edited), None where it
        is gone; raises `PlatformError` where that cannot be found out.
        """

    def identity(self, room: RoomId) -> Identity | None:
        """Which conversation a configured room is, as far as that is known now."""

    def link_to(self, room: RoomId, message: MessageId) -> str | None:
        """The address by which people open a message, as far as it is known now; None for none."""

    def open_file(self, file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """A file of this account's own, by its handle: its bytes in pieces, decrypted if need be.

        Raises `PlatformError` on entering or on the way: what came before is then no whole file.
        """

    async def check(self) -> Sequence[Finding]:
        """Try the account: token, scopes, membership, history rights; nothing is changed."""

    async def probe(self) -> Sequence[Trouble]:
        """What does not work at present; asked every twenty seconds, so a few requests at most.

        Raises `AccountRefused` where that is the account itself, another `PlatformError` where it
        cannot be found out.
        """

    async def list_rooms(self) -> Sequence[RoomInfo]:
        """The rooms that the bot can see."""

    async def close(self) -> None:
        """Let go of every connection; may be called at any time, and twice."""


@dataclass(frozen=True, slots=True)
class MessageLink:
    """The message that a link leads to."""

    message: MessageId
    room: str | None = None
    """The room's own id, None where the message's alone says which it is."""


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
    member_of: Callable[[str, str], str]
    """A person's normal form, from the name of the account that sees them and their own id; the
    same for all accounts through which a network shows the same person."""
    home_of: Callable[[str], str]
    """The workspace or server of a person in normal form; each of these is its own."""
    read_link: Callable[[str], MessageLink | None] = lambda _text: None
    """What a text leads to that is a link to a message of this network; None for any other."""
    room_link: Callable[[str], str | None] = lambda _id: None
    """A link by which people open a room, by its own id; None where there is none."""
    one_id: bool = False
    """Whether a room's own id is the same for all accounts of the network that see it."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """What codes of `PlatformError` say to people: a clause such as “the channel is archived”,
    as a message id of the catalogues."""
    manifest: Callable[..., str] | None = None
    """The app manifest to paste into the network's administration, where there is such a thing."""
