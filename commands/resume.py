"""`resume all`: ends the recovery after a restore."""

from __future__ import annotations

from typing import Annotated

from bot.custody import recovering
from bot.errors import UserError
from commands.registry import Arg, Context, Reply, Role, command, reply


@command("resume", role=Role.ADMIN, writes=True)
def resume(context: Context, what: Annotated[str, Arg("all", shown="all")]) -> Reply:
    """End the recovery after a restore: what waits goes on its way."""
    words = context.words
    if what.casefold() != "all":
        raise UserError(
            "Only “resume all”; a pause of one room is ended by “liaison resume” in the terminal."
        )
    if not recovering.ask(context.session, context.asker.person, context.now):
        raise UserError("There is no recovery to end: nothing was restored, or it is over.")
    row = recovering.standing(context.session)
    assert row is not None
    if row.read is None:
        first = words("The recovery ends as soon as every room has been read.")
    else:
        first = words("The recovery ends now: what waits goes on its way.")
    told = recovering.told_of(recovering.summary(context.session, row), words)
    return reply(f"{first}\n{told}")
