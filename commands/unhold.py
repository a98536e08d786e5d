"""`unhold`: ends a legal hold."""

from __future__ import annotations

from typing import Annotated

from bot.custody import holding
from bot.custody.audit import Action
from bot.errors import UserError
from commands.holding import WHAT, target_of, write_down
from commands.registry import Arg, Context, Reply, Role, command, reply


@command("unhold", role=Role.ADMIN, writes=True)
def unhold(context: Context, what: Annotated[str, Arg(WHAT, shown="CHANNEL|REF")]) -> Reply:
    """Let what was held be erased when its time has come."""
    kind, name, thing, owner = target_of(context, what)
    if not holding.end(context.session, kind, name, context.now):
        raise UserError("It is not held.")
    write_down(context, Action.LET_GO, thing, owner)
    return reply(context.words("Held no more: what is too old goes with the next sweep."))
