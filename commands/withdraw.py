"""`withdraw`: who proposed it takes it back, as long as it is open."""

from __future__ import annotations

from typing import Annotated

from bot.decisions import closing
from bot.decisions.proposals import State
from bot.errors import UserError
from commands.deciding import WHAT, decision_meant, is_proposer
from commands.registry import Arg, Context, Reply, command, reply


@command("withdraw", placed=True, writes=True)
def withdraw(context: Context, ref: Annotated[str | None, Arg(WHAT)] = None) -> Reply:
    """Take back what you proposed."""
    row = decision_meant(context, ref)
    if not is_proposer(context, row):
        raise UserError("Only who proposed it withdraws it.")
    if row.state != State.OPEN:
        raise UserError("It has ended, and stays on record as it is.")
    outgoing = closing.withdraw(
        context.session, context.house, row, context.now, context.asker.person
    )
    answer = reply(context.words("Withdrawn. It stays on record, and every room is told."))
    return Reply(answer.body, also=tuple(outgoing))
