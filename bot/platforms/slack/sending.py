"""Deliveries carried out, and found again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from bot.errors import OutcomeUnknown, Refused
from bot.events import (
    IDEMPOTENT,
    Answer,
    Delete,
    Delivery,
    DeliveryId,
    MessageId,
    Post,
    RoomId,
    Share,
    local,
)
from bot.platforms.base import Sent
from bot.platforms.pictures import Pictures
from bot.platforms.slack import outbound
from bot.platforms.slack.history import position
from bot.platforms.slack.identity import Ourselves, own_delivery
from bot.platforms.slack.labels import icon
from bot.platforms.slack.past import PastReader, ts_of
from bot.platforms.slack.uploads import NO_THREAD, Uploads
from bot.platforms.slack.web import Web

_MARGIN = timedelta(minutes=5)
"""How long before its first try a delivery is looked for: clocks differ."""
_REMEMBERED = 1_000
"""Deletions of our own that are known when Slack tells of them."""


class Sending:
    """Sends to one workspace."""

    def __init__(
        self,
        web: Web,
        past: PastReader,
        uploads: Uploads,
        us: Callable[[], Awaitable[Ourselves]],
        landed: Callable[[str, str], None],
        pictures: Pictures | None = None,
    ) -> None:
        """`us`: who the bot is; `landed` is called with channel and `ts` of each message of
        which Slack will tell.
        """
        self._web = web
        self._pictures = pictures
        self._past = past
        self._uploads = uploads
        self._us = us
        self._landed = landed
        self._taken_back: OrderedDict[tuple[RoomId, MessageId], None] = OrderedDict()

    async def deliver(self, delivery: Delivery) -> Sent:
        """Carry out one delivery; raises `PlatformError`."""
        match delivery.content:
            case Share() as share:
                return await self._uploads.share(delivery, share)
            case Delete(message, made):
                await self._take_back(delivery.room, message, made)
        request = outbound.request_of(self._pictured(delivery), datetime.now(UTC))
        if isinstance(request, outbound.Respond):
            if await self._web.respond(request.url, request.body):
                return Sent(None)
            request = request.otherwise  # the address is used up: nothing was shown
        return await self._carry_out(request)

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look for a delivery by its id, from a little before its first try to now.

        What may be done twice is never looked for; a private answer cannot be, as Slack keeps
        none in any history.
        """
        content = delivery.content
        if isinstance(content, IDEMPOTENT):
            return None
        if isinstance(content, Share):
            return await self._uploads.find(delivery)
        if isinstance(content, Answer) and not content.direct:
            return None
        thread = outbound.thread_of(content)
        found = await self._search(delivery, thread)
        if found is None and thread is not None:  # it may have lost its thread on the way
            found = await self._search(delivery, None)
        return found

    def _pictured(self, delivery: Delivery) -> Delivery:
        """The same with the author's picture at an address where Slack can fetch it."""
        content = delivery.content
        if self._pictures is None or not isinstance(content, Post) or content.author is None:
            return delivery
        if not content.author.picture or icon(content.author):
            return delivery
        shown = replace(content.author, picture=self._pictures.of(content.author))
        return replace(delivery, content=replace(content, author=shown))

    def took_back(self, room: RoomId, message: MessageId) -> bool:
        """Whether the bot itself deleted a message, as far as is remembered."""
        return (room, message) in self._taken_back

    async def _carry_out(self, call: outbound.Call) -> Sent:
        try:
            answer = await self._web.call(call.method, call.parameters)
        except Refused as error:
            if error.reason in call.done:
                return Sent(None)
            if call.method == "chat.postMessage" and error.reason in NO_THREAD:
                rootless = _without_thread(call)
                if rootless is not None:  # its root is gone: better in the room than nowhere
                    return await self._carry_out(rootless)
            raise
        if call.method != "chat.postMessage":
            return Sent(None)
        ts = answer.get("ts")
        if not isinstance(ts, str):
            raise OutcomeUnknown("unreadable")
        self._landed(str(call.parameters["channel"]), ts)
        return Sent(MessageId(ts))

    async def _take_back(self, room: RoomId, message: MessageId, made: DeliveryId) -> None:
        """Remember that it is ours, and delete the file that it shows."""
        self._taken_back[room, message] = None
        if len(self._taken_back) > _REMEMBERED:
            self._taken_back.popitem(last=False)
        file = await self._uploads.file_of(made) if made else None
        if file is not None:
            await self._uploads.take_back(file)

    async def _search(self, delivery: Delivery, thread: str | None) -> Sent | None:
        us = await self._us()
        tried = delivery.tried or datetime.now(UTC) - timedelta(days=1)
        since = position((tried - _MARGIN).timestamp())
        search = self._past.search(local(delivery.room), thread, since)
        async with aclosing(search) as messages:
            async for message in messages:
                if own_delivery(message, us) == delivery.id:
                    return Sent(MessageId(ts_of(message)))
        return None


def _without_thread(call: outbound.Call) -> outbound.Call | None:
    kept: dict[str, Any] = {
        key: value
        for key, value in call.parameters.items()
        if key not in {"thread_ts", "reply_broadcast"}
    }
    return outbound.Call(call.method, kept) if "thread_ts" in call.parameters else None
