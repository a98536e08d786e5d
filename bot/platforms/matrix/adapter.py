"""A Matrix account as a platform: joins the parts and keeps its promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from bot.errors import NotSent, OutcomeUnknown, Refused
from bot.events import Answer, Arrival, Delivery, MessageId, RoomId
from bot.platforms.base import Capabilities, Finding, RoomInfo, Sent, Surroundings
from bot.platforms.matrix import outbound
from bot.platforms.matrix.checks import Checks
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.direct import DirectRooms
from bot.platforms.matrix.feed import Feed
from bot.platforms.matrix.invitations import Invitations
from bot.platforms.matrix.listing import list_rooms
from bot.platforms.matrix.lookup import look_up
from bot.platforms.matrix.patience import Patience
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.problems import TokenRefused
from bot.platforms.matrix.reader import Reader
from bot.platforms.matrix.session import Session
from bot.platforms.matrix.settings import MatrixSettings
from bot.platforms.matrix.timeline import Timeline
from bot.platforms.matrix.wire import SentEvent

_LONGEST_TEXT = 60_000
_IDEMPOTENT_FOR = 12 * 3600.0
"""Seconds: Synapse forgets transaction ids after 24 hours; half of that leaves room for clocks."""


class Matrix:
    """`bot.platforms.base.Platform` for one account on a homeserver."""

    def __init__(self, settings: MatrixSettings, surroundings: Surroundings) -> None:
        self.account = surroundings.account
        self.capabilities = Capabilities(
            longest_text=_LONGEST_TEXT,
            idempotent_for=_IDEMPOTENT_FOR,
            request_timeout=surroundings.timeout,
            ephemeral=False,
            history_hides_privates=False,
        )
        self._connection = Connection(
            settings.homeserver,
            proxy=surroundings.proxy,
            no_proxy=surroundings.no_proxy,
            ca_file=surroundings.ca_file,
            timeout=surroundings.timeout,
        )
        link, memory = self._connection, surroundings.memory
        self._session = session = Session(settings, surroundings, link)
        self._places = places = Places(surroundings.rooms, link)
        self._direct = direct = DirectRooms(session, link, memory)
        self._feed = feed = Feed(link)
        self._patience = patience = Patience(self.account, session, link)
        self._reader = reader = Reader(surroundings, session, places, direct, feed, patience)
        invitations = Invitations(self.account, session.me, link, feed, places, direct)
        self._timeline = Timeline(
            self.account, memory, session, places, feed, patience, reader, invitations
        )
        self._checks = Checks(
            self.account, settings.homeserver, surroundings.rooms, session, link, feed, places
        )

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

    def events(self) -> AsyncGenerator[Arrival, None]:
        """Everything, from the committed position on; see `Timeline.events`."""
        return self._timeline.events()

    async def history(self, room: RoomId, since: str) -> AsyncGenerator[Arrival, None]:
        """What was said in a room after a position of the account, oldest first."""
        await self._session.sign_in()
        async for arrival in self._reader.history(await self._places.actual(room), since):
            yield arrival

    async def deliver(self, delivery: Delivery) -> Sent:
        """Send one event; its delivery's id is the transaction's, so that it cannot double."""
        request = outbound.request(delivery)
        if not self._session.signed_in:
            raise NotSent("not signed in")
        token = self._connection.token
        try:
            room = await self._target(delivery)
            where = path("rooms", room, "send", request.type, delivery.id)
            answer = await self._connection.call(SentEvent, "PUT", where, request.content)
        except TokenRefused as refusal:
            await self._session.renew(token, refusal)
            raise NotSent("signed in again") from refusal
        except Refused as error:
            if error.reason == "M_DUPLICATE_ANNOTATION":  # the reaction is there already
                return Sent(None)
            raise
        return Sent(MessageId(answer.event_id))

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look for a delivery where it would be; None after a complete look-up only."""
        if not self._session.signed_in:
            raise NotSent("not signed in")
        token = self._connection.token
        try:
            for room in await self._landing(delivery):
                found = await look_up(self._feed, room, self._session.me, delivery)
                if found is not None:
                    return found
        except TokenRefused as refusal:
            await self._session.renew(token, refusal)
            raise NotSent("signed in again") from refusal
        except OutcomeUnknown as error:
            raise NotSent(error.reason) from error
        return None

    async def check(self) -> Sequence[Finding]:
        """Try the account and every configured room; changes nothing."""
        return await self._checks.run()

    async def list_rooms(self) -> Sequence[RoomInfo]:
        """The rooms that the bot is in or invited to."""
        await self._session.sign_in()
        return await list_rooms(self.account, self._connection, self._feed)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._connection.close()

    async def _target(self, delivery: Delivery) -> str:
        match delivery.content:
            case Answer() as answer:
                return await self._direct.room_for(delivery.room, answer)
            case _:
                return await self._places.actual(delivery.room)

    async def _landing(self, delivery: Delivery) -> list[str]:
        match delivery.content:
            case Answer() as answer:
                return await self._direct.existing(delivery.room, answer)
            case _:
                return [await self._places.actual(delivery.room)]
