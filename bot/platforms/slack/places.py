"""Channels that have another id than the configuration says: the one place that knows both.

A channel that is converted may get a new id (`channel_id_changed`). Inside it keeps the one that
it is configured by; what goes to Slack and what comes from there is translated at the edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.platforms.base import Memory

_NAMED_BY = ("channel", "channel_id")
"""The parameters by which methods are told a channel."""


class Places:
    """The channels of one workspace that have moved."""

    def __init__(self, configured: Iterable[str], memory: Memory) -> None:
        self._configured = tuple(configured)
        self._memory = memory
        self._recalled = False
        self._now: dict[str, str] = {}
        self._before: dict[str, str] = {}

    async def recall(self) -> None:
        """Take note, once, of what moved in earlier runs."""
        if self._recalled:
            return
        self._recalled = True
        for channel in self._configured:
            now = await self._memory.recall(_key(channel))
            if now:
                self._note(channel, now)

    async def follow(self, channel: str, now: str) -> None:
        """A configured channel has this id from now on."""
        self._note(channel, now)
        await self._memory.keep(_key(channel), now)

    def actual(self, channel: str) -> str:
        """The id that a channel has."""
        return self._now.get(channel, channel)

    def outward(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is asked of Slack, in its ids."""
        if not self._now:
            return parameters
        named = {name: parameters[name] for name in _NAMED_BY if name in parameters}
        return {**parameters, **{name: self.actual(value) for name, value in named.items()}}

    def inward(self, told: Any) -> Any:
        """What Slack tells, in the configuration's ids: wherever a channel's stands alone."""
        if not self._before:
            return told
        match told:
            case str():
                return self._before.get(told, told)
            case dict():
                return {self.inward(key): self.inward(value) for key, value in told.items()}
            case list():
                return [self.inward(value) for value in told]
            case _:
                return told

    def _note(self, channel: str, now: str) -> None:
        self._before.pop(self.actual(channel), None)
        self._now.pop(channel, None)
        if now != channel:
            self._now[channel], self._before[now] = now, channel


def _key(channel: str) -> str:
    return f"moved:{channel}"
