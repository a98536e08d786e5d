"""`hold`: a legal hold: what is kept of a channel or message is not erased for its age."""

from __future__ import annotations

from typing import Annotated

from bot.custody import holding
from bot.custody.audit import Action
from commands.holding import WHAT, target_of, write_down
from commands.registry import Arg, Context, Reply, Role, command, reply


@command("hold", role=Role.ADMIN, writes=True)
def hold(context: Context, what: Annotated[str, Arg(WHAT, shown="CHANNEL|REF")]) -> Reply:
    """Keep what is stored of a channel or message until “unhold”."""
    kind, name, thing, owner = target_of(context, what)
    words = context.words
    if not holding.begin(context.session, kind, name, context.asker.person, context.now):
        return reply(words("It is held already."))
    write_down(context, Action.HELD, thing, owner)
    text = words("Held: nothing of it is erased for its age until “unhold {what}”.", what=what)
    note = words("What is taken back or denied is erased all the same.")
    return reply(f"{text}\n{note}")
