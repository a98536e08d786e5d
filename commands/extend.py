"""`extend`: a proposal ends later than it was said to; never earlier."""

from __future__ import annotations

from typing import Annotated

from bot.custody.audit import Act, Action, named, record
from bot.decisions import closing
from bot.decisions.proposals import State
from bot.decisions.showing import instants
from bot.errors import Misused, UserError
from commands.deadlines import check_near, read_until
from commands.deciding import decision_meant, is_proposer, presides, split_ref
from commands.registry import Context, Reply, Rest, command, reply


@command("extend", placed=True, writes=True)
def extend(
    context: Context,
    until: Annotated[str, Rest("a number or handle, and until when", shown="REF T")],
) -> Reply:
    """Let a proposal end later."""
    ref, typed = split_ref(context, until)
    row = decision_meant(context, ref)
    if not (presides(context, row) or is_proposer(context, row)):
        raise UserError("Only who presides, or its proposer, extends it.")
    if row.state != State.OPEN or row.expires is None:
        raise UserError("It has ended: nothing opens it again. A new proposal may follow.")
    if not typed:
        raise Misused("Say until when it goes on.")
    to = read_until(context, typed)
    if to <= max(row.expires, context.now):
        when = instants(row.expires, ())
        raise UserError("It ends {when} as it is. Extending never shortens.", when=when)
    check_near(context, to)
    outgoing = closing.extend(
        context.session, context.house, row, to, "by hand", context.now, context.asker.person
    )
    team = context.part().team
    act = Act(
        context.asker.person, None if team is None else team.key, Action.SPOKE,
        named("decision", row.ref), "extended",
    )  # fmt: skip
    record(context.session, act, context.now)
    answer = reply(context.words("It goes on until {when}.", when=instants(to, ())))
    return Reply(answer.body, also=tuple(outgoing))
