"""`refuse`: the originator's no to a team that asked for a release."""

from __future__ import annotations

from typing import Annotated

from bot.custody import consent
from bot.custody.audit import Act, Action, Outcome, record
from bot.custody.consent import Kind
from bot.custody.releasing import Thing
from bot.errors import UserError
from bot.store.tables import Request
from commands.registry import Arg, Context, Reply, command, reply
from commands.things import of_request
from commands.wishing import close


@command("refuse", writes=True)
def refuse(
    context: Context, handle: Annotated[str, Arg("what I called it when I asked", shown="REF")]
) -> Reply:
    """Say no to a team that asks for a message of yours."""
    row = consent.by_handle(context.session, handle)
    thing = None if row is None or row.kind != Kind.WISH else _theirs(context, row)
    if row is None or thing is None:
        raise UserError("I have asked you for nothing by that name.")
    if row.state != consent.OPEN:
        raise UserError("That was answered already.")
    told, team = close(context, row, consent.REFUSED), context.part().team
    act = Act(
        context.asker.person, None if team is None else team.key, Action.RELEASED,
        thing.audited, "ask-release", Outcome.REFUSED, thing.originator,
    )  # fmt: skip
    record(context.session, act, context.now)
    return Reply(reply(context.words("Refused. Who asked hears it.")).body, also=(told,))


def _theirs(context: Context, row: Request) -> Thing | None:
    """What they are asked for; None where it is not theirs."""
    try:
        return of_request(context, row).thing
    except UserError:
        return None
