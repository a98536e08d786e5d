"""What is to be held, as somebody names it in an admin room: a channel, or a message."""

from __future__ import annotations

from bot.custody.audit import OPERATOR, Act, Action, named, of_message, record
from bot.custody.holding import Kind
from bot.delivery.report import find_message
from bot.errors import UserError
from bot.sharing.teams import TeamKey
from bot.words import message
from commands.registry import Context
from commands.targets import in_admin_room

WHAT = message("a channel, or a message link")


def target_of(context: Context, what: str) -> tuple[Kind, str, str, TeamKey | None]:
    """What is meant: its kind, the name that it is held by, what the audit calls it, and whose it
    is. Raises UserError where it is nothing, or not said in an admin room.
    """
    if not in_admin_room(context):
        raise UserError("Say it in an admin room.")
    if what in context.house.channels():
        return Kind.CHANNEL, what, named("channel", what), None
    message = find_message(context.session, what)
    if message is None:
        raise UserError("I know no channel and no message by that name.")
    owner = TeamKey(message.originator) if message.originator else None
    return Kind.MESSAGE, str(message.id), of_message(message), owner


def write_down(context: Context, action: Action, thing: str, owner: TeamKey | None) -> None:
    """Record what was done."""
    team = context.part().team
    who = context.asker.person or OPERATOR
    act = Act(who, None if team is None else team.key, action, thing, "legal hold",
              originator=owner)  # fmt: skip
    record(context.session, act, context.now)
