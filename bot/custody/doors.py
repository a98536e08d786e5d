"""The door of every room, kept ready in memory: what the gate is asked costs no query.

Doors are made anew, and swapped whole, when a roster was read, the settings change, or a team
joins or leaves. Between two of these they are inert, so any thread may look at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from bot.custody.effective import Markings
from bot.custody.memberships import Members, grouped, since_of
from bot.events import RoomId
from bot.platforms.base import Roster
from bot.sharing.audience import UNREAD, Audience, Opening, build_audience, roster_teams
from bot.sharing.doors import Rules, door_of
from bot.sharing.gate import Door
from bot.sharing.marking import Label
from bot.sharing.membership import Circle, Kind, Membership, youngest
from bot.sharing.teams import Directory, Team, TeamKey
from bot.sharing.traits import Traits
from config.coalition import Channel

NOWHERE = Door(Label.CLEAR, frozenset(), frozenset(), known=False)
"""A room that nothing describes admits TLP:CLEAR only."""


@dataclass(frozen=True, slots=True)
class Circles:
    """What the settings say of a channel: its rooms, its rules, the marking of what bears none,
    who is on its roster (`teams` None: every team with a member in one of the rooms).
    """

    name: str
    rooms: tuple[RoomId, ...]
    rules: Rules
    marking: Label = Label.CLEAR
    teams: tuple[str, ...] | None = None
    observers: tuple[str, ...] = ()

    @property
    def circle(self) -> Circle:
        """The channel, as teams are members of it."""
        return Circle(Kind.CHANNEL, self.name)


def circles_of(channels: Mapping[str, Channel]) -> list[Circles]:
    """The channels of checked settings."""
    return [
        Circles(
            name,
            channel.rooms,
            Rules(channel.ceiling, channel.strangers == "hold", channel.waiver),
            channel.marking,
            channel.teams,
            channel.observers,
        )
        for name, channel in channels.items()
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who can read a room and what it is like, as they were read last."""

    audience: Audience = UNREAD
    traits: Traits | None = None


