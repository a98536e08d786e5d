"""`schedule`: what happens at a time, as far as the asker may know of it, and stopping it.

Whose it is, and those who speak for or administer their team, may change it. A schedule of others,
or of a channel that the asker is not in, does not exist.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo
from itertools import islice
from typing import Annotated

from sqlalchemy import ColumnElement, or_

from bot.advisories import keeping as advisories
from bot.advisories import releasing
from bot.advisories.releasing import KIND as POSTING
from bot.custody.effective import Marked, marked_of, stored_marked, together
from bot.errors import UserError
from bot.schedules import keeping
from bot.schedules.advancing import recurring
from bot.sharing.marking import Marking
from bot.sharing.roles import Role
from bot.sharing.teams import Team, TeamKey
from bot.store.tables import Schedule
from bot.store.tables.advisories import Advisory
from bot.times.recurring import upcoming
from bot.times.saying import listed, local_and_utc
from bot.words.times import moment
from commands.registry import Arg, Context, Reply, command, reply, shortened
from commands.timing import channel_zone, own_zone

_MOST = 30
"""Schedules that are listed."""
_EXCERPT = 40
_NEXT = 3
Handle = Annotated[str, Arg("a schedule's handle, as s-7kq2x")]


@command("schedule", placed=True, shareable=True)
def schedule(context: Context) -> Reply:
    """What happens when?"""
    return _listed(context)


@schedule.word("list", placed=True, shareable=True)
def list_(context: Context) -> Reply:
    """What happens when, in this channel or of yours?"""
    return _listed(context)


@schedule.word("show", placed=True)
def show(context: Context, ref: Handle) -> Reply:
    """When does it happen next, and whose is it?"""
    row, words = _known(context, ref), context.words
    lines = [words("{handle}: {when}", handle=row.handle, when=_when(row))]
    if row.paused is not None:
        lines.append(words("paused since {when}", when=moment(words, row.paused, context.now)))
    else:
        zone = own_zone(context)
        lines += [words("Next:"), *listed(words, _upcoming(row, context.now), zone)]
    if row.attempts:
        lines.append(
            words.count(
                "It failed {n} time; reference {reference}.",
                "It failed {n} times; reference {reference}.",
                row.attempts,
                reference=row.reference,
            )
        )
    lines.append(words("What: {what}", what=f"{row.kind}, {shortened(row.object, _EXCERPT)}"))
    if row.team is not None:
        lines.append(words("Of: {team}", team=_name(context, row.team)))
    return reply("\n".join(lines))


@schedule.word("pause", placed=True, writes=True)
def pause(context: Context, ref: Handle) -> Reply:
    """Let its times go by until it is resumed."""
    row, words = _own(context, ref), context.words
    if not keeping.pause(row, context.now):
        raise UserError("It is paused already.")
    return reply(words("{handle} is paused: its times go by.", handle=row.handle))


@schedule.word("resume", placed=True, writes=True)
def resume(context: Context, ref: Handle) -> Reply:
    """Let it go on with its next time; what went by meanwhile does not happen."""
    row, words = _own(context, ref), context.words
    if not keeping.resume(row, context.now):
        raise UserError("It is not paused.")
    if row.next is None:
        return reply(words("{handle} goes on.", handle=row.handle))
    at = local_and_utc(words, row.next, own_zone(context))
    return reply(words("{handle} goes on:\n{when}", handle=row.handle, when=at))


@schedule.word("run", placed=True, writes=True)
def run(context: Context, ref: Handle) -> Reply:
    """Let it happen now, beside its own times."""
    row = _own(context, ref)
    advisory = _posts(context, row)
    if advisory is not None:
        releasing.check_embargo(advisory, context.now)
    keeping.run(row, context.now)
    return reply(context.words("{handle} happens now.", handle=row.handle))


@schedule.word("delete", placed=True, writes=True)
def delete(context: Context, ref: Handle) -> Reply:
    """Let it never happen again."""
    row = _own(context, ref)
    advisory = _posts(context, row)
    if advisory is not None:
        releasing.unschedule(context.session, advisory, context.now)
    keeping.end(row, context.now)
    return reply(context.words("{handle} never happens again.", handle=row.handle))


def _listed(context: Context) -> Reply:
    words = context.words
    zone = own_zone(context) if context.shared is None else channel_zone(context)
    found = keeping.standing(context.session, _scope(context))
    rows = [row for row in found if _knows(context, row) and _is_here(context, row)]
    if not rows:
        return reply(words("Nothing is scheduled here that you may know of."))
    first = words.count("{n} schedule:", "{n} schedules:", len(rows))
    lines = [_line(context, row, zone) for row in rows[:_MOST]]
    if len(rows) > _MOST:
        rest = len(rows) - _MOST
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    answer, marked = reply("\n".join([first, *lines])), together(_marked(context, r) for r in rows)
    return answer if marked is None else replace(answer, matter=stored_marked(marked))


def _line(context: Context, row: Schedule, zone: tzinfo) -> str:
    words = context.words
    if row.paused is not None:
        state = words("paused since {when}", when=moment(words, row.paused, context.now))
    elif row.next is None:
        state = words("now")
    else:
        state = words("next {when}", when=local_and_utc(words, row.next, zone))
    return f"• {row.handle}, {_when(row)}: {row.kind}; {state}"


def _when(row: Schedule) -> str:
    """When it happens, as it was typed."""
    return row.said if row.once else f"{shortened(row.said, _EXCERPT)} ({row.zone})"


def _upcoming(row: Schedule, now: datetime) -> list[datetime]:
    if row.once:
        return [] if row.next is None else [row.next]
    return list(islice(upcoming(recurring(row), now), _NEXT))


def _posts(context: Context, row: Schedule) -> Advisory | None:
    """The advisory that it posts, None where it is for something else."""
    if row.kind != POSTING:
        return None
    found = context.session.get(Advisory, row.object)
    return found if found is not None and found.schedule == row.handle else None


# ── what exists for whom ────────────────────────────────────────────────────────────────────────


def _known(context: Context, ref: str) -> Schedule:
    """The schedule of a handle, as far as the asker may know of it; raises UserError."""
    row = keeping.by_handle(context.session, ref)
    if row is None or not _knows(context, row):
        raise UserError("I know of no such schedule. “schedule list” shows those there are.")
    return row


def _own(context: Context, ref: str) -> Schedule:
    """The same, to be changed: by whose it is, or for their team."""
    row, part = _known(context, ref), context.part()
    if row.by in _accounts(context):
        return row
    if part.team is not None and row.team == part.team.key and part.roles & {
        Role.DELEGATE, Role.ADMIN
    }:  # fmt: skip
        return row
    if row.team is None and context.room and context.house.is_admin_room(context.room):
        return row
    raise UserError("Only whose it is may change it, or who speaks for or administers their team.")


def _scope(context: Context) -> ColumnElement[bool]:
    """In a channel's rooms its own, and when what the asker and their team wrote is posted;
    elsewhere all that is theirs.
    """
    there, team = Schedule.channel == context.channel, context.part().team
    own: ColumnElement[bool] = Schedule.by.in_(_accounts(context))
    if team is not None:
        own = or_(own, Schedule.team == team.key)
    if context.channel is None:
        return own
    return or_(own, there) if context.direct else or_(own & (Schedule.kind == POSTING), there)


def _is_here(context: Context, row: Schedule) -> bool:
    """Whether it is of the channel whose room this is: an advisory is of all that it is for."""
    if context.direct or context.channel is None or row.channel == context.channel:
        return True
    advisory = _posts(context, row)
    return advisory is not None and context.channel in advisories.channels_of(advisory)


def _knows(context: Context, row: Schedule) -> bool:
    if context.shared is not None:
        markings, here = context.house.custody().markings, row.channel == context.channel
        return here and context.may_read(markings.effective(_marked(context, row)).matter)
    team = context.part().team
    if row.by in _accounts(context) or (team is not None and row.team == team.key):
        return True
    if row.channel is None or row.channel != context.channel:
        return False
    return row.marking is None or (team is not None and _may_read(context, row.marking, team))


def _marked(context: Context, row: Schedule) -> Marked:
    """How it is marked: as its channel is, where nothing says otherwise."""
    if row.marking is not None:
        return marked_of(row.marking)
    default = context.house.custody().markings.default(row.channel or "")
    return Marked(Marking(default), None, row.created)


def _may_read(context: Context, marking: str, team: Team) -> bool:
    """Whether a team may know of what is marked so."""
    matter = context.house.custody().markings.matter(marked_of(marking))
    if matter.originator == team.key:
        return True
    return matter.label <= team.clearance and (
        matter.releasable is None or team.key in matter.releasable
    )


def _accounts(context: Context) -> set[str]:
    linked = context.house.linked(context.session, context.asker.person)
    return {context.asker.person, *linked}


def _name(context: Context, key: str) -> str:
    teams = context.house.directory().teams
    return teams[TeamKey(key)].name if key in teams else key
