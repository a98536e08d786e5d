"""`decisions`: what was decided and what is open, as far as the asker may know of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from bot.decisions import finding, proposals
from bot.decisions.finding import Found
from bot.decisions.proposals import State
from bot.decisions.showing import state_words, titled
from bot.store.decision_tables import Decision
from bot.words.times import moment
from commands.deciding import may_read, name_of
from commands.registry import Context, Reply, Rest, command, reply

_MOST = 20
"""Decisions that are listed."""


@command("decisions", placed=True)
def decisions(
    context: Context,
    search: Annotated[str, Rest("words, a number, a team, or how it stands")] = "",
) -> Reply:
    """List what was decided and what is open."""
    words = context.words
    found = [each for each in _known(context) if each.matches(search, _beside(context, each.row))]
    if not found:
        return reply(words("I know of no such decision."))
    first = words.count("{n} decision, the newest first:", "{n} decisions, the newest first:",
                        len(found))  # fmt: skip
    lines = [_line(context, each) for each in found[:_MOST]]
    if len(found) > _MOST:
        rest = len(found) - _MOST
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    return reply("\n".join([first, *lines]))


def _known(context: Context) -> Iterator[Found]:
    """Those of the channel that is meant, and without one of all; nothing that the asker's team
    may not have.
    """
    room, team = context.room, context.part().team
    operators = room is not None and context.house.is_admin_room(room)
    for each in finding.every(context.session):
        row = each.row
        if context.channel not in {None, row.channel}:
            continue
        marked = proposals.marked_as(row)
        if operators or (team is not None and may_read(context, marked, row.channel, team)):
            yield each


def _beside(context: Context, row: Decision) -> tuple[str, ...]:
    return (name_of(context, row.team), state_words(State(row.state), context.words))


def _line(context: Context, found: Found) -> str:
    row = found.row
    state = state_words(State(row.state), context.words)
    when = moment(context.words, row.closed or row.expires or row.opened, context.now)
    title = titled(found.text or "—", 60)
    return f"• {proposals.marked_as(row).marking.label} · {found.name} · {state}, {when} · {title}"