def weigh(roster: Roster, directory: Directory) -> Standing:
    """What a roster says of its room. Takes some 10 ms for 5,000 people: pure, for any thread."""
    people = ((reader.person, reader.standing) for reader in roster.readers)
    return Standing(
        build_audience(people, Opening(roster.homes, roster.world), directory),
        Traits(
            roster.private,
            roster.invitation_only,
            roster.history_from_joining,
            roster.encrypted,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Now:
    """Everything that holds at one moment."""

    markings: Markings
    doors: Mapping[RoomId, Door] = field(default_factory=dict)
    rosters: Mapping[str, frozenset[TeamKey]] = field(default_factory=dict)


class Doors:
    """All doors, and what markings mean. Changed in the event loop alone, read anywhere."""

    def __init__(self, channels: Iterable[Circles], directory: Directory, now: datetime) -> None:
        self._read: dict[RoomId, Standing] = {}
        self._directory = directory
        self._facts: Mapping[Circle, tuple[Membership, ...]] = {}
        self.epoch = 0
        self.settle(channels, directory, now)

    @property
    def directory(self) -> Directory:
        """Who belongs to which team, by the settings that hold."""
        return self._directory

    @property
    def channels(self) -> Mapping[str, Circles]:
        """The channels of the settings that hold."""
        return self._channels

    @property
    def markings(self) -> Markings:
        """What markings mean now."""
        return self._now.markings

    def door(self, room: RoomId) -> Door:
        """A room as the gate sees it now."""
        return self._now.doors.get(room, NOWHERE)

    def channel_of(self, room: RoomId) -> Circles | None:
        """The channel that a room belongs to."""
        return self._of_room.get(room)

    def roster(self, channel: str) -> frozenset[TeamKey]:
        """The teams on a channel's roster now."""
        return self._now.rosters.get(channel, frozenset())

    def seat(self, channel: str, team: Team, members: frozenset[TeamKey], now: datetime) -> Door:
        """A channel as a team reads it that is alone: what may enter there it may know. `members`:
        the teams of the channel, those without a voice included.
        """
        circle = Circle(Kind.CHANNEL, channel)
        facts = self._facts.get(circle, ())
        return Door(
            ceiling=Label.AMBER_STRICT,
            teams=frozenset({team.key}),
            roster=members,
            lowest=team.clearance,
            youngest=youngest(facts, circle, (team.key,), now) if facts else None,
        )

    def read(self, room: RoomId) -> Standing:
        """What was read of a room last."""
        return self._read.get(room, Standing())

    def members(self) -> dict[Circle, Members]:
        """The teams that share in each channel (those on its roster, and whoever can read a room
        of it), and those of each group.
        """
        groups = {
            Circle(Kind.GROUP, name): Members(self._directory.members_of(name))
            for name in self._directory.groups
        }
        return groups | {each.circle: self._members(each) for each in self._channels.values()}

    def settle(self, channels: Iterable[Circles], directory: Directory, now: datetime) -> None:
        """Other settings hold. With another directory people may belong to other teams now: who
        reads a room is not known until it was read anew, which whoever calls this sees to.
        """
        self._channels = {channel.name: channel for channel in channels}
        self._of_room = {
            room: channel for channel in self._channels.values() for room in channel.rooms
        }
        same = directory is self._directory
        self._read = {r: read for r, read in self._read.items() if same and r in self._of_room}
        self._directory = directory
        self._swap(self._channels.values(), self._meaning(now), now)

    def join(self, memberships: Iterable[Membership], now: datetime) -> None:
        """The stored memberships; no room of a channel that they never name is known."""
        self._facts = grouped(memberships)
        self._swap(self._channels.values(), self._meaning(now), now)

    def learn(self, room: RoomId, standing: Standing, now: datetime) -> None:
        """A room's roster was read and weighed."""
        channel = self._of_room.get(room)
        if channel is not None:
            self._read = {**self._read, room: standing}
            self._swap([channel], self._now.markings, now)

    def _members(self, channel: Circles) -> Members:
        whole = self._all_read(channel)
        rooms = (self.read(room).audience.teams for room in channel.rooms)
        teams = self._roster_of(channel).union(*rooms)
        return Members(teams, whole=whole, enough=whole or channel.teams is not None)

    def _roster_of(self, channel: Circles) -> frozenset[TeamKey]:
        read = (self.read(room).audience for room in channel.rooms)
        return roster_teams(channel.teams, channel.observers, read)

    def _meaning(self, now: datetime) -> Markings:
        defaults = {name: channel.marking for name, channel in self._channels.items()}
        return Markings(self._directory, defaults, since_of(self._facts, self._directory, now))

    def _swap(self, channels: Iterable[Circles], markings: Markings, now: datetime) -> None:
        """Make the doors of these channels anew; all that holds changes in one step."""
        old = getattr(self, "_now", _Now(markings))
        doors = {room: door for room, door in old.doors.items() if room in self._of_room}
        rosters = {name: each for name, each in old.rosters.items() if name in self._channels}
        for channel in channels:
            rosters[channel.name] = self._roster_of(channel)
            for room in channel.rooms:
                doors[room] = self._made(channel, room, rosters[channel.name], now)
        self._now = _Now(markings, MappingProxyType(doors), MappingProxyType(rosters))
        self.epoch += 1

    def _made(
        self, channel: Circles, room: RoomId, roster: frozenset[TeamKey], now: datetime
    ) -> Door:
        standing, facts = self.read(room), self._facts.get(channel.circle, ())
        since = youngest(facts, channel.circle, standing.audience.teams, now)
        door = door_of(channel.rules, standing.audience, standing.traits, roster, since)
        return replace(door, known=door.known and bool(facts) and self._is_roster_known(channel))

    def _is_roster_known(self, channel: Circles) -> bool:
        """A roster that is written nowhere is known when all rooms have been read. Only
        TLP:AMBER+STRICT asks who is on it.
        """
        written = channel.teams is not None
        return written or channel.rules.ceiling < Label.AMBER_STRICT or self._all_read(channel)

    def _all_read(self, channel: Circles) -> bool:
        return all(self.read(room).audience.known for room in channel.rooms)
