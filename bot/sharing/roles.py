"""What a person may do: roles follow from the directory and from nothing that people say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.events import PersonId, Standing
from bot.sharing.teams import Directory, Team


class Role(StrEnum):
    """Who may give a command."""

    GUEST = "guest"
    """Everybody."""
    MEMBER = "member"
    """Who belongs to a team."""
    DELEGATE = "delegate"
    """Who speaks for their team."""
    ADMIN = "admin"
    """Who administers their team's affairs."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a person is: their team, None for a guest, and the roles that they hold."""

    team: Team | None
    roles: frozenset[Role]
    on_duty: bool = False


def part_of(directory: Directory, accounts: Iterable[tuple[PersonId, Standing]]) -> Part:
    """What a person is who has these accounts, the one in use first.

    The team is that of the first account that has one; the others add what they hold in that same
    team. Where no team is configured at all, everybody counts as a member.
    """
    accounts = list(accounts)
    teams = (directory.team_of(person, standing) for person, standing in accounts)
    team = next((found for found in teams if found is not None), None)
    if team is None:
        held = {Role.GUEST} if directory.teams else {Role.GUEST, Role.MEMBER}
        return Part(None, frozenset(held))
    persons = {directory.member_of(person) for person, _ in accounts}
    roles = {Role.GUEST, Role.MEMBER}
    if not persons.isdisjoint(team.delegates):
        roles.add(Role.DELEGATE)
    if not persons.isdisjoint(team.admins):
        roles.add(Role.ADMIN)
    return Part(team, frozenset(roles), on_duty=not persons.isdisjoint(team.duty))
