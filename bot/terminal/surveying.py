"""What `liaison check` says of each room of a channel: who reads it, and what it lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from bot.custody.doors import Doors, circles_of, weigh
from bot.errors import PlatformError
from bot.events import RoomId
from bot.platforms.base import Finding, Platform, Roster
from bot.sharing.obstacles import STRANGE, Sort, obstacles
from bot.sharing.traits import WORDS as LACKS
from bot.sharing.traits import Shortcoming
from bot.words import words_for
from config.settings import Settings

_AT_ONCE = 4
_words = words_for("en")

Read = Mapping[RoomId, Roster | str]
"""Of each room its roster, or the reason why it could not be read."""


async def read_rosters(platform: Platform, rooms: Iterable[RoomId]) -> Read:
    """Read the rosters of an account's rooms, a few at a time."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(room: RoomId) -> tuple[RoomId, Roster | str]:
        async with places:
            try:
                return room, await platform.roster(room)
            except PlatformError as error:
                return room, error.reason

    return dict(await asyncio.gather(*(one(room) for room in rooms)))


def survey(
    settings: Settings, read: Read, now: datetime, same: Mapping[RoomId, RoomId] | None = None
) -> Iterator[Finding]:
    """A finding for each room that was asked for, and for each that is another one (`same`: which,
    see `bot.delivery.doubles`).
    """
    doors = Doors(circles_of(settings.channels), settings.directory, now)
    for room, roster in read.items():
        if isinstance(roster, Roster):
            doors.learn(room, weigh(roster, settings.directory), now)
    for room, roster in read.items():
        if isinstance(roster, Roster):
            yield _found(doors, room)
        else:
            mend = "let the bot into the room, and see what else is said of it here"
            yield Finding(f"{room}: who reads it ({roster})", ok=False, mend=mend)
    for room, other in (same or {}).items():
        mend = (
            "they are one conversation, and nothing is relayed to or from the first: name it once"
        )
        yield Finding(f"{room} is {other}", ok=False, mend=mend)


def _found(doors: Doors, room: RoomId) -> Finding:
    channel, standing = doors.channel_of(room), doors.read(room)
    assert channel is not None
    audience = standing.audience
    every = list(
        obstacles(
            audience,
            standing.traits,
            channel.rules,
            channel.marking,
            doors.roster(channel.name),
            doors.directory,
        )
    )
    mends = [_words(LACKS[Shortcoming(each.what)]) for each in every if each.sort is Sort.LACK]
    strange = [each.what or "anybody" for each in every if each.sort in STRANGE]
    if strange:
        mends.append(
            f"of no team: {', '.join(strange[:10])}{', …' if strange[10:] else ''}: put them into "
            "a team under [teams], or out of the room"
        )
    low = [each.what for each in every if each.sort is Sort.TEAM]
    if low:
        mends.append(
            f"{', '.join(low)} may not read {channel.marking}: lower the channel's marking, raise "
            "what they may read, or put them into the channel's teams"
        )
    teams = [f"{team} {audience.people.get(team, 0)}" for team in sorted(audience.teams)]
    number = len(audience.strangers)
    people = [*teams, f"of no team {number}"] if number else teams
    what = f"{room}: who reads it ({', '.join(people) or 'nobody'})"
    return Finding(what, ok=not mends, mend="; ".join(mends))
