"""`unwatch`: ends what `watch` began."""

from __future__ import annotations

from typing import Annotated

from bot.errors import UserError
from bot.indicators import people
from commands.indicators.watching import shown, watched
from commands.registry import Arg, Context, Reply, command, reply


@command("unwatch", placed=True, writes=True, secret=True)
def unwatch(
    context: Context,
    what: Annotated[tuple[str, ...], Arg("what you watch, as “watch” lists it")],
) -> Reply:
    """Hear of a value no more."""
    kind, value = watched(" ".join(what).strip("“”"))
    if not people.unwatch(context.session, context.asker.person, kind, value):
        raise UserError("You do not watch that. “watch” shows what you do.")
    return reply(context.words("You watch {what} no more.", what=shown(kind, value)))
