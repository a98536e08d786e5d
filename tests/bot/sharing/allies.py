"""A small alliance on two networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from zoneinfo import ZoneInfo

from bot.events import PersonId
from bot.platforms.matrix import NETWORK as MATRIX
from bot.platforms.slack import NETWORK as SLACK
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, Team, TeamKey
from bot.times.hours import Quiet

ALPHA, BRAVO, CHARLIE = TeamKey("alpha"), TeamKey("bravo"), TeamKey("charlie")
NETWORKS = {"slack": SLACK, "matrix": MATRIX}


def slack(person: str, workspace: str = "alpha") -> PersonId:
    return PersonId(f"slack:{workspace}/{person}")


def matrix(person: str, account: str = "coalition") -> PersonId:
    return PersonId(f"matrix:{account}/{person}")


def member_of(person: PersonId) -> str:
    account, _, own = person.partition("/")
    network, _, name = account.partition(":")
    return f"{network}:{NETWORKS[network].member_of(name, own)}"


def home_of(member: str) -> str:
    network, _, written = member.partition(":")
    return f"{network}:{NETWORKS[network].home_of(written)}"


def directory(
    teams: Sequence[Team], groups: Mapping[str, Sequence[str]] | None = None
) -> Directory:
    return Directory(teams, groups or {}, member_of=member_of, home_of=home_of)


ALLIES = directory(
    [
        Team(
            ALPHA,
            "CERT Alpha",
            country="FRA",
            zone=ZoneInfo("Europe/Paris"),
            members=("slack:alpha",),
            delegates=("slack:alpha/U1",),
            admins=("slack:alpha/U1", "slack:alpha/U2"),
            duty=("slack:alpha/U3",),
            quiet=Quiet(time(22), time(7)),
        ),
        Team(
            BRAVO,
            "CERT Bravo",
            country="DE",
            clearance=Label.GREEN,
            members=("matrix:bravo.example", "slack:alpha/U7"),
            delegates=("matrix:@eve:elsewhere.example",),
        ),
        Team(CHARLIE, "CERT Charlie", country="FR", members=("matrix:@cyd:open.example",)),
    ],
    {"inner": ["alpha", "bravo"], "partners": ["inner", "charlie"], "nobody": []},
)
