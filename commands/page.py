"""`page`: calls a team, whoever is on duty there, until somebody answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from bot.custody.effective import Marked
from bot.errors import UserError
from bot.paging import duty, keeping, ladder
from bot.paging.keeping import Call
from bot.richtext import say
from bot.schedules.kinds import Place
from bot.sharing.doors import door_of_team
from bot.sharing.gate import Allowed, Door, judge
from bot.sharing.marking import Label
from bot.sharing.teams import Team
from bot.sharing.written import read_marking
from bot.store.tables.paging import Page
from bot.times.durations import format_duration
from bot.times.saying import local_and_utc
from bot.times.working import Severity
from commands.drafting import SEVERITIES, a_severity
from commands.persons import names
from commands.registry import Arg, Context, Flag, Reply, Rest, command, reply, shortened
from commands.team import team_called, unknown
from commands.timing import own_zone

_LONGEST = 1500
_HOUR, _MOST = timedelta(hours=1), 10
"""Pages that one person may send within an hour: more ring nobody any sooner."""
_NAME = 30


@command("page", placed=True, writes=True)
def page(
    context: Context,
    team: Annotated[str, Arg("the team that is called")],
    text: Annotated[
        str, Rest("what it is about: it is read in chat alone, never in an alert", headed=True)
    ],
    *,
    severity: Annotated[
        Severity | None, Flag("low, medium, high or critical", a_severity, choices=SEVERITIES)
    ] = None,
) -> Reply:
    """Call a team: whoever is on duty there, by chat, mail and alerts, until somebody answers."""
    target = named_team(context, team)
    text = text.strip()
    if len(text) > _LONGEST:
        raise UserError("That is too long to be read at night: {n} characters at most.", n=_LONGEST)
    marked = _marked(context, target, text)
    if keeping.lately(context.session, context.asker.person, context.now - _HOUR) >= _MOST:
        raise UserError("You have sent {n} pages within an hour: call by telephone.", n=_MOST)
    part = context.part()
    wanted = Call(
        target.key, severity or Severity.CRITICAL, context.asker.person,
        None if part.team is None else part.team.key, place_of(context), text, marked,
    )  # fmt: skip
    row, outgoing = ladder.call(context.session, context.house, wanted, context.now)
    if row.ended is not None:
        raise UserError(
            "Nobody of {team} can be reached: the settings name no duty, no alerts and no room.",
            team=target.name,
        )
    return replace(_said(context, target, row), also=tuple(outgoing))


def named_team(context: Context, typed: str) -> Team:
    """The team of a key or name; raises UserError where there is none."""
    directory = context.house.directory()
    found = team_called(directory, typed)
    if found is None:
        raise unknown(directory, typed)
    return found


def place_of(context: Context) -> Place | None:
    """Where the asker is told what becomes of it."""
    return None if context.room is None else Place(context.room, context.direct)


def _marked(context: Context, team: Team, text: str) -> Marked:
    """How the words are marked: as they say, else as the channel has it. Raises UserError where
    the team that is called may not read them.
    """
    views = context.house.channels()
    default = Label.AMBER_STRICT if context.channel is None else views[context.channel].marking
    own = context.part().team
    marking = read_marking(say(text)).marking(default)
    if marking.label is Label.RED:
        raise UserError("TLP:RED is for those who were there: I keep nothing of it.")
    marked = Marked(marking, None if own is None else own.key, context.now)
    matter = context.house.custody().markings.effective(marked).matter
    if not isinstance(judge(matter, _door(context, team)), Allowed):
        raise UserError(
            "Marked {marking}, {team} may not read it. Say less, under a lower label.",
            marking=marking, team=team.name,
        )  # fmt: skip
    return marked


def _door(context: Context, team: Team) -> Door:
    if context.channel is None:
        return door_of_team(team)
    members = context.house.roster(context.channel)
    return context.house.custody().doors.seat(context.channel, team, members, context.now)


def _said(context: Context, team: Team, row: Page) -> Reply:
    words, name = context.words, shortened(team.name, _NAME)
    if not row.rung:
        at = ladder.rings_at(team, Severity(row.severity), context.now)
        first = words(
            "{ref}: {team} is asleep, and is called when it wakes.", ref=row.ref, team=name
        )
        when = local_and_utc(words, at, own_zone(context))
        return reply("\n".join([first, when, words("“--severity critical” would ring now.")]))
    lines = [words("{ref}: {team} is called.", ref=row.ref, team=name)]
    watch = duty.watch_of(context.session, team, context.now)
    if watch.people and keeping.rang(row):
        lines.append(words("On duty: {who}", who=names(context, team, watch.people)))
    number = len(context.house.services(team.key))
    if number:
        lines.append(
            words.count(
                "{n} alert goes out: number, severity and link, and no word of it.",
                "{n} alerts go out: number, severity and link, and no word of it.",
                number,
            )
        )
    after = format_duration(team.escalate)
    lines.append(words("Without an answer the next is rung after {time}.", time=after))
    return reply("\n".join(lines))
