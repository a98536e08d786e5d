"""What the tables of one file have to agree on: names, rosters, markings, rooms.

Each check takes linear time: files of thousands of channels are read within a second or two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.events import RoomId, local
from config.coalition import Channel, Team
from config.mistakes import Mistakes, key_path, nearest, printable, shown
from config.series import Run, clashes


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be read of a file, mistaken keys left out."""

    admin_rooms: tuple[RoomId, ...]
    teams: Mapping[str, Team]
    groups: Mapping[str, tuple[str, ...]]
    channels: Mapping[str, Channel]
    series: tuple[Run, ...]
    team_names: frozenset[str]
    """All that the file has, those with mistakes too, so that one mistake is told once."""
    group_names: frozenset[str]
    left_out: Mapping[str, frozenset[str]]
    """Per channel the keys that had mistakes."""
    one_id: frozenset[str] = frozenset()
    """The networks in which all accounts know a room by the same id."""


class Twins:
    """The rooms that stand in a file, by what conversation they are."""

    def __init__(self, one_id: frozenset[str]) -> None:
        self._one_id = one_id
        self._seen: dict[tuple[str, str], RoomId] = {}

    def of(self, room: RoomId) -> RoomId | None:
        """The room that was named before and is the same conversation through another account."""
        network = room.partition(":")[0]
        if network not in self._one_id:
            return None
        first = self._seen.setdefault((network, local(room)), room)
        return None if first == room else first


def compare(draft: Draft, mistakes: Mistakes) -> None:
    """Note everything in which the tables disagree."""
    _check_names(draft, mistakes)
    _check_groups(draft, mistakes)
    _check_members(draft.teams, mistakes)
    _check_markings(draft, mistakes)
    _check_rosters(draft, mistakes)
    _check_rooms(draft, mistakes)
    _check_series(draft, mistakes)


def _check_names(draft: Draft, mistakes: Mistakes) -> None:
    """People write them in any case: what is releasable to one would be to the other."""
    spelled: dict[str, str] = {}
    for name in sorted(draft.team_names | draft.group_names):
        other = spelled.setdefault(name.casefold(), name)
        if other != name:
            table = "teams" if name in draft.team_names else "groups"
            mistakes.add(f"differs from {printable(other)} only in case", table, name)


def _check_groups(draft: Draft, mistakes: Mistakes) -> None:
    names = draft.team_names | draft.group_names
    for name in sorted(draft.team_names & draft.group_names):
        mistakes.add("this is a team's name: choose another for the group", "groups", name)
    for name, members in draft.groups.items():
        for index, member in enumerate(members):
            if member not in names:
                words = f"there is no team or group {shown(member)}{nearest(member, names)}"
                mistakes.add(words, "groups", name, index)
    for cycle in _cycles(draft.groups):
        way = " > ".join(printable(name) for name in (*cycle, cycle[0]))
        mistakes.add(f"a group cannot contain itself: {way}", "groups", cycle[0])


