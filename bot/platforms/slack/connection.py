"""One Slack workspace, as the inside sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from datetime import datetime

import structlog

from bot.errors import NotSent, OutcomeUnknown, Refused
from bot.events import (
    Arrival,
    CommandTyped,
    Delivery,
    File,
    MessageId,
    MessagePosted,
    RoomId,
    local,
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
from bot.platforms.gaps import Gaps
from bot.platforms.pictures import Pictures
from bot.platforms.slack import checks, markup, modals, outbound, probing
from bot.platforms.slack.census import Census
from bot.platforms.slack.comparing import Comparing
from bot.platforms.slack.downloads import Downloads
from bot.platforms.slack.history import History, position
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.knowing import Known
from bot.platforms.slack.links import permalink
from bot.platforms.slack.listening import Listening, Pace, socket_address
from bot.platforms.slack.markup import emoji_names
from bot.platforms.slack.past import PastReader
from bot.platforms.slack.reading import Reading
from bot.platforms.slack.rosters import Rosters
from bot.platforms.slack.said import time_of
from bot.platforms.slack.sending import Sending
from bot.platforms.slack.settings import SlackSettings
from bot.platforms.slack.uploads import Patience, Uploads
from bot.platforms.slack.web import Web

log = structlog.get_logger()

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
        patience: Patience | None = None,
    ) -> None:
        self.account = surroundings.account
        self.capabilities = Capabilities(
            longest_text=outbound.LONGEST_TEXT,
            idempotent_for=0.0,
            request_timeout=surroundings.timeout,
            cost=markup.cost,
            buttons=True,
            topics=False,
            broadcasts=True,
            largest_file=outbound.LARGEST_FILE,
        )
        self._settings = settings
        self._rooms = surroundings.rooms
        self._web = Web(settings, surroundings)
        self._past = past = PastReader(self._web.call)
        uploads = Uploads(
            self._web, surroundings.memory, surroundings.open_file, patience or Patience()
        )
        self._pictures = _pictures(surroundings)
        self._sending = Sending(
            self._web, past, uploads, self._know_ourselves, self._landed, self._pictures
        )
        self._downloads = Downloads(self._web)
        self._known = Known(self._web, self._workspace)
        self._census = Census(self._web, self._workspace)
        self._rosters = Rosters(self._web, self._census, self._rooms)
        self._reading = Reading(
            self._web,
            self._known,
            self._rooms,
            self._ourselves,
            self._sending.took_back,
            self._read_again,
            self._rosters,
        )
        memory, recollection = surroundings.memory, surroundings.recollection
        self._history = History(past, self._reading, memory, recollection)
        self._comparing = Comparing(
            past, self._history, self._reading, memory, recollection, surroundings.catch_up
        )
        self._closed: set[RoomId] = set()
        """Rooms that the bot could not read when it last looked."""
        self._us: Ourselves | None = None
        self._listening: Listening | None = None
        self._opening = asyncio.Lock()
        self._pace = pace or Pace()
        self._limits = surroundings.catch_up
        self._thorough = surroundings.restored != ""
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
            emoji_names.name_of("")  # its tables take a moment, which no message is to wait for
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
                missed=self._missed,
                comparison=self._comparing,
                thorough=self._thorough,
            )
            await gaps.begin()
            listening = Listening(
                self._web,
                gaps,
                self.account,
                self._reading.of_payload,
                self._census.doubt,
                self._pace,
            )
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

    def read_up(self, rooms: Iterable[RoomId]) -> None:
        """Read these channels from history, before others."""
        if self._listening is not None:
            self._gaps.read_up(rooms)

    async def history(self, room: RoomId, since: str) -> AsyncGenerator[Arrival, None]:
        """What was said in a room after a `ts`."""
        await self._know_ourselves()
        async with aclosing(self._history.all(room, since)) as arrivals:
            async for arrival in arrivals:
                yield arrival

    async def past(self, room: RoomId, since: datetime, most: int) -> AsyncGenerator[Arrival, None]:
        """What was said in a room since a time, oldest first."""
        await self._know_ourselves()
        start = position(since.timestamp())
        async with aclosing(self._history.all(room, start, most)) as arrivals:
            async for arrival in arrivals:
                yield arrival

    async def deliver(self, delivery: Delivery) -> Sent:
        """Carry out one delivery."""
        return await self._sending.deliver(delivery)

    async def show_form(self, opens: str, form: Form, typed: CommandTyped) -> None:
        """Open a modal; the trigger lives for three seconds."""
        view = modals.view(form, typed)
        await self._web.call("views.open", {"trigger_id": opens, "view": view})

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look for a delivery by its id, from a little before its first try to now."""
        return await self._sending.find(delivery)

    async def roster(self, room: RoomId) -> Roster:
        """Who can read a channel."""
        return await self._rosters.roster(room, await self._know_ourselves())

    async def fetch(self, room: RoomId, message: MessageId) -> MessagePosted | None:
        """A message of a channel, or of a thread in it, as it stands there now."""
        await self._know_ourselves()
        found = await self._past.message(local(room), message)
        return None if found is None else await self._reading.posted(found, room)

    def open_file(self, file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """A file of the workspace, streamed."""
        return self._downloads.open(file)

    async def check(self) -> Sequence[Finding]:
        """Try tokens, scopes, membership and rights."""
        return await checks.check(self._web, self._settings, self._rooms)

    def identity(self, room: RoomId) -> Identity | None:
        """Its channel, by the id that it has now: with Slack Connect all workspaces that share a
        channel know it by one id.
        """
        return Identity(self._web.places.actual(local(room)))

    def link_to(self, room: RoomId, message: MessageId) -> str | None:
        """Its permalink, once the workspace has said where it lies."""
        address = "" if self._us is None else self._us.address
        return permalink(address, self._web.places.actual(local(room)), message)

    async def probe(self) -> Sequence[Trouble]:
        """Whether both tokens are good, and which rooms the bot is not in or that have moved."""
        troubles = await probing.troubles(self._web, self._rooms)
        closed = {each.room for each in troubles if each.room is not None and each.now is None}
        for room in self._closed - closed:
            self._read_again(room)
        self._closed = closed
        sockets = self._listening.sockets if self._listening is not None else ()
        refused = {each.refused.reason for each in sockets if each.refused is not None}
        return [*troubles, *(Trouble(reason) for reason in refused)]

    async def list_rooms(self) -> Sequence[RoomInfo]:
        """The channels that the bot is in, and the public ones that it could be invited to."""
        return await checks.list_rooms(self._web, self.account)

    async def close(self) -> None:
        """Let go of every connection."""
        listening, self._listening = self._listening, None
        async with AsyncExitStack() as last:  # also where we are stopped meanwhile
            last.push_async_callback(self._web.close)
            if self._pictures is not None:
                last.push_async_callback(self._pictures.close)
            last.push_async_callback(self._known.close)
            if listening is not None:
                await listening.close()

    def _landed(self, channel: str, ts: str) -> None:
        if self._listening is not None:
            self._listening.landed((channel, ts))

    def _read_again(self, room: RoomId) -> None:
        if self._listening is not None:
            self._gaps.fall_behind([room])

    def _missed(self, position: str) -> None:
        said = time_of(position)
        if self._listening is not None and said is not None:
            self._listening.missed(said.timestamp())

    async def _know_ourselves(self) -> Ourselves:
        """Who the bot is, asked once."""
        if self._us is None:
            self._us = self._identity(await self._web.call("auth.test"))
        return self._us

    def _workspace(self) -> str:
        """The workspace's id, "" where it is not known yet."""
        return self._us.workspace if self._us is not None else ""

    def _ourselves(self) -> Ourselves:
        if self._us is None:
            raise NotSent("not_open")
        return self._us

    def _identity(self, answer: dict[str, object]) -> Ourselves:
        user, bot = answer.get("user_id"), answer.get("bot_id")
        if not isinstance(user, str):
            raise OutcomeUnknown("unreadable")
        bot = bot if isinstance(bot, str) else ""
        workspace, address = answer.get("team_id"), answer.get("url")
        return Ourselves(
            self.account,
            user,
            bot,
            self._settings.command_prefix,
            workspace if isinstance(workspace, str) else "",
            address if isinstance(address, str) else "",
        )


def _pictures(surroundings: Surroundings) -> Pictures | None:
    """The pictures of people of other networks, where Slack can fetch any from us."""
    showcase = surroundings.showcase
    if showcase is None:
        return None
    memory, open_file = surroundings.memory, surroundings.open_file
    return Pictures(showcase.put, memory, open_file, showcase.is_there)
