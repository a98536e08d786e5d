"""A Matrix account as a platform: joins the parts and keeps its promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.errors import Barred, NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import (
    Answer,
    Arrival,
    CommandTyped,
    Delivery,
    File,
    MessageId,
    MessagePosted,
    Offered,
    React,
    RoomId,
    Unreact,
)
from bot.forms import Form
from bot.platforms.base import (
    Capabilities,
    Finding,
    Identity,
    RoomInfo,
    Roster,
    Sent,
    Surroundings,
    Trouble,
)
from bot.platforms.matrix.checks import Checks
from bot.platforms.matrix.connection import Connection
from bot.platforms.matrix.crypto import AnyCrypto, Crypto, NoCrypto
from bot.platforms.matrix.crypto.identity import file_of
from bot.platforms.matrix.device_checks import DeviceChecks
from bot.platforms.matrix.direct import DirectRooms
from bot.platforms.matrix.feed import Feed
from bot.platforms.matrix.fetching import fetch
from bot.platforms.matrix.invitations import Invitations
from bot.platforms.matrix.links import permalink
from bot.platforms.matrix.listing import list_rooms
from bot.platforms.matrix.lookup import look_up
from bot.platforms.matrix.markup.splitting import LARGEST_ENCRYPTED, LARGEST_TEXT, size
from bot.platforms.matrix.media import Media
from bot.platforms.matrix.patience import Patience
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.powers import Powers
from bot.platforms.matrix.problems import TokenRefused
from bot.platforms.matrix.reader import Reader
from bot.platforms.matrix.rosters import Rosters
from bot.platforms.matrix.sender import REPEATABLE, Sender
from bot.platforms.matrix.session import Session
from bot.platforms.matrix.settings import MatrixSettings
from bot.platforms.matrix.standing import Standing
from bot.platforms.matrix.timeline import Timeline
from bot.platforms.pictures import Pictures
from bot.richtext import RichText

_IDEMPOTENT_FOR = 12 * 3600.0
"""Seconds: Synapse forgets transaction ids after 24 hours; half of that leaves room for clocks."""


class Matrix:
    """`bot.platforms.base.Platform` for one account on a homeserver."""

    def __init__(self, settings: MatrixSettings, surroundings: Surroundings) -> None:
        self.account = surroundings.account
        self.capabilities = Capabilities(
            longest_text=LARGEST_TEXT,
            cost=partial(size, account=self.account),
            idempotent_for=_IDEMPOTENT_FOR,
            request_timeout=surroundings.timeout,
            ephemeral=False,
            history_hides_privates=False,
            hides_files=True,
        )
        self._connection = Connection(
            settings.homeserver,
            proxy=surroundings.proxy,
            no_proxy=surroundings.no_proxy,
            ca_file=surroundings.ca_file,
            timeout=surroundings.timeout,
        )
        link, memory = self._connection, surroundings.memory
        self._server = settings.user_id.partition(":")[2]
        self._session = session = Session(settings, surroundings, link)
        self._places = places = Places(surroundings.rooms, link, memory)
        self._feed = feed = Feed(link)
        self._crypto = crypto = self._encrypting(settings, surroundings)
        self._direct = direct = DirectRooms(session, link, memory, crypto)
        self._patience = patience = Patience(self.account, session, link)
        invitations = Invitations(self.account, session.me, link, feed, places, direct)
        powers = Powers(link)
        self._rosters = rosters = Rosters(self.account, link, lambda: session.me)
        self._reader = reader = Reader(
            surroundings, session, places, direct, feed, patience, powers, invitations, crypto,
            rosters,
        )  # fmt: skip
        self._media = Media(link, memory, surroundings.open_file)
        self._pictures = Pictures(self._media.put, memory, surroundings.open_file)
        self._sender = Sender(session, link, self._media, crypto, self._pictures)
        self._rooms = surroundings.rooms
        self._standing = Standing(self.account, session, link, places)
        self._timeline = Timeline(
            self.account, memory, session, places, feed, patience, reader, invitations, crypto
        )
        folder = surroundings.folder
        keys = None if folder is None else file_of(folder, self.account)
        self._checks = Checks(
            self.account, settings.homeserver, surroundings.rooms, session, link, feed, places,
            DeviceChecks(self.account, settings, session, link, keys),
        )  # fmt: skip

    def _encrypting(self, settings: MatrixSettings, surroundings: Surroundings) -> AnyCrypto:
        if surroundings.folder is None:
            return NoCrypto()
        return Crypto(
            settings, self.account, surroundings.folder, self._session, self._connection,
            surroundings.memory, self._feed, self._shorten,
        )  # fmt: skip

    def _shorten(self) -> None:
        """There is an encrypted room: from now on messages are split for it, wherever they go."""
        self.capabilities = replace(self.capabilities, longest_text=LARGEST_ENCRYPTED)

    @property
    def session(self) -> str:
        """The device, "" before the first sign-in."""
        return self._session.device

    @property
    def connected(self) -> bool:
        """Whether the last request for news was answered."""
        return self._patience.connected

    async def open(self) -> None:
        """Sign in and enter the rooms that wait; raises `AccountRefused` or `NotSent`."""
        try:
            await self._timeline.begin()
        except (Refused, OutcomeUnknown) as error:
            raise NotSent(error.reason) from error
        with suppress(PlatformError):  # nothing needs it to begin with
            await self._media.learn_limit()
        self.capabilities = replace(self.capabilities, largest_file=self._media.largest)
        self._crypto.look(self._places.known().values())

    def events(self) -> AsyncGenerator[Arrival, None]:
        """Everything, from the committed position on; see `Timeline.events`."""
        return self._timeline.events()

    def read_up(self, rooms: Iterable[RoomId]) -> None:
        """Ask the homeserver at once what is new, instead of waiting for it to tell."""
        self._timeline.read_up(rooms)

    async def history(self, room: RoomId, since: str) -> AsyncGenerator[Arrival, None]:
        """What was said in a room after a position of the account, oldest first."""
        await self._session.sign_in()
        async for arrival in self._reader.history(await self._places.actual(room), since):
            yield arrival

    async def past(self, room: RoomId, since: datetime, most: int) -> AsyncGenerator[Arrival, None]:
        """What was said in a room since a time, oldest first."""
        await self._session.sign_in()
        async with self._renewing():
            actual = await self._places.actual(room)
            async with aclosing(self._reader.past(actual, since, most)) as arrivals:
                async for arrival in arrivals:
                    yield arrival

    async def deliver(self, delivery: Delivery) -> Sent:
        """Carry out one delivery; its id is the transaction's, so that it cannot double."""
        if not self._session.signed_in:
            raise NotSent("not signed in")
        async with self._renewing():
            if isinstance(delivery.content, Answer):
                return await self._sender.send(delivery, await self._target(delivery))
            try:
                room = await self._target(delivery)
            except Refused as error:  # an alias that leads nowhere
                raise Barred(error.reason) from error
            try:
                return await self._sender.send(delivery, room)
            except Refused as error:
                raise await self._standing.judged(error, room) from error

    async def show_form(self, opens: str, form: Form, typed: CommandTyped) -> None:
        """Matrix has no forms: what is not typed whole is answered with its usage."""
        del opens, form, typed
        raise Refused("no forms")

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look for a delivery where it would be; None after a complete look-up only."""
        if isinstance(delivery.content, REPEATABLE):
            return None
        if not self._session.signed_in:
            raise NotSent("not signed in")
        me = self._session.me
        try:
            async with self._renewing():
                for room in await self._landing(delivery):
                    found = await look_up(self._feed, room, me, delivery)
                    if found is not None:
                        return found
        except OutcomeUnknown as error:
            raise NotSent(error.reason) from error
        return None

    async def roster(self, room: RoomId) -> Roster:
        """Who can read a room."""
        await self._session.sign_in()
        async with self._renewing():
            return await self._rosters.roster(await self._places.actual(room))

    async def fetch(self, room: RoomId, message: MessageId) -> MessagePosted | None:
        """A message as its room shows it now, decrypted if need be."""
        await self._session.sign_in()
        async with self._renewing():
            actual = await self._places.actual(room)
            place = await self._reader.place(actual)
            if place is None:
                raise Refused("M_NOT_FOUND")
            read = partial(self._reader.glance, actual)
            return await fetch(self._connection, actual, message, place, read)

    @asynccontextmanager
    async def open_file(self, file: File) -> AsyncIterator[AsyncIterator[bytes]]:
        """A file of a room here: its bytes in pieces, decrypted if they are encrypted there."""
        await self._session.sign_in()
        async with AsyncExitStack() as stack:
            async with self._renewing():
                chunks = await stack.enter_async_context(self._media.open(file))
            yield chunks

    async def check(self) -> Sequence[Finding]:
        """Try the account and every configured room; changes nothing."""
        return await self._checks.run()

    def identity(self, room: RoomId) -> Identity | None:
        """The homeserver's room, None for an alias that was not resolved yet."""
        actual = self._places.known().get(room)
        if actual is None:
            return None
        return Identity(actual, heard=self._places.configured(actual) == room)

    def link_to(self, room: RoomId, message: MessageId) -> str | None:
        """Its `matrix.to` link; None for an alias that was not resolved yet."""
        actual = self._places.known().get(room)
        return None if actual is None else permalink(actual, message, self._server)

    async def probe(self) -> Sequence[Trouble]:
        """The rooms that the bot is not in, or that have moved."""
        await self._session.sign_in()
        async with self._renewing():
            return await self._standing.troubles(self._rooms)

    async def list_rooms(self) -> Sequence[RoomInfo]:
        """The rooms that the bot is in or invited to."""
        await self._session.sign_in()
        return await list_rooms(self.account, self._connection, self._feed)

    async def close(self) -> None:
        """Let go of every connection."""
        async with AsyncExitStack() as last:  # also where we are stopped meanwhile
            last.push_async_callback(self._crypto.close)
            last.push_async_callback(self._connection.close)
            await self._pictures.close()

    @asynccontextmanager
    async def _renewing(self) -> AsyncIterator[None]:
        """Sign in again where the token is refused; what was asked is then to be asked again."""
        token = self._connection.token
        try:
            yield
        except TokenRefused as refusal:
            await self._session.renew(token, refusal)
            raise NotSent("signed in again") from refusal

    async def _target(self, delivery: Delivery) -> str:
        match delivery.content:
            case Answer() as answer:
                hidden = await self._is_hidden(delivery.room)
                return await self._direct.room_for(delivery.room, answer, hidden=hidden)
            case (
                React(offered=Offered(str(person), direct))
                | Unreact(offered=Offered(str(person), direct))
            ):  # on a private answer, so where that went
                asked = Answer(person, RichText(()), direct=direct)
                hidden = await self._is_hidden(delivery.room)
                return await self._direct.room_for(delivery.room, asked, hidden=hidden)
            case _:
                return await self._places.actual(delivery.room)

    async def _is_hidden(self, room: RoomId) -> bool:
        """Whether a room is encrypted; where that cannot be found out, it counts as such."""
        try:
            return await self._crypto.is_encrypted(await self._places.actual(room))
        except Refused:
            return True

    async def _landing(self, delivery: Delivery) -> list[str]:
        match delivery.content:
            case Answer() as answer:
                return await self._direct.existing(delivery.room, answer)
            case _:
                return [await self._places.actual(delivery.room)]
