"""`audit`: what was done by one's own team, or with what came from it; and who could read that.

A team sees its own rows and no others. What its people looked up is for its administrators alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from sqlalchemy import select

from bot.bridge.names import cleaned
from bot.custody.audit import Action
from bot.custody.reading import Reached, Reader
from bot.errors import Misused, UserError
from bot.sharing.roles import Role
from bot.sharing.teams import TeamKey
from bot.store.tables import Audit
from bot.words.times import moment
from commands.reach import Subject, subject_of
from commands.registry import Arg, Context, Flag, Reply, command, reply
from commands.things import REF
from commands.timing import read_time

LAST = 10
"""Rows that are shown."""
_MOST = 50
"""People of a room that are named."""


@command("audit", placed=True)
def audit(
    context: Context,
    what: Annotated[str | None, Arg("“readers”: who could read something", shown="readers")] = None,
    ref: Annotated[str | None, Arg(REF)] = None,
    at: Annotated[str | None, Flag("at which time", shown="T")] = None,
) -> Reply:
    """What was done by your team, and with what came from it?"""
    part = context.part()
    if part.team is None:
        raise UserError("The audit shows each team its own, and you are of none.")
    if what == "readers":
        when = None if at is None else read_time(context, at, ahead=False).at
        return _readers(context, part.team.key, ref, when)
    if what is not None:
        raise Misused("After “audit” I know “readers” and nothing else.")
    return _rows(context, part.team.key, admin=Role.ADMIN in part.roles)


def _rows(context: Context, team: TeamKey, *, admin: bool) -> Reply:
    words = context.words
    public = Audit.action != Action.LOOKED_UP
    own = [[Audit.team == team, *([] if admin else [public])], [Audit.originator == team, public]]
    newest = select(Audit).order_by(Audit.at.desc(), Audit.seq.desc()).limit(LAST)
    # One after the other: each is found by its index.
    found = {row for which in own for row in context.session.scalars(newest.where(*which))}
    rows = sorted(found, key=lambda row: (row.at, row.seq), reverse=True)[:LAST]
    if not rows:
        return reply(words("Nothing was written down about your team yet."))
    first = words.count("The last row of your team:", "The last {n} rows of your team:", len(rows))
    return reply("\n".join([first, *(_row(context, row, team) for row in rows)]))


def _row(context: Context, row: Audit, team: TeamKey) -> str:
    words, teams = context.words, context.house.directory().teams
    who = row.who
    if row.team is not None and row.team != team:  # which of their people it was is theirs
        who = teams[TeamKey(row.team)].name if row.team in teams else row.team
    when, outcome = moment(words, row.at, context.now), words(row.outcome)
    line = f"• {when}, {who}: {words(row.action)}, {_short(row.object)}: {outcome}"
    return f"{line} ({row.rule})" if row.rule else line


def _short(name: str) -> str:
    """An object's name without its hash, which nobody can do anything with here."""
    kind, _, rest = name.partition(":")
    return f"{kind} {rest.partition(':')[0]}" if kind == "message" else name.replace(":", " ", 1)


def _readers(context: Context, team: TeamKey, ref: str | None, at: datetime | None) -> Reply:
    found, words = subject_of(context, ref), context.words
    if found.originator != team:
        raise UserError("Only the team that it came from may ask who could read it.")
    result = found.readers(at)
    if at is None:
        first = words("Who could read it, from its landing until now:")
    else:
        first = words("Who could read it, {when}:", when=moment(words, at, context.now))
    lines = [line for room in result.rooms for line in _room(context, room)]
    if not result.rooms and found.since is None:
        lines = [words("No room had it then.")]
    lines += _teams(context, found, at)
    settings = [
        words(
            "• since {when}: {fingerprint}",
            when=moment(words, each.since, context.now),
            fingerprint=each.fingerprint[:16],
        )
        for each in result.configurations
    ]
    if settings:
        settings.insert(0, words("Under these settings, by their fingerprint:"))
    return reply("\n".join([first, *lines, *settings]))


def _teams(context: Context, found: Subject, at: datetime | None) -> Iterator[str]:
    """Who may ask for it by themselves, where that can be done."""
    words, called = context.words, context.house.directory().called
    if found.since is not None and at is not None and at < found.since:
        when = moment(words, found.since, context.now)
        yield words("What it said before {when} is not kept.", when=when)
    elif found.teams is not None:
        names = ", ".join(called(team) for team in found.teams(at or context.now))
        yield words("Teams that may ask for it: {teams}", teams=names or words("none"))


def _room(context: Context, room: Reached) -> Iterator[str]:
    words = context.words
    since = moment(words, room.landed, context.now)
    if room.gone is None:
        yield words("{room}, there since {since}:", room=room.room, since=since)
    else:
        until = moment(words, room.gone, context.now)
        yield words("{room}, there {since} to {until}:", room=room.room, since=since, until=until)
    if not room.known:
        yield words("• nobody has read who is in that room")
    yield from (_reader(context, each) for each in room.readers[:_MOST])
    rest = len(room.readers) - _MOST
    if rest > 0:
        yield words.count("• and {n} more", "• and {n} more", rest)


def _reader(context: Context, reader: Reader) -> str:
    words, teams = context.words, context.house.directory().teams
    team = words("of no team") if reader.team is None else str(reader.team)
    if reader.team is not None and reader.team in teams:
        team = teams[reader.team].name
    since = moment(words, reader.since, context.now)
    name = cleaned(reader.name)
    if reader.until is None:
        return words("• {name}, {team}: since {since}", name=name, team=team, since=since)
    until = moment(words, reader.until, context.now)
    return words(
        "• {name}, {team}: {since} to {until}", name=name, team=team, since=since, until=until
    )
