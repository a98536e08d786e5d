"""What somebody may know of a channel."""

from __future__ import annotations

from commands.registry.context import Context
from commands.registry.house import ChannelView


def may_know(context: Context, view: ChannelView) -> bool:
    """Whether the asker may know that there is a channel, and what it is about: in its rooms and
    in admin rooms everybody, elsewhere those of its teams alone.
    """
    room, house = context.room, context.house
    if room is None or house.is_admin_room(room) or house.channel_of(room) == view.name:
        return True
    team = context.part().team
    if team is None:
        return not house.directory().teams
    return team.key in house.roster(view.name)
