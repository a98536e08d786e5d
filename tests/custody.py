"""Gatekeepers for tests: of channels that hold what is TLP:CLEAR, or of a small alliance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.custody.doors import Circles, Doors, weigh
from bot.custody.gatekeeper import Gatekeeper
from bot.events import Author, PersonId, RoomId, Standing, account_of
from bot.platforms.base import Roster
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.membership import Circle, Kind, Membership
from bot.sharing.teams import Directory, Team, TeamKey

ROOMS = tuple(RoomId(f"fake:{name}/room") for name in ("a", "b", "c"))
BEGINNING = datetime(2026, 3, 1, tzinfo=UTC)
KEY = bytes(32)


def open_house(channels: Mapping[str, Iterable[RoomId]] | None = None) -> Gatekeeper:
    """Channels without a ceiling and nobody of any team: what bears no label is TLP:CLEAR."""
    named = channels or {}
    return guarded(
        [Circles(name, tuple(rooms), Rules(Label.CLEAR)) for name, rooms in named.items()]
    )


def guarded(circles: Sequence[Circles], directory: Directory | None = None) -> Gatekeeper:
    """Channels with rules, whose rosters are still to be read."""
    return Gatekeeper(Doors(circles, directory or Directory(), BEGINNING), KEY)


@dataclass
class Alliance:
    """Teams a, b and c (French, German, Italian), whose people are those of the networks `fake:a`
    and so on; a channel `c` with a room on each; the groups `inner` (a, b) and `nobody`.
    """

    ceiling: Label = Label.AMBER_STRICT
    default: Label = Label.GREEN
    clearances: Mapping[str, Label] = field(default_factory=dict)
    teams: tuple[str, ...] | None = ("a", "b", "c")
    needs: int = 1
    """Persons that a release takes."""
    homes: Mapping[str, RoomId] = field(default_factory=dict)
    delegates: tuple[str, ...] = ("ada",)
    """Who speaks for each team."""

    def __post_init__(self) -> None:
        countries = {"a": "FRA", "b": "DE", "c": "IT"}
        self.directory = Directory(
            [
                Team(
                    TeamKey(key),
                    f"CERT {key.upper()}",
                    country=country,
                    members=(f"fake:{key}", f"fake:{key}/ada", f"fake:{key}/ben"),
                    delegates=tuple(f"fake:{key}/{name}" for name in self.delegates),
                    clearance=self.clearances.get(key, Label.AMBER_STRICT),
                    home=self.homes.get(key),
                    release_needs=self.needs,
                )
                for key, country in countries.items()
            ],
            {"inner": ["a", "b"], "nobody": []},
            home_of=lambda member: member.partition("/")[0],
        )
        circles = Circles("c", ROOMS, Rules(self.ceiling), self.default, teams=self.teams)
        self.custody = guarded([circles], self.directory)
        self.joined(*(Membership(TeamKey(key), circles.circle) for key in countries))

    def joined(self, *facts: Membership, now: datetime = BEGINNING) -> None:
        """These are the memberships."""
        inner = (Membership(TeamKey(key), Circle(Kind.GROUP, "inner")) for key in ("a", "b"))
        self.custody.doors.join([*facts, *inner], now)

    def open(self, *rooms: RoomId) -> Gatekeeper:
        """The rooms (all, where none is named) have been read: one of its people is in each."""
        for room in rooms or ROOMS:
            self.seat(room, member(room))
        return self.custody

    def seat(self, room: RoomId, *readers: Author, private: bool = True) -> None:
        """A room was read, and has these readers."""
        standing = weigh(Roster(readers, private=private), self.directory)
        self.custody.doors.learn(room, standing, BEGINNING)


def member(room: RoomId, standing: Standing = Standing.MEMBER, name: str = "Ada") -> Author:
    """Somebody of a room's network."""
    return Author(PersonId(f"{account_of(room)}/{name.lower()}"), name, standing=standing)
