"""Times as the asker means them: in their own zone, or in the channel's."""

from __future__ import annotations

from datetime import UTC, tzinfo

from bot.times.instants import Reading, read_instant
from commands.registry import Context


def own_zone(context: Context) -> tzinfo:
    """The asker's zone: their team's, for who is of none the channel's."""
    team = context.part().team
    return channel_zone(context) if team is None else team.zone


def channel_zone(context: Context) -> tzinfo:
    """The zone of the channel that is meant, UTC without one."""
    views = context.house.channels()
    return UTC if context.channel is None else views[context.channel].zone


def read_time(context: Context, typed: str, *, ahead: bool = True) -> Reading:
    """The instant that the asker has typed: see `bot.times.instants`. Raises UserError."""
    return read_instant(typed, context.now, own_zone(context), ahead=ahead)
