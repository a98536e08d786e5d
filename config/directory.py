"""The teams and groups of the settings, as `bot.sharing` knows them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.events import PersonId, account_of, local
from bot.platforms.base import Network
from bot.sharing.teams import Directory, Team, TeamKey
from bot.times.working import Severity
from config import coalition


def directory(
    teams: Mapping[str, coalition.Team],
    groups: Mapping[str, tuple[str, ...]],
    networks: Mapping[str, Network],
) -> Directory:
    """The directory of checked tables; persons are of `networks`."""

    def member_of(person: PersonId) -> str:
        name, _, account = account_of(person).partition(":")
        return f"{name}:{networks[name].member_of(account, local(person))}"

    def home_of(member: str) -> str:
        name, _, written = member.partition(":")
        # Of a network without an account nobody is ever seen, but members may be written.
        return f"{name}:{networks[name].home_of(written)}" if name in networks else member

    return Directory(
        (_team(key, team) for key, team in teams.items()),
        groups,
        member_of=member_of,
        home_of=home_of,
    )


def _team(key: str, team: coalition.Team) -> Team:
    # Without a clearance a team may read what the rooms may hold that somebody put it into.
    limit = {} if team.clearance is None else {"clearance": team.clearance}
    return Team(
        key=TeamKey(key),
        name=team.name or key,
        country=team.country,
        zone=team.timezone,
        members=team.members,
        delegates=team.delegates,
        admins=team.admins,
        duty=team.duty,
        home=team.home,
        quiet=team.quiet,
        quiet_override=None if team.quiet_override is None else Severity(team.quiet_override),
        workdays=team.workdays,
        release_needs=team.release_needs,
        weight=team.weight,
        escalate=team.escalate,
        **limit,
    )
