"""Files that are shared in a room: streamed to Slack, and shown there once.

Slack takes a file in three steps (https://docs.slack.dev/messaging/working-with-files): an address
to put it to, the bytes, and the word that it is complete and where it is to be shown. What it is
shown as comes some time after that word, or never. The file's id is kept before the word is given,
so that whoever tries again finds what has become of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import NotSent, OutcomeUnknown, Refused
from bot.events import Delivery, DeliveryId, MessageId, Share, local
from bot.platforms.base import Memory, OpenFile, Sent, of_delivery
from bot.platforms.slack.downloads import ask
from bot.platforms.slack.files import share_of
from bot.platforms.slack.labels import comment
from bot.platforms.slack.storing import Store, shown_name
from bot.platforms.slack.web import Web

_GONE = frozenset({"file_not_found", "file_deleted"})
NO_THREAD = frozenset({"thread_not_found", "invalid_thread_ts", "message_not_found"})
"""Refusals of a thread whose root is gone."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a file is waited for, in seconds."""

    shown: float = 20.0
    """Until the lane hears that nobody knows yet."""
    first: float = 0.2
    longest: float = 2.0
    """Between two looks."""
    lost: float = 120.0
    """After the first try: a file that is shown nowhere by then is taken back, and sent anew."""


class Uploads:
    """Shares files in one workspace's rooms."""

    def __init__(self, web: Web, memory: Memory, open_file: OpenFile, patience: Patience) -> None:
        """`open_file` opens a file of any account."""
        self._web = web
        self._memory = memory
        self._bytes = Store(web, open_file)
        self._patience = patience

    async def share(self, delivery: Delivery, share: Share) -> Sent:
        """Show a file in a room, once however often it is tried; raises `PlatformError`."""
        file, since = await self._kept(delivery)
        found = await self._known(file)
        if found is not None and self._is_lost(since) and _shown(found, delivery) is None:
            await self.take_back(file)  # so that it cannot be shown late, beside its successor
            file, found = "", None
        if found is None:
            file = await self._completed(delivery, share, file)
        return await self._until_shown(delivery, file)

    async def find(self, delivery: Delivery) -> Sent | None:
        """Where a file is shown that was tried before; None where it is known to be nowhere."""
        file, since = await self._kept(delivery)
        found = await self._known(file)
        if found is None:
            return None
        ts = _shown(found, delivery)
        if ts is not None:
            return Sent(MessageId(ts))
        if not self._is_lost(since):
            raise OutcomeUnknown("not_shown_yet", retry_after=self._patience.longest)
        return None

    async def file_of(self, made: DeliveryId) -> str | None:
        """The id of the file that a delivery of ours has shown."""
        file, _, _ = (await self._memory.recall(of_delivery(made)) or "").partition(" ")
        return file or None

    async def take_back(self, file: str) -> None:
        """Delete a file wherever it is shown; one that is gone is deleted."""
        try:
            await self._web.call("files.delete", {"file": file})
        except Refused as error:
            if error.reason not in _GONE:
                raise

    async def _completed(self, delivery: Delivery, share: Share, file: str) -> str:
        """Say that the file is complete, and upload it before where it is not there."""
        if file:
            try:
                await self._complete(delivery, share, file)
            except Refused as error:
                if error.reason not in _GONE:
                    raise
                if await self._known(file) is not None:
                    return file  # it was said before, and heard
            else:
                return file
        try:
            file = await self._bytes.upload(share.file)
        except OutcomeUnknown as error:  # nothing is shown of what is not complete
            raise NotSent(error.reason, retry_after=error.retry_after) from None
        await self._memory.keep(of_delivery(delivery.id), f"{file} {int(time.time())}")
        await self._complete(delivery, share, file)
        return file

    async def _complete(self, delivery: Delivery, share: Share, file: str) -> None:
        asked: dict[str, Any] = {
            "files": [{"id": file, "title": shown_name(share.file)}],
            "channel_id": local(delivery.room),
        }
        if share.thread is not None:
            asked["thread_ts"] = share.thread
        if share.author is not None:
            asked["initial_comment"] = comment(share.author)
        try:
            await self._web.call("files.completeUploadExternal", asked)
        except Refused as error:
            if error.reason not in NO_THREAD or "thread_ts" not in asked:
                raise
            del asked["thread_ts"]  # its root is gone: better in the room than nowhere
            await self._web.call("files.completeUploadExternal", asked)

    async def _until_shown(self, delivery: Delivery, file: str) -> Sent:
        pause, waited = self._patience.first, 0.0
        while True:
            found = await self._known(file)
            ts = None if found is None else _shown(found, delivery)
            if ts is not None:
                return Sent(MessageId(ts))
            if waited >= self._patience.shown:
                raise OutcomeUnknown("not_shown_yet")
            await asyncio.sleep(pause)
            waited += pause
            pause = min(pause * 1.5, self._patience.longest)

    async def _known(self, file: str) -> Mapping[str, object] | None:
        """What Slack says of a file that is complete, None where it knows none."""
        if not file:
            return None
        try:
            return await ask(self._web, file)
        except Refused as error:
            if error.reason in _GONE:
                return None
            raise

    async def _kept(self, delivery: Delivery) -> tuple[str, float]:
        """The file of an earlier try, and when it was complete; empty where there was none."""
        kept = await self._memory.recall(of_delivery(delivery.id)) or ""
        file, _, since = kept.partition(" ")
        return file, float(since) if since.isdecimal() else 0.0

    def _is_lost(self, since: float) -> bool:
        return time.time() - since > self._patience.lost


def _shown(found: Mapping[str, object], delivery: Delivery) -> str | None:
    return share_of(found, local(delivery.room))
