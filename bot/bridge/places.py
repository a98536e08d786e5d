"""Where people speak: the channels with their rooms and rules, from the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.events import AccountId, RoomId, account_of
from bot.platforms.base import Capabilities
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Channel:
    """A coordination channel. `relay`: what passes beside what people say (bots, topic, pins,
    joins); `max_file` in bytes.
    """

    name: str
    rooms: tuple[RoomId, ...]
    relay: frozenset[str] = frozenset({"bots", "topic", "pins"})
    mass_mentions: bool = False
    max_file: int = 100_000_000

    def others(self, room: RoomId) -> list[RoomId]:
        """Where what happens in `room` goes, in the configuration's order."""
        return [other for other in self.rooms if other != room]


@dataclass(frozen=True, slots=True)
class Places:
    """All channels, the admin rooms, and what each account's network can do (as it stands now:
    some is known only when it is connected).
    """

    channels: Mapping[str, Channel]
    admin_rooms: frozenset[RoomId]
    capabilities: Callable[[AccountId], Capabilities]

    def able(self, room: RoomId) -> Capabilities:
        """What can be done in a room."""
        return self.capabilities(account_of(room))


@dataclass(frozen=True, slots=True)
class Scene:
    """What every decision about one event needs: its channel, the places, the bot's words."""

    channel: Channel
    places: Places
    words: Words
