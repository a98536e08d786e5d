"""`harmless`: a team's word that a value is a false positive. It hides nothing, and is shown
beside what others say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.errors import UserError
from bot.indicators.reports import call_harmless, no_longer_harmless
from commands.indicators.hearing import heard
from commands.indicators.marking import Known, Within, marked_as, own_team
from commands.indicators.saying import shown
from commands.indicators.values import one_value
from commands.registry import Arg, Context, Flag, Reply, command, reply, shortened

_LONGEST_NOTE = 200


@command("harmless", placed=True, writes=True)
def harmless(
    context: Context,
    value: Annotated[tuple[str, ...], Arg("the value that is a false positive")],
    *,
    note: Annotated[str | None, Flag("why", shown="X")] = None,
    undo: Annotated[bool, Flag("take that back")] = False,
    marking: Known = None,
    group: Within = None,
) -> Reply:
    """Tell the allies that a value is a false positive."""
    found, team, words = one_value(" ".join(value)), own_team(context), context.words
    if undo:
        if not no_longer_harmless(context.session, found, team.key):
            raise UserError("Your team has not said that of it.")
        return reply(words("Taken back: {value} is none of your false positives.",
                           value=shown(found)))  # fmt: skip
    marked = marked_as(context, marking, group)
    why = shortened(" ".join((note or "").split()), _LONGEST_NOTE)
    call_harmless(context.session, found, team.key, marked, why, context.now)
    first = words("{label} Noted: {value} is harmless.", label=marked.label, value=shown(found))
    who = words("Those who may read {marking} hear that {team} says so. “harmless --undo” takes "
                "it back.", marking=marked, team=team.name)  # fmt: skip
    theirs = context.house.words_in()
    news = theirs("a false positive, says {who}", who=team.name)
    also = heard(context, found, news, marked, team.key)
    return replace(reply(f"{first}\n{who}"), also=tuple(also))
