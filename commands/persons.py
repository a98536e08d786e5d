"""Persons of a team as somebody types them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from bot.errors import UserError
from bot.events import PersonId
from bot.paging.duty import Someone
from bot.sharing.teams import Team
from bot.store.tables import Roster
from commands.registry import Context


def yourself(context: Context) -> Someone:
    """The asker."""
    member = context.house.directory().member_of(context.asker.person)
    return Someone(member, context.asker.name)


def names(context: Context, team: Team, people: Iterable[Someone]) -> str:
    """What people of a team are called, as far as anybody knows."""
    known = called_there(context, team)
    return ", ".join(each.name or known.get(each.member) or each.member for each in people)


def person_called(context: Context, team: Team, typed: str) -> Someone:
    """A person of a team by their name, id or mention; raises UserError."""
    wanted = typed.strip().removeprefix("<@").removesuffix(">").partition("|")[0]
    wanted = wanted.lstrip("@").casefold()
    if wanted in {"me", "moi"}:
        return yourself(context)
    people = {**_named(team), **called_there(context, team)}
    found = [
        Someone(member, name)
        for member, name in people.items()
        if wanted in {name.casefold(), *_called(member)}
    ]
    if len(found) != 1:
        raise UserError("I know nobody of your team called “{who}”.", who=typed[:40])
    return found[0]


def _named(team: Team) -> dict[str, str]:
    """Those whom the settings name; what they are called is not known from there."""
    return dict.fromkeys((*team.duty, *team.admins, *team.delegates), "")


def called_there(context: Context, team: Team) -> dict[str, str]:
    """What those of a team are called who are in any of the bot's rooms, and the asker."""
    directory = context.house.directory()
    there = select(Roster.person, Roster.name).where(
        Roster.team == team.key, Roster.until.is_(None)
    )
    people = {
        directory.member_of(PersonId(person)): name
        for person, name in context.session.execute(there)
    }
    asker, own = yourself(context), context.part().team
    if own is not None and own.key == team.key:
        people.setdefault(asker.member, asker.name)
    return people


def _called(member: str) -> set[str]:
    """How somebody may write a person's normal form, `slack:alpha/U1` or `matrix:@ada:server`."""
    own = member.rpartition("/")[2] if "/" in member else member.partition(":")[2]
    own = own.lstrip("@").casefold()
    return {member.casefold(), own, own.partition(":")[0]}
