"""What is meant: a message of the asker's channel, by a name or as what is answered."""

from __future__ import annotations

from bot.bridge import links
from bot.custody import posting
from bot.delivery.report import find_message
from bot.errors import Misused, UserError
from bot.store.tables import Message
from commands.registry import Context


def meant(context: Context, ref: str | None) -> Message:
    """The message of a REF (see `report.find_message`), or without one that which is answered.

    Raises UserError where there is none, or none that is of the asker's channel.
    """
    if ref is not None:
        rooms = () if context.channel is None else context.house.rooms_of(context.channel)
        found = find_message(context.session, ref, rooms)
    elif context.answers is None or context.room is None:
        raise Misused("Say it in answer to a message, or with a link to one.")
    else:
        number = links.origin(context.session, context.room, context.answers)
        found = None if number is None else context.session.get(Message, number)
    if found is None or found.channel != context.channel:
        raise UserError("I know nothing of that message.")
    return found


def answered(context: Context) -> str | None:
    """The handle of what stands in the post that a command answers; None where it answers none."""
    if context.room is None or context.answers is None:
        return None
    return posting.posted_as(context.session, context.room, context.answers)


def check_named(context: Context) -> None:
    """Raise UserError in a channel under the Chatham House Rule: where a message was said, and who
    reacts, would tell who they are.
    """
    views = context.house.channels()
    if context.channel is not None and views[context.channel].chatham_house:
        raise UserError("This channel follows the Chatham House Rule: I do not say who did what.")
