"""`who-reacted`: whose reactions does the bot show for all of a room?"""

from __future__ import annotations

from typing import Annotated

from bot.bridge import reactions
from bot.bridge.names import cleaned
from commands.meaning import check_named, meant
from commands.registry import Arg, Context, Reply, command, reply


@command("who-reacted", placed=True, shortcut="Who reacted")
def who_reacted(
    context: Context, ref: Annotated[str | None, Arg("a message link", form="")] = None
) -> Reply:
    """Who reacted to a message, and with what?"""
    check_named(context)
    rows = reactions.who_reacted(context.session, meant(context, ref).id)
    words = context.words
    if not rows:
        return reply(words("Nobody has reacted to it."))
    by_emoji: dict[str, list[str]] = {}
    for row in rows:
        by_emoji.setdefault(row.emoji, []).append(
            words("{name} ({room})", name=cleaned(row.name), room=row.room)
        )
    lines = [f"{emoji} {', '.join(names)}" for emoji, names in by_emoji.items()]
    return reply("\n".join([words.count("{n} reaction:", "{n} reactions:", len(rows)), *lines]))
