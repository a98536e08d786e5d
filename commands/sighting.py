"""`sighting`: tells the allies that a value was seen, by team or anonymously."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from bot.errors import UserError
from bot.indicators.reports import saw
from bot.indicators.sources import micro
from commands.indicators.hearing import heard
from commands.indicators.marking import Known, Within, marked_as, own_team
from commands.indicators.saying import shown
from commands.indicators.values import one_value
from commands.registry import Arg, Context, Flag, Reply, command, reply, shortened
from commands.timing import read_time

_LONGEST_PLACE = 100
_MOST = 1_000_000


def a_number(text: str) -> int:
    """How often; raises UserError."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:9]) <= _MOST:
        raise UserError("Say how often as a number from 1 to {most}.", most=_MOST)
    return int(text[:9])


@command("sighting", placed=True, writes=True)
def sighting(
    context: Context,
    value: Annotated[tuple[str, ...], Arg("the value that was seen")],
    *,
    at: Annotated[str | None, Flag("when; now, where nothing is said", shown="T")] = None,
    where: Annotated[str | None, Flag("where it was seen: mail, proxy …", shown="X")] = None,
    count: Annotated[int, Flag("how often", a_number, shown="N")] = 1,
    anonymous: Annotated[bool, Flag("without the name of your team")] = False,
    marking: Known = None,
    group: Within = None,
) -> Reply:
    """Tell the allies that you see a value too."""
    found, team = one_value(" ".join(value)), own_team(context)
    marked, when = marked_as(context, marking, group), _when(context, at)
    place = shortened(" ".join((where or "").split()), _LONGEST_PLACE)
    saw(
        context.session, found, team.key, marked, context.now,
        at=when, times=count, place=place, anonymous=anonymous,
    )  # fmt: skip
    words = context.words
    first = words("{label} Noted: {value} was seen.", label=marked.label, value=shown(found))
    if anonymous:
        who = words("Nothing that is kept says that it was your team.")
    else:
        who = words("Those who may read {marking} hear that {team} saw it.",
                    marking=marked, team=team.name)  # fmt: skip
    theirs = context.house.words_in()  # their own would tell which team it is
    by = theirs("somebody") if anonymous else team.name
    news = theirs.count("seen once by {who}", "seen {n} times by {who}", count, who=by)
    if place:
        news = f"{news} ({place})"
    also = heard(context, found, news, marked, None if anonymous else team.key)
    return replace(reply(f"{first}\n{who}"), also=tuple(also), unnamed=anonymous)


def _when(context: Context, at: str | None) -> datetime:
    if at is None:
        return context.now
    reading = read_time(context, at, ahead=False)
    if micro(reading.at) > micro(context.now):
        raise UserError("That is still to come. Say when it was seen.")
    return reading.at
