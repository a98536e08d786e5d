"""Who is to do something: the team or person that an action begins with."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import select

from bot.errors import Misused, UserError
from bot.sharing.teams import TeamKey
from bot.store.tables import Roster
from commands.proposing import Place
from commands.registry import Context

_WHO = re.compile(r"\s*(?:<?@)?(?P<who>\"[^\"]+\"|[^\s>]+)>?\s+")
_MOST_WORDS = 6
"""Words of a name that nobody puts into quotes."""


class Owner(NamedTuple):
    """`key`: a person, or a team's key; `team`: whose it is."""

    key: str
    team: TeamKey | None


Known = Mapping[str, set[Owner]]
"""Who is called so, by every name in lower case."""


def read_owner(context: Context, place: Place, typed: str) -> tuple[Owner, str]:
    """The owner that `typed` begins with, by key, name or id, and what follows it: `@b …`,
    `@CERT Bravo …`, `@Ada Lovelace …`. A team goes before a person of that name. Raises UserError.
    """
    known = _known(context, place)
    text = typed.strip().removeprefix("@")
    for number in range(min(_MOST_WORDS, len(text.split()) - 1), 1, -1):
        words = text.split(maxsplit=number)
        found = known.get(" ".join(words[:number]).casefold(), set())
        if len(found) == 1:
            return next(iter(found)), words[number]
    match = _WHO.match(typed)
    if match is None:
        raise Misused('Write an action as --action "@who 2026-11-24T09:00 what".')
    who = match["who"].strip('"')
    found = known.get(who.casefold(), set())
    if len(found) != 1:
        raise UserError("I know nobody here called “{who}”: name a person or a team.", who=who[:40])
    return next(iter(found)), typed[match.end() :]


def _known(context: Context, place: Place) -> Known:
    """The teams of the roster, and the persons of the channel's rooms."""
    known: defaultdict[str, set[Owner]] = defaultdict(set)
    rooms = context.house.rooms_of(place.view.name)
    there = select(Roster.person, Roster.name, Roster.team).where(
        Roster.room.in_(rooms), Roster.until.is_(None)
    )
    ours = context.asker
    people = {row.person: (row.name, row.team) for row in context.session.execute(there)}
    people.setdefault(ours.person, (ours.name, place.team.key))
    for person, (name, team) in people.items():
        owner = Owner(person, None if team is None else TeamKey(team))
        for called in {name.casefold(), *_called(person)}:
            known[called].add(owner)
    teams = context.house.directory().teams
    for key in sorted(place.roster, reverse=True):  # the first of two of one name is meant
        for called in (key.casefold(), teams[key].name.casefold()):
            known[called] = {Owner(key, key)}
    return known


def _called(person: str) -> set[str]:
    """How somebody may write a person's id."""
    own = person.partition("/")[2].lstrip("@").casefold()
    return {person.casefold(), own, own.partition(":")[0]}
