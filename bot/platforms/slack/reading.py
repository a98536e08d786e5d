"""Payloads and messages read with what must be asked first: names, and facts of files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.errors import PlatformError, Refused
from bot.events import (
    Displayed,
    Event,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    RoomId,
    RosterChanged,
    Undeliverable,
    Unreadable,
    room_id,
)
from bot.platforms.slack import files, inbound
from bot.platforms.slack.displayed import displayed
from bot.platforms.slack.downloads import ask
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.knowing import Known
from bot.platforms.slack.rosters import Rosters
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
        missed: Callable[[RoomId], None],
        rosters: Rosters,
    ) -> None:
        """`rooms`: those that are configured. `us`: who the bot is, known once the account is
        open. `took_back`: whether the bot itself deleted a message, which Slack does not say.
        `missed`: something may have been said in a room that nobody told us of.
        """
        self._web = web
        self._known = known
        self._rooms = rooms
        self._us = us
        self._took_back = took_back
        self._missed = missed
        self._rosters = rosters

    async def of_payload(self, payload: object) -> Sequence[Event]:
        """The events that an envelope's payload means, one at least; the last is what it tells."""
        await self._note(payload)
        changed = [RosterChanged(room) for room in self._rosters.changed_by(payload, self._us())]
        match payload:
            case {"type": "event_callback", "event": {"files": list()} as message, **rest}:
                whole = await self._with_files(message)
                payload = {"type": "event_callback", **rest, "event": whole}
        await self._known.learn(payload)
        now = datetime.now(UTC)
        event = inbound.event_of(payload, self._us(), self._known.lookups, now)
        return [*changed, self._owned(event)]

    async def of_history(self, message: Mapping[str, Any], room: RoomId) -> Sequence[Event]:
        """The events that a message of a room's past means, one at least."""
        message = await self._with_files(message)
        await self._known.learn(message)
        return [
            self._owned(event)
            for event in inbound.events_of(message, room, self._us(), self._known.lookups)
        ]

    async def said_in_history(self, message: Mapping[str, Any], room: RoomId) -> Event:
        """What was said with a message of a room's past, in the words that it has now."""
        message = await self._with_files(message)
        await self._known.learn(message)
        return self._owned(inbound.message_of(message, room, self._us(), self._known.lookups))

    async def posted(self, message: Mapping[str, Any], room: RoomId) -> MessagePosted | None:
        """A message of a room's past as it stands, None where it says nothing any more.

        Raises `Refused` where it cannot be read.
        """
        match await self.said_in_history(message, room):
            case MessagePosted() as posted:
                return posted
            case Unreadable() | Undeliverable():
                raise Refused("unreadable")
            case _:
                return None

    async def displayed(self, message: Mapping[str, Any], room: RoomId) -> Displayed:
        """A message as its room shows it now."""
        if message.get("edited"):
            message = await self._with_files(message)
        if message.get("edited") or message.get("reactions"):
            await self._known.learn(message)
        return displayed(message, room, self._us(), self._known.lookups)

    def is_said(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is something that somebody else than the bot said."""
        return inbound.is_said(message, self._us())

    async def _note(self, payload: object) -> None:
        """What happened to a configured room itself: it is followed, and read where something
        may have been said that nobody told us of.
        """
        channel = inbound.room_in(payload)
        room = None if channel is None else room_id(self._us().account, channel)
        if channel is None or room is None or room not in self._rooms:
            return
        change = inbound.room_event(payload)
        moved = change is not None and change[1] is not None
        if change is not None:
            log.warning("room.changed", room=room, kind=change[0], now=change[1])
            if change[1] is not None:
                await self._web.places.follow(channel, change[1])
        if moved or inbound.opened(payload, self._us()):
            self._missed(room)

    def _owned(self, event: Event) -> Event:
        if isinstance(event, MessageDeleted) and self._took_back(event.room, event.message):
            return replace(event, own=True)
        if isinstance(event, MessagePosted | MessageEdited) and not event.own:
            return self._known.emoji.shown(event)
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
