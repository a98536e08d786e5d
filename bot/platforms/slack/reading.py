"""Payloads and messages read with what must be asked first: names, and facts of files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.errors import PlatformError
from bot.events import Event, MessageDeleted, MessageId, RoomId, room_id
from bot.platforms.slack import files, inbound
from bot.platforms.slack.downloads import ask
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.knowing import Known
from bot.platforms.slack.web import Web

log = structlog.get_logger()

_PATIENCE = 2.0
"""Seconds that a message waits for facts of its files: it goes ahead without them."""


class Reading:
    """Reads what one workspace sends."""

    def __init__(
        self,
        web: Web,
        known: Known,
        rooms: frozenset[RoomId],
        us: Callable[[], Ourselves],
        took_back: Callable[[RoomId, MessageId], bool],
    ) -> None:
        """`rooms`: those that are configured. `us`: who the bot is, known once the account is
        open. `took_back`: whether the bot itself deleted a message, which Slack does not say.
        """
        self._web = web
        self._known = known
        self._rooms = rooms
        self._us = us
        self._took_back = took_back

    async def of_payload(self, payload: object) -> Event:
        """The event that an envelope's payload means."""
        self._note(payload)
        match payload:
            case {"type": "event_callback", "event": {"files": list()} as message, **rest}:
                event = await self._with_files(message)
                payload = {"type": "event_callback", **rest, "event": event}
        await self._known.learn(payload)
        now = datetime.now(UTC)
        return self._owned(inbound.event_of(payload, self._us(), self._known.lookups, now))

    async def of_history(self, message: Mapping[str, Any], room: RoomId) -> Sequence[Event]:
        """The events that a message of a room's past means, one at least."""
        message = await self._with_files(message)
        await self._known.learn(message)
        return [
            self._owned(event)
            for event in inbound.events_of(message, room, self._us(), self._known.lookups)
        ]

    def _note(self, payload: object) -> None:
        """Tell the administrator what happened to a configured room itself."""
        change, channel = inbound.room_event(payload), inbound.room_in(payload)
        if change is None or channel is None:
            return
        room = room_id(self._us().account, channel)
        if room in self._rooms:
            log.warning("room.changed", room=room, kind=change[0], now=change[1])

    def _owned(self, event: Event) -> Event:
        if isinstance(event, MessageDeleted) and self._took_back(event.room, event.message):
            return replace(event, own=True)
        return event

    async def _with_files(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """The message with the facts of those files of which it tells the id alone."""
        asked = {file: asyncio.create_task(ask(self._web, file)) for file in files.unknown(message)}
        if not asked:
            return message
        _, late = await asyncio.wait(asked.values(), timeout=_PATIENCE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        told = {}
        for file, task in asked.items():
            if task in late:
                continue
            try:
                told[file] = task.result()
            except PlatformError as error:
                log.info("file.not_known", reason=error.reason)
        return files.known(message, told)
