"""Slack, by the stand-in, is a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.events import AccountId, DeliveryId, MessageId, PersonId, RoomId, person_id, room_id
from bot.platforms.base import Memory, Platform, Surroundings
from bot.platforms.slack.connection import SlackPlatform
from bot.platforms.slack.listening import Pace
from bot.platforms.slack.settings import SlackSettings
from bot.sandbox.slack import SlackStandIn, Workspace
from tests.bot.platforms.contract import FarSide, PlatformContract, Seen

_ACCOUNT = AccountId("slack:alpha")
_QUICK = Pace(reconcile=3600.0, spacing=0.0, first_pause=0.05)


class SlackFarSide:
    """A workspace of the stand-in."""

    def __init__(self, stand_in: SlackStandIn) -> None:
        self._stand_in = stand_in
        self.workspace: Workspace = stand_in.add_workspace("alpha")
        self._people = {name: self.workspace.person(name.title()) for name in ("ada", "ben")}
        self._channel = self.workspace.room("general", list(self._people.values()))
        self.room: RoomId = room_id(_ACCOUNT, self._channel)
        self.unknown_room: RoomId = room_id(_ACCOUNT, "C0ABSENT")

    def platform(self, memory: Memory) -> Platform:
        found = self.workspace.credentials()
        settings = SlackSettings.model_validate(
            {name: found[name] for name in ("bot_token", "app_token", "api_url")}
        )
        around = Surroundings(_ACCOUNT, frozenset({self.room}), memory, timeout=2.0)
        return SlackPlatform(settings, around, pace=_QUICK)

    async def say(self, text: str) -> MessageId:
        return MessageId(self.workspace.say(self._channel, self._people["ada"], text))

    async def seen(self) -> Sequence[Seen]:
        found = self.workspace.messages(self._channel)
        return [
            Seen(
                each["text"],
                DeliveryId(each["blocks"][0]["block_id"]) if each.get("bot_id") else None,
                each.get("username"),
            )
            for each in found
            if each.get("subtype") != "channel_join"
        ]

    async def person(self) -> PersonId:
        return person_id(_ACCOUNT, self._people["ada"])

    async def told(self, name: str) -> Sequence[str]:
        return [str(each) for each in self.workspace.whispers(self._people[name])]

    async def press(self, message: MessageId, emoji: str) -> None:
        self.workspace.press(self._channel, self._people["ada"], message, "press-0")

    async def cut(self) -> None:
        await self._stand_in.stop()

    async def restore(self) -> None:
        if not self._stand_in._runner:
            await self._stand_in.start()

    async def throttle(self, seconds: int) -> None:
        self.workspace.fault("throttle", on="chat.postMessage", seconds=seconds)

    async def swallow(self) -> None:
        self.workspace.fault("cut_after", on="chat.postMessage")

    async def malformed(self) -> None:
        self.workspace.inject({"type": "event_callback", "event": {"type": "message", "ts": 7}})


class TestSlack(PlatformContract):
    @asynccontextmanager
    async def far_side(self) -> AsyncIterator[FarSide]:
        async with SlackStandIn() as stand_in:
            yield SlackFarSide(stand_in)
