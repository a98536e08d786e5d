"""`drill`: an exercise of being reached. Nothing of it stands on a real board."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.errors import UserError
from bot.paging import drilling, keeping, reporting
from bot.paging.showing import EXERCISE
from bot.sharing.roles import Role
from bot.sharing.teams import Team, TeamKey
from bot.store.tables.paging import Drill
from bot.times.working import Severity
from commands.drafting import SEVERITIES, a_severity
from commands.page import place_of
from commands.registry import Arg, Context, Flag, Reply, asks_first, command, reply
from commands.team import team_called, unknown

Ref = Annotated[str, Arg("an exercise's handle, as drill-7kq2m")]


@command("drill")
def drill(context: Context) -> Reply:
    """An exercise of being reached: who is, and how fast?"""
    text = context.words(
        "“drill run” in a channel calls its teams; “drill report REF” tells how long it took."
    )
    return reply(text)


@drill.word("run", placed=True, writes=True)
def run(
    context: Context,
    teams: Annotated[tuple[str, ...], Arg("which teams; none: all of the channel")] = (),
    *,
    announced: Annotated[bool, Flag("the channel is told before")] = False,
    severity: Annotated[
        Severity | None, Flag("low, medium, high or critical", a_severity, choices=SEVERITIES)
    ] = None,
) -> Reply:
    """Call the teams of a channel as an exercise, and measure how long they take."""
    if not context.part().roles & {Role.DELEGATE, Role.ADMIN}:
        raise UserError("Who speaks for or administers a team begins an exercise.")
    if context.channel is None:
        raise UserError("For which channel? Say it in one of its rooms, or “--channel NAME”.")
    called, words = _teams(context, teams), context.words
    question = words.count(
        "Ring {n} team as an exercise, at this hour?",
        "Ring {n} teams as an exercise, at this hour?",
        len(called),
    )
    asked = asks_first(context, "\n".join([question, *(f"• {each.name}" for each in called)]))
    if asked is not None:
        return asked
    own = context.part().team
    row = keeping.begin_drill(
        context.session, context.channel, context.asker.person, None if own is None else own.key,
        place_of(context), context.now, announced=announced,
    )  # fmt: skip
    outgoing = drilling.begin(
        context.session, context.house, row, [each.key for each in called],
        severity or Severity.CRITICAL, context.house.rooms_of(context.channel), context.now,
    )  # fmt: skip
    first = words.count(
        "{ref}: {n} team is called.", "{ref}: {n} teams are called.", len(called), ref=row.ref
    )
    rest = words(
        "I tell you when it is over; “drill report {ref}” tells how it stands.", ref=row.ref
    )
    return replace(reply(f"{EXERCISE} {first}\n{EXERCISE} {rest}"), also=tuple(outgoing))


@drill.word("report")
def report(context: Context, ref: Ref) -> Reply:
    """How long did it take to reach the teams, and until they answered?"""
    row = keeping.find_drill(context.session, ref)
    if row is None or not _may_know(context, row):
        raise UserError("I know of no such exercise.")
    return reply(reporting.report(context.session, context.house, row, context.words))


def _teams(context: Context, typed: tuple[str, ...]) -> list[Team]:
    """The teams of the channel, or those of them that are named; others do not exist here."""
    assert context.channel is not None
    directory = context.house.directory()
    roster = sorted(context.house.roster(context.channel))
    if not typed:
        found = [directory.teams[key] for key in roster if key in directory.teams]
    else:
        found = [_of_roster(context, each, roster) for each in dict.fromkeys(typed)]
    if not found:
        raise UserError("This channel has no teams to call.")
    return found


def _of_roster(context: Context, typed: str, roster: list[TeamKey]) -> Team:
    directory = context.house.directory()
    team = team_called(directory, typed)
    if team is None or team.key not in roster:
        raise unknown(directory, typed)
    return team


def _may_know(context: Context, row: Drill) -> bool:
    """Those who began it and their team; the operators in an admin room."""
    if context.room is not None and context.house.is_admin_room(context.room):
        return True
    team = context.part().team
    return row.by == context.asker.person or (team is not None and team.key == row.by_team)
