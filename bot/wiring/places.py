"""The configured channels and rooms as those want them who relay and witness."""

from __future__ import annotations

from bot.bridge.places import Channel
from bot.events import RoomId, account_of
from config.coalition import Channel as ChannelSettings
from config.settings import Settings


def channel_of(name: str, channel: ChannelSettings) -> Channel:
    """A configured channel, as the relay wants it."""
    return Channel(
        name,
        channel.rooms,
        frozenset(channel.relay),
        channel.mass_mentions,
        channel.max_file,
        channel.chatham_house,
        channel.delay,
        channel.recognise,
    )


def witnesses_of(settings: Settings) -> list[RoomId]:
    """The rooms that the audit's heads are told to: the admin rooms, and each team's own."""
    homes = [team.home for team in settings.teams.values() if team.home is not None]
    rooms = dict.fromkeys((*settings.liaison.admin_rooms, *homes))
    return [room for room in rooms if account_of(room) in settings.accounts]
