"""`team`: what time it is at a team's, who is on duty there, whom to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

from bot.errors import UserError
from bot.paging.duty import watch_of
from bot.richtext import Inline, LineBreak, Mention, Paragraph, RichText, Text
from bot.sharing.teams import Directory, Team
from bot.times.hours import is_quiet, is_workday
from bot.times.working import is_holiday
from commands.grammar import closest
from commands.persons import called_there
from commands.registry import Arg, Context, Reply, command, reply, shortened

_EXCERPT = 40


@command("team", shareable=True)
def team(context: Context, name: Annotated[str, Arg("a team, or a group of teams")]) -> Reply:
    """What time is it where a team is, and who is on duty there?"""
    directory = context.house.directory()
    found = team_called(directory, name)
    if found is not None:
        return Reply(_written(_about(context, found)))
    group = {each.casefold(): each for each in directory.groups}.get(name.casefold())
    if group is not None:
        return reply("\n".join(_about_group(context, group)))
    raise unknown(directory, name)


def team_called(directory: Directory, name: str) -> Team | None:
    """A team by its key or, where only one is called so, by its name."""
    wanted, teams = name.casefold(), directory.teams.values()
    by_key = [each for each in teams if each.key.casefold() == wanted]
    found = by_key or [each for each in teams if each.name.casefold() == wanted]
    return found[0] if len(found) == 1 else None


def _about(context: Context, found: Team) -> Iterable[str | list[Inline]]:
    words, there = context.words, context.now.astimezone(found.zone)
    yield words(
        "{team}: {date} {time} there, {state}",
        team=shortened(found.name, _EXCERPT),
        date=there.date().isoformat(),
        time=f"{there:%H:%M}",
        state=_state(context, found),
    )
    yield words("Time zone: {zone}", zone=found.zone)
    if found.country:
        yield words("Country: {country}", country=found.country)
    watch = watch_of(context.session, found, context.now)
    if not watch.people:
        yield words("Nobody is named for duty.")
    on_duty = {each.member: each.name for each in (*watch.people, *watch.deputies) if each.name}
    names = {**called_there(context, found), **on_duty}
    yield from _people(words("On duty:"), [each.member for each in watch.people], names)
    yield from _people(words("Standing in:"), [each.member for each in watch.deputies], names)
    yield from _people(words("Speak for it:"), found.delegates, names)
    yield from _people(words("Administer it:"), found.admins, names)


def _people(
    heading: str, members: Sequence[str], names: Mapping[str, str]
) -> Iterator[list[Inline]]:
    """Persons in a line: mentions, by the name that they are known by, else by their id."""
    if members:
        line: list[Inline] = [Text(heading)]
        for member in members:
            called = names.get(member) or member.partition(":")[2]
            line += [Text(" "), Mention(member, shortened(called, _EXCERPT))]
        yield line


def _written(lines: Iterable[str | list[Inline]]) -> RichText:
    leaves: list[Inline] = []
    for line in lines:
        leaves += [LineBreak(), *([Text(line)] if isinstance(line, str) else line)]
    return RichText((Paragraph(tuple(leaves[1:])),))


def _state(context: Context, found: Team) -> str:
    words = context.words
    if found.quiet is not None and is_quiet(found.quiet, context.now, found.zone):
        return words("quiet hours until {time}", time=f"{found.quiet.end:%H:%M}")
    if is_holiday(found.country, context.now.astimezone(found.zone).date()):
        return words("a public holiday")
    if is_workday(found.workdays, context.now, found.zone):
        return words("a workday")
    return words("no workday")


def _about_group(context: Context, group: str) -> Iterable[str]:
    directory = context.house.directory()
    teams = sorted(directory.teams[key].name for key in directory.members_of(group))
    yield context.words.count("{n} team in the group:", "{n} teams in the group:", len(teams))
    yield from (f"• {each}" for each in teams)


def unknown(directory: Directory, name: str) -> UserError:
    """What is said of a name that no team has."""
    meant = closest(name, [*directory.teams, *directory.groups])
    shown = shortened(name, _EXCERPT)
    if meant is None:
        return UserError("I know no team “{name}”.", name=shown)
    return UserError("I know no team “{name}”. Did you mean “{meant}”?", name=shown, meant=meant)
