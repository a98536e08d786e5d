"""`watch`: tells somebody, alone, when anything new is said of what they watch."""

from __future__ import annotations

from typing import Annotated

import msgspec

from bot.errors import UserError
from bot.indicators import people
from commands.indicators.marking import own_team
from commands.indicators.watching import Place, shown, watched
from commands.registry import Arg, Context, Reply, command, reply

MOST = 200
"""Watches of one person: a list of thousands is a feed, and not for a chat."""
_LISTED = 50


@command("watch", placed=True, writes=True, secret=True)
def watch(
    context: Context,
    what: Annotated[
        tuple[str, ...], Arg("a value, a network, *.domain, or a word; nothing: what you watch")
    ] = (),
) -> Reply:
    """Hear, alone, when anything new is said of a value."""
    if not what:
        return _listed(context)
    team, words = own_team(context), context.words
    if context.room is None:
        raise UserError("Say it where I can answer you.")
    kind, value = watched(" ".join(what))
    person = context.asker.person
    if len(people.watches(context.session, person)) >= MOST:
        raise UserError("You watch {n} things already. “unwatch” ends some.", n=MOST)
    place = msgspec.json.encode(Place(context.room, context.direct)).decode()
    begun = people.watch(context.session, person, team.key, kind, value, place, context.now)
    if not begun:
        return reply(words("You watch {what} already.", what=shown(kind, value)))
    said = words(
        "You watch {what}.\nI tell you alone, as soon as anything new is said that your team "
        "may see. Nobody else hears that you watch it.",
        what=shown(kind, value),
    )
    if not context.direct and context.house.capable(context.room).ephemeral:
        said += "\n" + words(
            "Here that is shown only while you are online: watch it in our direct room to find it "
            "later."
        )
    return reply(said)


def _listed(context: Context) -> Reply:
    words = context.words
    rows = people.watches(context.session, context.asker.person)
    if not rows:
        return reply(words("You watch nothing. “watch VALUE” begins."))
    first = words.count("You watch {n} thing:", "You watch {n} things:", len(rows))
    lines = [f"• {shown(each.kind, each.value)}" for each in rows[:_LISTED]]
    if len(rows) > _LISTED:
        rest = len(rows) - _LISTED
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    return reply("\n".join([first, *lines]))
