"""`decisions`: what was decided and what is open, as far as the asker may know of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from bot.custody.effective import Marked, stored_marked, together
from bot.decisions import finding, proposals, searching
from bot.decisions.finding import Found
from bot.decisions.proposals import State
from bot.decisions.searching import Hits, Known, Wanted
from bot.decisions.showing import state_words, titled
from bot.decisions.wording import Choice, any_of, asked, fact, words_of
from bot.errors import UserError
from bot.sharing.gate import ALLOWED, judge
from bot.sharing.teams import TeamKey
from bot.words.times import moment
from commands.deciding import may_know, may_read
from commands.registry import Context, Flag, Reply, Rest, command, reply
from commands.timing import read_time

_MOST = 20
"""Decisions that are listed."""


@command("decisions", placed=True, shareable=True)
def decisions(
    context: Context,
    search: Annotated[str, Rest("words, a number, a team, or how it stands")] = "",
    *,
    team: Annotated[str | None, Flag("which team put it")] = None,
    state: Annotated[str | None, Flag("open, adopted, broken …", shown="STATE")] = None,
    since: Annotated[str | None, Flag("put after that time", shown="T")] = None,
    until: Annotated[str | None, Flag("put before that time", shown="T")] = None,
) -> Reply:
    """List what was decided and what is open, by its words."""
    words, named = context.words, _named(context, search)
    if named is not None:
        return _told([_line(context, named)], [named])
    query = [_or_fact(context, typed, choice) for typed, choice in asked(search)]
    query += [_of_team(context, team)] if team else []
    query += [_in_state(context, state)] if state else []
    wanted = Wanted(tuple(query), _time(context, since), _time(context, until))
    hits = searching.search(context.session, _known(context), wanted, _MOST)
    if not hits.count and not (query or since or until):
        return reply(words("There is no decision here that you may know of."))
    if not hits.count:
        return reply(words("I know of no such decision."))
    return _told(_lines(context, hits), hits.newest)


def _told(lines: Iterable[str], listed: Iterable[Found]) -> Reply:
    """The answer, marked as strictly as anything on it."""
    marked = together(proposals.marked_as(each.row) for each in listed)
    answer = reply("\n".join(lines))
    return answer if marked is None else replace(answer, matter=stored_marked(marked))


def _named(context: Context, search: str) -> Found | None:
    """That which has this number or handle, where it exists for the asker."""
    found = finding.find(context.session, search) if search.strip() else None
    here = found is not None and context.channel in {None, found.row.channel}
    return found if found is not None and here and may_know(context, found.row) else None


def _known(context: Context) -> Known | None:
    """Those of the channel that is meant, and without one of all; nothing that the asker's team
    may not have, or not all who read the room that it is shared with. None: everything, for the
    operators.
    """
    if context.shared is not None:
        return _known_to_all(context)
    room, team = context.room, context.part().team
    if room is not None and context.house.is_admin_room(room) and context.channel is None:
        return None
    operators = room is not None and context.house.is_admin_room(room)
    return searching.readable(
        context.session,
        lambda marked, channel: (
            operators or (team is not None and may_read(context, marked, channel, team))
        ),
        None if team is None else team.key,
        context.now,
        context.channel,
    )


def _known_to_all(context: Context) -> Known:
    """What all who read the room may know of. Where they are of one team, that has its own too."""
    door, markings = context.audience, context.house.custody().markings

    def may(marked: Marked, _channel: str) -> bool:
        return judge(markings.effective(marked).matter, door) is ALLOWED

    alone: TeamKey | None = next(iter(door.teams)) if len(door.teams) == 1 else None
    return searching.readable(context.session, may, alone, context.now, context.channel)


def _or_fact(context: Context, typed: str, choice: Choice) -> Choice:
    """A word, or what it means as how something stands, by what it is decided, whose it is."""
    meant = words_of(typed)
    facts = [fact("state", state) for state in State if meant <= _called(context, state)]
    facts += [fact("method", word) for word in meant]
    for key, each in context.house.directory().teams.items():
        if meant <= words_of(f"{key} {each.name}"):
            facts.append(fact("team", key))
    return (*choice, *any_of(facts))


def _of_team(context: Context, typed: str) -> Choice:
    wanted = typed.casefold()
    for key, each in context.house.directory().teams.items():
        if wanted in {key.casefold(), each.name.casefold()}:
            return any_of([fact("team", key)])
    raise UserError("I know no team “{name}”.", name=typed[:40])


def _in_state(context: Context, typed: str) -> Choice:
    found = [state for state in State if words_of(typed) <= _called(context, state)]
    if not found or not words_of(typed):
        known = ", ".join(State)
        raise UserError("I know these: {states}.", states=known)
    return any_of(fact("state", state) for state in found)


def _called(context: Context, state: State) -> set[str]:
    """The words for a state: its code, and what the asker reads."""
    return words_of(f"{state} {state_words(state, context.words)}")


def _time(context: Context, typed: str | None) -> datetime | None:
    return None if typed is None else read_time(context, typed, ahead=False).at


def _lines(context: Context, hits: Hits) -> list[str]:
    words, count = context.words, hits.count
    first = words.count("{n} decision, the newest first:", "{n} decisions, the newest first:",
                        count)  # fmt: skip
    if hits.more:
        first = words("More than {n} decisions, the newest first:", n=count)
    lines = [first, *(_line(context, each) for each in hits.newest)]
    if count > len(hits.newest) and not hits.more:
        rest = count - len(hits.newest)
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    return lines


def _line(context: Context, found: Found) -> str:
    row = found.row
    state = state_words(State(row.state), context.words)
    when = moment(context.words, row.closed or row.expires or row.opened, context.now)
    title = titled(found.text or "—", 60)
    return f"• {proposals.marked_as(row).marking.label} · {found.name} · {state}, {when} · {title}"
