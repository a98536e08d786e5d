"""`digest`: what is new and what is open, told to a channel every day or every week."""

from __future__ import annotations

from datetime import tzinfo
from itertools import islice
from typing import Annotated

from bot.advisories import digesting
from bot.errors import UserError
from bot.events import PersonId
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Late, Place
from bot.times.recurring import upcoming
from bot.times.saying import listed
from bot.times.schedules import read_schedule
from bot.times.zones import zone_name
from commands.registry import Context, Reply, Rest, asks_first, command, reply
from commands.timing import channel_zone

_NEXT = 3
At = Annotated[str, Rest("at which time of day, and with “weekly” on which day")]


@command("digest", placed=True)
def digest(context: Context) -> Reply:
    """What is new and what is open, told to a channel every day or every week."""
    return reply(
        context.words("“digest daily 08:30” or “digest weekly mon 08:30” begins one here.")
    )


@digest.word("daily", placed=True, writes=True)
def daily(context: Context, at: At = "08:30") -> Reply:
    """Tell this channel every day; days with nothing to tell say nothing."""
    return planned(context, f"daily {at}", channel_zone(context))


@digest.word("weekly", placed=True, writes=True)
def weekly(context: Context, at: At = "mon 08:30") -> Reply:
    """Tell this channel every week; weeks with nothing to tell say nothing."""
    return planned(context, f"every {at}", channel_zone(context))


def planned(context: Context, said: str, zone: tzinfo) -> Reply:
    """Ask about a digest's times, and save it once they are confirmed."""
    words, channel = context.words, context.channel
    if channel is None:
        raise UserError("For which channel? Say it in one of its rooms, or “--channel NAME”.")
    recurring = read_schedule(said, zone, context.now)
    coming = listed(words, islice(upcoming(recurring, context.now), _NEXT), recurring.zone)
    name = zone_name(recurring.zone)
    first = words("Post a digest {when} ({zone})?", when=said, zone=name)
    asked = asks_first(context, "\n".join([first, words("Next:"), *coming]))
    if asked is not None:
        return asked
    part = context.part()
    team = None if part.team is None else part.team.key
    place = None if context.room is None else Place(context.room, context.direct)
    plan = Plan(
        digesting.KIND, channel, PersonId(context.asker.person), place, team, channel,
        late=Late.SKIP,
    )  # fmt: skip
    row = schedules.begin(context.session, plan, said, name, context.now)
    text = words("Saved as {handle}. “schedule pause {handle}” stops it.", handle=row.handle)
    return reply("\n".join([text, words("Next:"), *coming]))
