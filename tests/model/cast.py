"""Who is there: houses, people, rooms; and the settings that the model plays with.

The same alliance, once for the oracle and once as the bot knows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.custody.doors import Circles
from bot.events import RoomId
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey
from bot.sharing.teams import Team as RealTeam
from tests.model.oracle import NOWHERE, Alliance, Channel, Person, Team

A, B = HOUSES = ("fake:a", "fake:b")
WAR = (f"{A}/r1", f"{B}/r1", f"{B}/r2")
INNER = (f"{A}/r3", f"{B}/r3")
ROOMS = (*WAR, *INNER)
ADMINS = f"{A}/adm"
ANN, BOB = Person("ann", A), Person("bob", B)
PEOPLE = {
    person.name: person
    for person in (
        ANN,
        Person("al", A),
        Person("cyd", A),  # named as charlie's
        Person("gus", A, "guest"),
        Person("app", A, "app"),
        BOB,
        Person("ben", B),
        Person("cat", B),  # named as charlie's
        Person("dan", B),  # named as delta's
        Person("fay", B, "foreign"),
        Person("eve", NOWHERE, "foreign"),
    )
}
STRANGERS = {A: "gus", B: "fay"}
"""Somebody of no team in each house."""
AT_FIRST: Mapping[str, tuple[str, ...]] = {
    WAR[0]: ("ann", "cyd"),
    WAR[1]: ("bob", "cat"),
    WAR[2]: ("bob",),
    INNER[0]: ("ann", "al"),
    INNER[1]: ("bob", "ben"),
}


@dataclass(frozen=True)
class Variant:
    """One way in which the configuration can be written."""

    ceiling: str = "AMBER"
    default: str = "GREEN"
    hold: bool = True
    waiver: bool = False
    inner: tuple[str, ...] = ("alpha", "bravo")
    clearance: str = "AMBER+STRICT"
    """Bravo's."""
    charlie: bool = True
    named: bool = False
    """The war channel names its teams."""
    needs: int = 1
    """How many of alpha's people a release takes."""
    delay: float = 0
    """Seconds for which what is said waits."""

    def alliance(self) -> Alliance:
        """As the oracle knows it."""
        teams = {
            "alpha": Team(frozenset({A}), "AMBER+STRICT", "FR", self.needs),
            "bravo": Team(frozenset({B}), self.clearance, "DE"),
            "delta": Team(frozenset({f"{B}/dan"}), "GREEN", "NL"),
        }
        if self.charlie:
            cyd_and_cat = frozenset({f"{A}/cyd", f"{B}/cat"})
            teams["charlie"] = Team(cyd_and_cat, "AMBER+STRICT", "FR")
        there = frozenset(teams)
        groups = {
            "inner": frozenset(self.inner) & there,
            "partners": (frozenset({"inner", "charlie"}) & (there | {"inner"})),
            "nobody": frozenset[str](),
        }
        war = frozenset({"alpha", "bravo"}) if self.named else None
        default = min(self.default, self.ceiling, key=LABELS.index)
        channels = {
            "war": Channel(WAR, self.ceiling, default, war, self.hold, self.waiver),
            "inner-room": Channel(
                INNER, "AMBER+STRICT", "AMBER", frozenset({"alpha", "bravo"}), hold=True
            ),
        }
        return Alliance(teams, groups, channels)


SPEAKERS = {"alpha": f"{A}/ann", "bravo": f"{B}/bob"}
"""Who administers the teams that name nobody as their member."""
LABELS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


def label_of(label: str) -> Label:
    """The bot's word for one of the oracle's labels."""
    return Label(f"TLP:{label}")


def directory_of(alliance: Alliance) -> Directory:
    """The bot's directory of the same teams."""
    teams = [
        RealTeam(
            TeamKey(name),
            name.title(),
            country=team.country,
            clearance=label_of(team.clearance),
            members=tuple(sorted(team.members)),
            admins=(SPEAKERS[name],) if name in SPEAKERS else tuple(sorted(team.members)),
            release_needs=team.needs,
        )
        for name, team in alliance.teams.items()
    ]
    groups = {name: tuple(sorted(each)) for name, each in alliance.groups.items()}
    return Directory(teams, groups, member_of=str, home_of=lambda member: member.partition("/")[0])


def circles_of(alliance: Alliance) -> list[Circles]:
    """The bot's channels, with their rules."""
    return [
        Circles(
            name,
            tuple(RoomId(room) for room in channel.rooms),
            Rules(label_of(channel.ceiling), channel.hold, "agreed" if channel.waiver else ""),
            label_of(channel.default),
            None if channel.teams is None else tuple(sorted(channel.teams)),
        )
        for name, channel in alliance.channels.items()
    ]
