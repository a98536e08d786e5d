"""What somebody may know of a channel."""

from __future__ import annotations

from commands.registry import ChannelView, Context


def may_know(context: Context, view: ChannelView) -> bool:
    """Whether the asker may know what a channel is about: in its rooms and in admin rooms
    everybody, elsewhere those of its teams alone.
    """
    room = context.room
    if room is None or not context.direct or context.house.is_admin_room(room):
        return True
    team = context.part().team
    return team is None or view.teams is None or team.key in {*view.teams, *view.observers}
