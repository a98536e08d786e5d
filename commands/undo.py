"""`undo`: takes back what one has just said, before anything of it has left."""

from __future__ import annotations

from typing import Annotated

from bot.bridge import delaying, recalling
from bot.custody.audit import Act, Action, of_message, record
from bot.errors import UserError
from bot.sharing.teams import TeamKey
from bot.store.tables import Message
from commands.originating import is_author, message_meant
from commands.registry import Arg, Context, Reply, command, reply


@command("undo", writes=True)
def undo(
    context: Context,
    ref: Annotated[str | None, Arg("a message link, or nothing in answer to it")] = None,
) -> Reply:
    """Take back what you have just said, before it is passed on."""
    message = _meant(context, ref)
    if message is None:
        raise UserError("You have said nothing here that I could take back.")
    if not is_author(context, message):
        raise UserError("Only who said it can undo it.")
    if message.deleted is not None:
        return reply(context.words("It is taken back already: nobody else gets it."))
    if not delaying.is_whole(context.session, message.id):
        raise UserError(
            "It is too late: it has been passed on. “recall” in answer to it takes it back."
        )
    recalling.recall(context.session, message, context.now)
    team = context.part().team
    act = Act(
        context.asker.person, None if team is None else team.key, Action.RECALLED,
        of_message(message), "undo",
        originator=TeamKey(message.originator) if message.originator else None,
    )  # fmt: skip
    record(context.session, act, context.now)
    return reply(context.words("Undone: nothing of it has left, and nothing will."))


def _meant(context: Context, ref: str | None) -> Message | None:
    """The message that is named or answered; else one's newest in this room, or, typed anywhere
    else, the newest that still waits.
    """
    if context.channel is not None and (ref is not None or context.answers is not None):
        return message_meant(context, ref)
    linked = context.house.linked(context.session, context.asker.person)
    authors = [context.asker.person, *linked]
    is_here = context.channel is not None and not context.direct
    return delaying.newest(context.session, authors, context.room if is_here else None)
