"""`who-reacted`: whose reactions does the bot show for all of a room?"""

from __future__ import annotations

from typing import Annotated

from bot.bridge import links, reactions
from bot.delivery.report import find_message
from bot.errors import UserError
from commands.registry import Arg, Context, Reply, command, reply


@command("who-reacted", placed=True)
def who_reacted(
    context: Context, ref: Annotated[str | None, Arg("a message link")] = None
) -> Reply:
    """Who reacted to a message, and with what?"""
    rows = reactions.who_reacted(context.session, _meant(context, ref))
    words = context.words
    if not rows:
        return reply(words("Nobody has reacted to it."))
    by_emoji: dict[str, list[str]] = {}
    for row in rows:
        by_emoji.setdefault(row.emoji, []).append(
            words("{name} ({room})", name=row.name, room=row.room)
        )
    lines = [f"{emoji} {', '.join(names)}" for emoji, names in by_emoji.items()]
    return reply("\n".join([words.count("{n} reaction:", "{n} reactions:", len(rows)), *lines]))


def _meant(context: Context, ref: str | None) -> int:
    """The number of the message that is meant, which must be of the asker's channel."""
    if ref is None:
        if context.answers is None or context.room is None:
            raise UserError("Say it in answer to a message, or with a link to one.")
        found = links.origin(context.session, context.room, context.answers)
        if found is None:
            raise UserError("I know nothing of that message.")
        return found
    message = find_message(context.session, ref)
    if message is None or message.channel != context.channel:
        raise UserError("I know nothing of that message.")
    return message.id
