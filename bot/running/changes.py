"""What differs between two configurations, and what follows from it: lines for people. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from pydantic import BaseModel

from bot.events import RoomId
from bot.words import Words
from config.coalition import Channel, Team
from config.settings import Settings

Name = TypeVar("Name", bound=str)
_TOLD = frozenset({"rooms", "ceiling", "default_marking", "teams"})
"""Keys of a channel that have a line of their own."""
Waiting = Callable[[Collection[RoomId]], int]
"""How many deliveries wait for some rooms."""


def changes(old: Settings, new: Settings, waiting: Waiting, words: Words) -> list[str]:
    """A line for each thing that is another one now; never a secret."""
    return [
        *_of_house(old, new, words),
        *_of_accounts(old, new, words),
        *_of_teams(old, new, words),
        *_of_groups(old, new, words),
        *_of_channels(old, new, waiting, words),
    ]


def _of_house(old: Settings, new: Settings, words: Words) -> Iterator[str]:
    for table in ("liaison", "network", "store", "web"):
        before, after = getattr(old, table), getattr(new, table)
        for key in _differing(before, after):
            if table == "web" or (table, key) == ("store", "url"):
                yield words("{key} changed: that needs a restart.", key=f"{table}.{key}")
            else:
                yield words("{key} changed.", key=f"{table}.{key}")
    if old.ledger != new.ledger:
        yield words("{key} changed.", key="ledger")
    if old.mail != new.mail:
        yield words("{key} changed.", key="mail")


def _of_accounts(old: Settings, new: Settings, words: Words) -> Iterator[str]:
    for account in _gone(old.accounts, new.accounts):
        yield words(
            "{account} removed: what waits for its rooms stays in the store.", account=account
        )
    for account in _gone(new.accounts, old.accounts):
        yield words("{account} added.", account=account)
    for account in _kept(old.accounts, new.accounts):
        keys = _differing(old.accounts[account][1], new.accounts[account][1])
        if keys:
            yield words("{account}: {keys} changed.", account=account, keys=", ".join(keys))


def _of_teams(old: Settings, new: Settings, words: Words) -> Iterator[str]:
    for team in _gone(old.teams, new.teams):
        yield words(
            "Team {team} removed: it loses access with the next event, and to what is on its way.",
            team=team,
        )
    for team in _gone(new.teams, old.teams):
        yield words(
            "Team {team} added: what was said before stays closed to it until it is released.",
            team=team,
        )
    for team in _kept(old.teams, new.teams):
        before, after = old.teams[team], new.teams[team]
        keys = [key for key in _differing(before, after) if key not in ("members", "clearance")]
        if keys:
            yield words("Team {team}: {keys} changed.", team=team, keys=", ".join(keys))
        yield from _of_team(team, before, after, words)


def _of_team(team: str, before: Team, after: Team, words: Words) -> Iterator[str]:
    for member in _gone(before.members, after.members):
        yield words(
            "Team {team}: {member} is no member now, and loses access with the next event.",
            team=team,
            member=member,
        )
    for member in _gone(after.members, before.members):
        yield words("Team {team}: {member} is a member now.", team=team, member=member)
    if before.clearance != after.clearance:
        yield words(
            "Team {team}: clearance {before} → {after}.",
            team=team,
            before=before.clearance or "-",
            after=after.clearance or "-",
        )


def _of_groups(old: Settings, new: Settings, words: Words) -> Iterator[str]:
    for group in dict.fromkeys((*old.groups, *new.groups)):
        before, after = old.groups.get(group, ()), new.groups.get(group, ())
        if before != after:
            yield words("Group {group}: {moves}.", group=group, moves=_moves(before, after))


def _of_channels(old: Settings, new: Settings, waiting: Waiting, words: Words) -> Iterator[str]:
    for name in _gone(old.channels, new.channels):
        yield words("Channel {channel} removed: nothing is relayed there any more.", channel=name)
    for name in _gone(new.channels, old.channels):
        rooms = ", ".join(new.channels[name].rooms)
        yield words("Channel {channel} added: {rooms}.", channel=name, rooms=rooms)
    for name in _kept(old.channels, new.channels):
        before, after = old.channels[name], new.channels[name]
        yield from _of_rooms(name, before, after, waiting, words)
        yield from _of_rules(name, before, after, waiting, words)


def _of_rooms(
    name: str, before: Channel, after: Channel, waiting: Waiting, words: Words
) -> Iterator[str]:
    for room in _gone(after.rooms, before.rooms):
        yield words(
            "{channel}: room {room} added; nothing goes there until who reads it is known.",
            channel=name,
            room=room,
        )
    for room in _gone(before.rooms, after.rooms):
        yield (
            words(
                "{channel}: room {room} removed; nothing more is relayed there.",
                channel=name,
                room=room,
            )
            + _wait(waiting([room]), words)
            + _said_there(words)
        )


def _said_there(words: Words) -> str:
    return " " + words(
        "What was said there stands in the others, and is not followed when it is edited or "
        "deleted."
    )


def _of_rules(
    name: str, before: Channel, after: Channel, waiting: Waiting, words: Words
) -> Iterator[str]:
    if before.ceiling != after.ceiling:
        line = words(
            "{channel}: ceiling {before} → {after}.",
            channel=name,
            before=before.ceiling,
            after=after.ceiling,
        )
        if after.ceiling < before.ceiling:
            line += _wait(waiting(after.rooms), words)
            line += " " + words("Nothing that landed is taken back by it (see “recall”).")
        yield line
    if before.marking != after.marking:
        yield words(
            "{channel}: without a label {before} → {after}, also what waits and what was said.",
            channel=name,
            before=before.marking,
            after=after.marking,
        ) + _stays(before, after, words)
    if before.teams != after.teams:
        moves = _moves(before.teams or (), after.teams or ())
        gone = words("Who left loses access with the next event.")
        yield words("{channel}: teams {moves}.", channel=name, moves=moves or "-") + " " + gone
    keys = [key for key in _differing(before, after) if key not in _TOLD]
    if keys:
        yield words("{channel}: {keys} changed.", channel=name, keys=", ".join(keys))


def _stays(before: Channel, after: Channel, words: Words) -> str:
    if after.marking <= before.marking or after.ceiling < before.ceiling:
        return ""
    return " " + words("Nothing that landed is taken back by it (see “recall”).")


def _wait(number: int, words: Words) -> str:
    if not number:
        return ""
    return " " + words.count(
        "{n} delivery waits there, and is asked about again: what is marked higher is held back.",
        "{n} deliveries wait there, and are asked about again: what is marked higher is held back.",
        number,
    )


def _moves(before: Iterable[str], after: Iterable[str]) -> str:
    moves = [f"+ {each}" for each in _gone(after, before)]
    moves += [f"- {each}" for each in _gone(before, after)]
    return ", ".join(moves)


def _differing(before: BaseModel, after: BaseModel) -> list[str]:
    """The keys whose values are others. One secret that is read anew counts by what it is."""
    if type(before) is not type(after):
        return ["type"]
    keys = type(before).model_fields
    return [key for key in keys if getattr(before, key) != getattr(after, key)]


def _gone(before: Iterable[Name], after: Iterable[Name]) -> list[Name]:
    there = set(after)
    return [each for each in before if each not in there]


def _kept(before: Mapping[Name, object], after: Mapping[Name, object]) -> list[Name]:
    return [each for each in before if each in after]
