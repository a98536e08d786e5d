"""Of what one can ask who could read it: messages, decisions, advisories, what is said of values.

Beside those in whose rooms it stands there are the teams that may ask for it: by `show`, in lists,
by `ioc`. Who that was is told by the markings and dates of then, and by the settings of now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.advisories import keeping
from bot.bridge import requested
from bot.custody.effective import Marked
from bot.custody.reading import Readers, nowhere, readers, readers_of_post
from bot.custody.releasing import Thing
from bot.decisions import proposals, reading
from bot.decisions import releasing as decisions
from bot.indicators.sight import of_team
from bot.indicators.sources import micro
from bot.sharing.teams import TeamKey
from bot.store.tables.advisories import Advisory
from bot.store.tables.decisions import Decision
from commands import advising
from commands.meaning import answered
from commands.registry import Context
from commands.things import thing_meant

Teams = Callable[[datetime], Sequence[TeamKey]]


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that people could read. `readers`: in rooms, at a moment, or at any time since it
    was there; `teams`: those that may ask for it at a moment, None where it is shown in rooms
    alone; `since`: from when on that can be told, where that is not its beginning.
    """

    originator: TeamKey | None
    readers: Callable[[datetime | None], Readers]
    teams: Teams | None = None
    since: datetime | None = None


def subject_of(context: Context, ref: str | None) -> Subject:
    """What a REF names, or what is answered. Raises UserError where the asker may know of none."""
    typed = ref or answered(context)
    advisory = None if typed is None else keeping.find(context.session, typed)
    if advisory is not None and advising.may_know(context, advisory):
        return _of_advisory(context, advisory)
    thing = thing_meant(context, ref).thing
    number, handle = requested.number_of(thing.name), decisions.number_of(thing.name)
    if number is not None:
        return Subject(
            thing.originator, lambda at: readers(context.session, number, context.now, at)
        )
    if handle is not None:
        return _of_decision(context, context.session.get_one(Decision, handle))
    return _of_saying(context, thing)


def _of_advisory(context: Context, row: Advisory) -> Subject:
    def teams(at: datetime) -> Sequence[TeamKey]:
        if row.released is None or at < row.released:
            return ()
        every = context.house.directory().teams.values()
        return [team.key for team in every if advising.may_read(context, row, team)]

    return Subject(_key(row.team), _posted(context, row.ref), teams)


def _of_decision(context: Context, row: Decision) -> Subject:
    def teams(at: datetime) -> Sequence[TeamKey]:
        marked = proposals.marked_as(row)
        if at < marked.said:
            marked = proposals.given_as(row)
        if at < row.opened:
            return ()
        doors, council = context.house.custody().doors, context.house.council(row.channel)
        members, known = council.roster | council.observers, context.house.directory().teams
        return [
            key for key in sorted(members) if key in known
            and reading.may_read(doors, marked, row.channel, known[key], members, at)
        ]  # fmt: skip

    return Subject(_key(row.team), _posted(context, row.ref), teams)


def _of_saying(context: Context, thing: Thing) -> Subject:
    """What a source says of a value, or a team reports: it is in no room, and asked for alone."""

    def teams(at: datetime) -> Sequence[TeamKey]:
        markings, said = context.house.custody().markings, micro(thing.said)
        marked = Marked(thing.marking, thing.originator, thing.said)
        every = context.house.directory().teams.values()
        return [
            team.key for team in every
            if at >= thing.said and of_team(markings, team.key).admits(marked, said)
        ]  # fmt: skip

    return Subject(
        thing.originator,
        lambda at: nowhere(context.session, thing.said, context.now, at),
        teams,
        since=thing.said,
    )


def _posted(context: Context, ref: str) -> Callable[[datetime | None], Readers]:
    return lambda at: readers_of_post(context.session, ref, context.now, at)


def _key(team: str | None) -> TeamKey | None:
    return None if team is None else TeamKey(team)
