"""One Slack workspace, as the inside sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import structlog

from bot.errors import NotSent, OutcomeUnknown, Refused
from bot.events import Answer, Arrival, Delivery, Event, MessageId, Post, React, RoomId, local
from bot.platforms.base import Capabilities, Finding, RoomInfo, Sent, Surroundings
from bot.platforms.gaps import Gaps
from bot.platforms.slack import checks, inbound, outbound, people
from bot.platforms.slack.history import History, position
from bot.platforms.slack.inbound import Ourselves
from bot.platforms.slack.listening import Listening, Pace, socket_address
from bot.platforms.slack.names import Names
from bot.platforms.slack.past import PastReader, ts_of
from bot.platforms.slack.settings import SlackSettings
from bot.platforms.slack.web import Web

log = structlog.get_logger()

_MARGIN = timedelta(minutes=5)
"""How long before its first try a delivery is looked for: clocks differ."""
_GREETING = 15.0
"""Seconds for the first socket to be greeted."""
_AGAIN = 5.0
"""Seconds between two tries to open an account whose events are already being waited for."""


class SlackPlatform:
    """A `bot.platforms.base.Platform`."""

    def __init__(
        self,
        settings: SlackSettings,
        surroundings: Surroundings,
        *,
        pace: Pace | None = None,
    ) -> None:
        self.account = surroundings.account
        self.capabilities = Capabilities(
            longest_text=outbound.LONGEST_TEXT,
            idempotent_for=0.0,
            request_timeout=surroundings.timeout,
        )
        self._settings = settings
        self._rooms = surroundings.rooms
        self._web = Web(settings, surroundings)
        self._names = Names(self._name_of)
        self._past = PastReader(self._web.call)
        self._history = History(self._past, self._names, self._ourselves)
        self._us: Ourselves | None = None
        self._listening: Listening | None = None
        self._opening = asyncio.Lock()
        self._pace = pace or Pace()
        self._limits = surroundings.catch_up
        self._memory = surroundings.memory

    @property
    def session(self) -> str:
        """Slack has no session that makes repeated sending harmless."""
        return ""

    @property
    def connected(self) -> bool:
        """Whether a socket is open."""
        return self._listening is not None and self._listening.live

    async def open(self) -> None:
        """Try both tokens, and open the sockets."""
        async with self._opening:
            if self._listening is not None:
                return
            self._us = None  # the token may be another one than at the last try
            try:
                await self._know_ourselves()
                address = await socket_address(self._web)
            except (OutcomeUnknown, Refused) as error:  # of a question, which changed nothing
                raise NotSent(error.reason, retry_after=error.retry_after) from None
            gaps = Gaps(
                self._rooms,
                self._history,
                self._memory,
                limits=self._limits,
                reconcile=self._pace.reconcile,
                spacing=self._pace.spacing,
                first_pause=self._pace.first_pause,
            )
            await gaps.begin()
            listening = Listening(self._web, gaps, self.account, self._read, self._pace)
            try:
                await listening.start(address, _GREETING)
            except TimeoutError:
                await listening.close()
                raise NotSent("socket") from None
            except BaseException:
                await listening.close()
                raise
            self._gaps, self._listening = gaps, listening

    async def events(self) -> AsyncGenerator[Arrival, None]:
        """Everything that happens, for ever; of each room what was missed before what is new."""
        while self._listening is None:
            try:
                await self.open()
            except NotSent as error:
                await asyncio.sleep(error.retry_after or _AGAIN)
        async with aclosing(self._gaps.arrivals()) as arrivals:
            async for arrival in arrivals:
                yield arrival

    async def history(self, room: RoomId, since: str) -> AsyncGenerator[Arrival, None]:
        """What was said in a room after a `ts`."""
        await self._know_ourselves()
        async with aclosing(self._history.read(room, since, None)) as arrivals:
            async for arrival in arrivals:
                yield arrival

    async def deliver(self, delivery: Delivery) -> Sent:
        """Carry out one delivery by one request."""
        request = outbound.request_of(delivery, datetime.now(UTC))
        if isinstance(request, outbound.Respond):
            if await self._web.respond(request.url, request.body):
                return Sent(None)
            request = request.otherwise  # the address is used up: nothing was shown
        return await self._carry_out(request)

    async def _carry_out(self, call: outbound.Call) -> Sent:
        try:
            answer = await self._web.call(call.method, call.parameters)
        except Refused as error:
            if error.reason == "already_reacted":
                return Sent(None)
            raise
        if call.method != "chat.postMessage":
            return Sent(None)
        ts = answer.get("ts")
        if not isinstance(ts, str):
            raise OutcomeUnknown("unreadable")
        if self._listening is not None:
            self._listening.landed()
        return Sent(MessageId(ts))

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look for a delivery by its id, from a little before its first try to now.

        A reaction is never looked for, as adding it twice is adding it once; a private answer
        cannot be, as Slack keeps none in any history.
        """
        match delivery.content:
            case React() | Answer(direct=False):
                return None
            case Post(thread=thread) | Answer(thread=thread):
                pass
        us = await self._know_ourselves()
        channel = local(delivery.room)
        tried = delivery.tried or datetime.now(UTC) - timedelta(days=1)
        since = position((tried - _MARGIN).timestamp())
        async with aclosing(self._past.search(channel, thread, since)) as messages:
            async for message in messages:
                if inbound.own_delivery(message, us) == delivery.id:
                    return Sent(MessageId(ts_of(message)))
        return None

    async def check(self) -> Sequence[Finding]:
        """Try tokens, scopes, membership and rights."""
        return await checks.check(self._web, self._settings, self._rooms)

    async def list_rooms(self) -> Sequence[RoomInfo]:
        """The channels that the bot is in, and the public ones that it could be invited to."""
        return await checks.list_rooms(self._web, self.account)

    async def close(self) -> None:
        """Let go of every connection."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.close()
        await self._names.close()
        await self._web.close()

    async def _read(self, payload: object) -> Event:
        renamed = people.renamed(payload)
        if renamed is not None and self._names.get(renamed[0]) is not None:
            self._names.keep(*renamed)
        await self._names.learn(people.people_in(payload))
        return inbound.event_of(payload, self._ourselves(), self._names.get, datetime.now(UTC))

    async def _name_of(self, user: str) -> str | None:
        answer = await self._web.call("users.info", {"user": user})
        found = answer.get("user")
        return people.shown_name(found) if isinstance(found, dict) else None

    async def _know_ourselves(self) -> Ourselves:
        """Who the bot is, asked once."""
        if self._us is None:
            self._us = self._identity(await self._web.call("auth.test"))
        return self._us

    def _ourselves(self) -> Ourselves:
        if self._us is None:
            raise NotSent("not_open")
        return self._us

    def _identity(self, answer: dict[str, object]) -> Ourselves:
        user, bot = answer.get("user_id"), answer.get("bot_id")
        if not isinstance(user, str):
            raise OutcomeUnknown("unreadable")
        bot = bot if isinstance(bot, str) else ""
        return Ourselves(self.account, user, bot, self._settings.command_prefix)
