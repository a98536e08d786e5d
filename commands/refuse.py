"""`refuse`: the originator's no to a team that asked for a release."""

from __future__ import annotations

from typing import Annotated

from bot.bridge import requested
from bot.custody import consent
from bot.custody.audit import Act, Action, Outcome, of_message, record
from bot.custody.consent import Kind
from bot.errors import UserError
from bot.sharing.teams import TeamKey
from bot.store.tables import Message
from commands.originating import is_theirs
from commands.registry import Arg, Context, Reply, command, reply
from commands.wishing import close


@command("refuse", writes=True)
def refuse(context: Context, handle: Annotated[str, Arg("what I called it when I asked")]) -> Reply:
    """Say no to a team that asks for a message of yours."""
    row = consent.by_handle(context.session, handle)
    number = None if row is None else requested.number_of(row.object)
    message = None if number is None else context.session.get(Message, number)
    if row is None or row.kind != Kind.WISH or message is None or not is_theirs(context, message):
        raise UserError("I have asked you for nothing by that name.")
    if row.state != consent.OPEN:
        raise UserError("That was answered already.")
    told, team = close(context, row, consent.REFUSED), context.part().team
    act = Act(
        context.asker.person, None if team is None else team.key, Action.RELEASED,
        of_message(message), "ask-release", Outcome.REFUSED, TeamKey(message.originator or ""),
    )  # fmt: skip
    record(context.session, act, context.now)
    return Reply(reply(context.words("Refused. Who asked hears it.")).body, also=(told,))
