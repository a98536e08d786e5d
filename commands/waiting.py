"""What is open, as `todo` and `handover` say it: a line each, and what is typed to do it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.custody.pending import Item, Reader
from bot.sharing.teams import TeamKey
from bot.words.times import lasting, moment
from commands.registry import Context

MOST = 30
"""Things that are listed."""


def reader_of(context: Context) -> Reader:
    """For whom it is told: all who read the room that it is shared with, else the asker's team."""
    team = context.part().team
    return Reader(context.house.custody(), team, context.now, context.shared)


def lines(context: Context, items: Sequence[Item], *, teams: bool = False) -> list[str]:
    """A line each, at most so many; with `teams` also whose word is awaited."""
    shown = [_line(context, each, teams=teams) for each in items[:MOST]]
    if len(items) > MOST:
        rest = len(items) - MOST
        shown.append(context.words.count("• and {n} more", "• and {n} more", rest))
    return shown


def team_names(context: Context, keys: Collection[TeamKey]) -> str:
    """What teams are called."""
    teams = context.house.directory().teams
    return ", ".join(teams[key].name if key in teams else key for key in sorted(keys))


def _line(context: Context, item: Item, *, teams: bool) -> str:
    words, now = context.words, context.now
    said = [] if item.label is None else [str(item.label)]
    said += [item.name, words(item.what)]
    if item.due is not None:
        due = moment(words, item.due, now)
        late = words("overdue since {when}", when=due)
        said.append(late if item.due < now else words("by {when}", when=due))
    said.append(words("for {time}", time=lasting(words, now - item.since)))
    said += [each for each in (item.about, item.title) if each]
    if teams and item.teams:
        said.append(words("waits for {teams}", teams=team_names(context, item.teams)))
    line = f"• {' · '.join(said)}"
    return f"{line} — {words('“{call}”', call=item.call)}" if item.call and not teams else line
