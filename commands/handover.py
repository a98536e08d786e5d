"""`handover`: what the next shift, or the next time zone, has to know: what is open, since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from bot.custody.effective import stored_marked
from bot.custody.pending import Item, marked_together
from bot.errors import UserError
from bot.sharing.teams import TeamKey
from bot.times.saying import local_and_utc
from bot.times.working import is_working, next_working_moment
from bot.words.times import moment
from commands.registry import Context, Flag, Reply, command, reply
from commands.waiting import lines, reader_of

_SOON = timedelta(hours=12)
"""What ends or is due within this is what the next shift has to do first."""


@command("handover", placed=True, shareable=True)
def handover(
    context: Context,
    *,
    team: Annotated[str | None, Flag("what waits for that team alone")] = None,
) -> Reply:
    """Write for the next shift what is open, since when, and who is at work next."""
    reader = reader_of(context)
    items = context.house.pending(context.session, reader, context.channel)
    if team is not None:
        key = _named(context, team)
        items = [each for each in items if key in each.teams]
    answer = reply("\n".join(_written(context, items)))
    return replace(answer, matter=stored_marked(marked_together(items, context.now)))


def _written(context: Context, items: Sequence[Item]) -> Iterator[str]:
    words, now = context.words, context.now
    where = context.channel or words("all channels")
    yield words.count("Handover of {where}: {n} thing is open ({when})",
                      "Handover of {where}: {n} things are open ({when})", len(items),
                      where=where, when=moment(words, now, now))  # fmt: skip
    soon = [each for each in items if each.due is not None and each.due <= now + _SOON]
    rest = [each for each in items if each not in soon]
    if soon:
        yield words("Overdue, or due within twelve hours:")
        yield from lines(context, soon, teams=True)
    if rest:
        yield words("Open:")
        yield from lines(context, rest, teams=True)
    yield from _next(context)


def _next(context: Context) -> Iterator[str]:
    """Who is at work now, and who begins when."""
    teams, words = context.house.directory().teams, context.words
    here = (
        sorted(teams) if context.channel is None else sorted(context.house.roster(context.channel))
    )
    found = [teams[key] for key in here if key in teams]
    now_there = [each.name for each in found if is_working(each, context.now)]
    if now_there:
        yield words("At work now: {teams}", teams=", ".join(now_there))
    away = [(next_working_moment(each, context.now), each) for each in found
            if not is_working(each, context.now)]  # fmt: skip
    for when, each in sorted(away, key=lambda pair: (pair[0], pair[1].name)):
        at = local_and_utc(words, when, each.zone)
        yield words("{team} is back {when}", team=each.name, when=at)


def _named(context: Context, typed: str) -> TeamKey:
    for key, each in context.house.directory().teams.items():
        if typed.casefold() in {key.casefold(), each.name.casefold()}:
            return key
    raise UserError("I know no team “{name}”.", name=typed[:40])