def _cycles(groups: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """A cycle for each place where following the groups comes back to where it was."""
    done: set[str] = set()
    for start in groups:
        path: dict[str, Iterator[str]] = {}
        enter = None if start in done else start
        while enter is not None or path:
            if enter is not None:
                path[enter] = iter(groups[enter])
            current = next(reversed(path))
            enter = None
            for member in path[current]:
                if member in path:
                    way = list(path)
                    yield way[way.index(member) :]
                elif member in groups and member not in done:
                    enter = member
                    break
            if enter is None:
                del path[current]
                done.add(current)


def _check_members(teams: Mapping[str, Team], mistakes: Mistakes) -> None:
    """Someone who fits two teams at the same level is an error that names both; who acts for a
    team is of it (see `bot.sharing.teams.Directory`).
    """
    owners: dict[str, str] = {}
    for name, team in teams.items():
        for key in ("members", "delegates", "admins", "duty"):
            for member in getattr(team, key):
                owner = owners.setdefault(member, name)
                if owner != name:
                    words = f"{shown(member)} is of {owner} already: take it out of one"
                    mistakes.add(words, "teams", name, key)


def _check_markings(draft: Draft, mistakes: Mistakes) -> None:
    for name, channel in draft.channels.items():
        default = channel.default_marking
        if default is None or "ceiling" in draft.left_out.get(name, ()):
            continue
        if default > channel.ceiling:
            words = f"expected {channel.ceiling} (the ceiling) or lower; found {shown(default)}"
            mistakes.add(words, "channels", name, "default_marking")


def _check_rosters(draft: Draft, mistakes: Mistakes) -> None:
    for name, channel in draft.channels.items():
        at = ("channels", name)
        _check_teams(channel.teams or (), draft, mistakes, (*at, "teams"))
        _check_teams(channel.observers, draft, mistakes, (*at, "observers"))
        chair = channel.chair
        if chair is None:
            continue
        if chair not in draft.team_names:
            words = _no_team(chair, draft)
        elif channel.teams is not None and chair not in channel.teams:
            words = f"expected a team of {key_path((*at, 'teams'))}; found {shown(chair)}"
        elif chair in channel.observers:
            words = f"{shown(chair)} is an observer, and observers have no voice"
        else:
            continue
        mistakes.add(words, *at, "chair")


def _check_teams(
    teams: Iterable[str], draft: Draft, mistakes: Mistakes, key: tuple[str, ...]
) -> None:
    for index, team in enumerate(teams):
        if team not in draft.team_names:
            mistakes.add(_no_team(team, draft), *key, index)


def _no_team(name: str, draft: Draft) -> str:
    if name in draft.group_names:
        return f"expected a team; {shown(name)} is a group"
    return f"there is no team {shown(name)}{nearest(name, draft.team_names)}"


def _check_series(draft: Draft, mistakes: Mistakes) -> None:
    """A series has one audience: what is said by its numbers is for nobody else."""
    names = draft.team_names | draft.group_names
    for run in draft.series:
        for index, channel in enumerate(run.channels):
            if channel not in draft.channels:
                words = f"there is no channel {shown(channel)}{nearest(channel, draft.channels)}"
                mistakes.add(words, "series", run.name, "channels", index)
        if run.group is not None and run.group not in names:
            words = f"there is no team or group {shown(run.group)}{nearest(run.group, names)}"
            mistakes.add(words, "series", run.name, "group")
    for run, words in clashes(draft.series):
        own = run.group is None and len(run.channels) == 1 and run.channels[0] in draft.channels
        key = ("channels", run.channels[0], "series") if own else ("series", run.name)
        mistakes.add(f"{words}: choose another", *key)


def _check_rooms(draft: Draft, mistakes: Mistakes) -> None:
    """A room belongs to at most one channel, and a channel has rooms to join."""
    places: dict[RoomId, tuple[str, ...]] = {}
    admin = ("liaison", "admin_rooms")
    twins = Twins(draft.one_id)
    _claim(draft.admin_rooms, admin, places, twins, mistakes)
    for name, channel in draft.channels.items():
        key = ("channels", name, "rooms")
        _claim(channel.rooms, key, places, twins, mistakes)
        if len(channel.rooms) < 2 and "rooms" not in draft.left_out.get(name, ()):
            mistakes.add(f"expected two rooms or more; found {len(channel.rooms)}", *key)


def _claim(
    rooms: Iterable[RoomId],
    key: tuple[str, ...],
    places: dict[RoomId, tuple[str, ...]],
    twins: Twins,
    mistakes: Mistakes,
) -> None:
    for room in rooms:
        place = places.get(room)
        if place is None:
            places[room] = key
            _check_twin(room, key, twins, mistakes)
        elif place == key:
            mistakes.add(f"{shown(room)} stands here twice", *key)
        else:
            words = f"{shown(room)} stands in {key_path(place)} already: a room has one place"
            mistakes.add(words, *key)


def _check_twin(room: RoomId, key: tuple[str, ...], twins: Twins, mistakes: Mistakes) -> None:
    other = twins.of(room)
    if other is not None:
        words = f"{shown(room)} is {shown(other)} through another account: name it once"
        mistakes.add(words, *key)
