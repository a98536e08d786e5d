"""`digest`: what is new, open and due, told to a channel or a team every day or every week."""

from __future__ import annotations

from datetime import tzinfo
from itertools import islice
from typing import Annotated

from bot.briefing.digest import KIND, OWN
from bot.errors import UserError
from bot.events import PersonId
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Late, Place
from bot.sharing.teams import Team
from bot.times.recurring import upcoming
from bot.times.saying import listed
from bot.times.schedules import read_schedule
from bot.times.zones import zone_name
from commands.registry import Context, Reply, Rest, asks_first, command, reply
from commands.timing import channel_zone, own_zone

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
    return planned(context, f"daily {at}", _zone(context))


@digest.word("weekly", placed=True, writes=True)
def weekly(context: Context, at: At = "mon 08:30") -> Reply:
    """Tell this channel every week; weeks with nothing to tell say nothing."""
    return planned(context, f"every {at}", _zone(context))


def _home(context: Context) -> Team | None:
    """The asker's team, where they ask in its own room: it gets a digest of its own there, in the
    morning where it is.
    """
    team = context.part().team
    return team if team is not None and team.home == context.room else None


def _zone(context: Context) -> tzinfo:
    home = _home(context)
    return channel_zone(context) if home is None or context.channel is not None else home.zone


def planned(context: Context, said: str, zone: tzinfo) -> Reply:
    """Ask about a digest's times, and save it once they are confirmed."""
    words, channel, home = context.words, context.channel, _home(context)
    if channel is None and home is None:
        raise UserError("For which channel? Say it in one of its rooms, or “--channel NAME”.")
    recurring = read_schedule(said, zone, context.now)
    instants = islice(upcoming(recurring, context.now), _NEXT)
    coming = listed(words, instants, recurring.zone, own_zone(context))
    name = zone_name(recurring.zone)
    first = words("Post a digest {when} ({zone})?", when=said, zone=name)
    asked = asks_first(context, "\n".join([first, words("Next:"), *coming]))
    if asked is not None:
        return asked
    part = context.part()
    team = None if part.team is None else part.team.key
    place = None if context.room is None else Place(context.room, context.direct)
    about = OWN if channel is None else channel
    plan = Plan(KIND, about, PersonId(context.asker.person), place, team, channel, late=Late.SKIP)
    row = schedules.begin(context.session, plan, said, name, context.now)
    text = words("Saved as {handle}. “schedule pause {handle}” stops it.", handle=row.handle)
    return reply("\n".join([text, words("Next:"), *coming]))
