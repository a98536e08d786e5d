"""Digests: what was released since the last one, what waits for an acknowledgement, what several
teams have seen, what is due. A channel's is posted in its rooms; a team's own in its home room, on
its working days.

Each room gets of it what it may hold, under the strictest marking of that; where there is nothing,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories import digesting
from bot.advisories.digesting import Told
from bot.briefing.house import House
from bot.custody.effective import Marked, stored_marked
from bot.decisions.coming import Coming, coming
from bot.decisions.tasks import owner_name
from bot.events import Outgoing, Post, RoomId
from bot.indicators.reading import defanged
from bot.indicators.sight import of_door
from bot.indicators.together import seen_together
from bot.richtext import Paragraph, RichText, Style, Text, say
from bot.richtext.splitting import split
from bot.schedules.advancing import recurring
from bot.schedules.kinds import Due, Handler
from bot.sharing.gate import Allowed
from bot.sharing.marking import strictest
from bot.sharing.teams import Team, TeamKey
from bot.store.tables import Occurrence, Schedule
from bot.times.recurring import upcoming
from bot.times.saying import local_and_utc
from bot.times.working import is_working
from bot.times.zones import find_zone
from bot.words import Words

KIND = "digest"
OWN = "home"
"""The object of a team's own; of a channel's it is the channel."""
_MOST = 20
_LOOKED_BACK = 60


@dataclass(frozen=True, slots=True)
class _Span:
    """Whose digest it is, since when, and until when something counts as due."""

    channels: Sequence[str]
    since: datetime
    until: datetime
    zone: str
    team: Team | None = None


def handler(house: House) -> Handler:
    """What the scheduler does when a digest is due."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        row = session.execute(select(Schedule).where(Schedule.handle == due.handle)).scalar_one()
        until = next(upcoming(recurring(row), max(due.instant, now)))
        if due.object == OWN and due.channel is None:
            team = house.directory().teams.get(TeamKey(due.team or ""))
            if team is None or team.home is None or not is_working(team, due.instant):
                return ()
            channels = [name for name in house.channels() if team.key in house.roster(name)]
            since = _since(session, row, due.instant, team)
            span = _Span(channels, since, until, due.zone, team)
            return list(_digest(session, house, team.home, span))
        if due.channel is None:
            return ()
        span = _Span([due.channel], _since(session, row, due.instant, None), until, due.zone)
        rooms = house.rooms_of(due.channel)
        return [each for room in rooms for each in _digest(session, house, room, span)]

    return occur


def _since(session: Session, row: Schedule, instant: datetime, team: Team | None) -> datetime:
    """When the last one was told, else when it was begun; of a team's own the last on a working
    day. One that was missed has told nothing.
    """
    before = (
        Occurrence.schedule == row.id, Occurrence.instant < instant, Occurrence.state == "posted",
    )  # fmt: skip
    found = select(Occurrence.instant).where(*before).order_by(Occurrence.instant.desc())
    told = session.execute(found.limit(_LOOKED_BACK)).scalars()
    return next((each for each in told if team is None or is_working(team, each)), row.since)


def _digest(session: Session, house: House, room: RoomId, span: _Span) -> Iterator[Outgoing]:
    words, can = house.words_in(room), house.capable(room)
    rows = digesting.out_in(session, house, span.channels, room)
    key = None if span.team is None else span.team.key
    new = digesting.released(session, house, rows, span.since, words)
    waits = digesting.awaited(session, house, rows, words, key)
    open_ = words("Not acknowledged by all:") if key is None else words("Not acknowledged by you:")
    parts: list[tuple[str, list[Told]]] = [
        (words("New:"), new),
        (open_, waits),
        (words("Seen by two teams or more:"), _seen(session, house, room, span)),
        (words("Due:"), _due(session, house, room, span, words)),
    ]
    marked = [each for _, told in parts for _, each in told]
    if not marked:
        return
    marking = strictest(*(each.marking for each in marked))
    said = Marked(marking, None, min(each.said for each in marked))
    counted = words("Digest: {new} new, {open} open", new=len(new), open=len(waits))
    lines = [str(marking)] if marking.releasable else []
    for title, told in parts:
        if told:
            lines += [title, *(line for line, _ in told)]
    top = Paragraph((Text(f"{marking.label} · {counted}", Style.BOLD),))
    body = RichText((top, *say("\n".join(lines)).blocks))
    for part in split(body, can.cost, can.longest_text) or (body,):
        yield Outgoing(room, Post(part), matter=stored_marked(said))


def _seen(session: Session, house: House, room: RoomId, span: _Span) -> list[Told]:
    """Values that two teams or more have seen, one of them since the last digest."""
    custody, teams = house.custody(), house.directory().teams
    sight = of_door(custody.markings, custody.doors.door(room))
    found = seen_together(session, sight, span.since, _MOST)
    return [
        (
            f"• {each.marking.label} · {defanged(each.value)}: "
            + ", ".join(teams[TeamKey(t)].name if TeamKey(t) in teams else t for t in each.teams),
            Marked(each.marking, None, span.since),
        )
        for each in found
    ]


def _due(session: Session, house: House, room: RoomId, span: _Span, words: Words) -> list[Told]:
    """What is decided or to be done before the next digest."""
    custody = house.custody()
    found = [
        each
        for each in coming(session, span.channels, span.until)
        if isinstance(custody.ask(custody.markings.effective(each.marked).matter, room), Allowed)
        and (span.team is None or each.owner in {"", span.team.key})
    ]
    return [(_due_line(house, each, span, words), each.marked) for each in found[:_MOST]]


def _due_line(house: House, each: Coming, span: _Span, words: Words) -> str:
    when = local_and_utc(words, each.due, find_zone(span.zone) or UTC)
    label = each.marked.marking.label
    if not each.owner:
        return words("• {label} · {name} is decided {when}", label=label, name=each.name, when=when)
    who = owner_name(house.directory(), each.owner)
    return words("• {label} · {name} · {who} · by {when}", label=label, name=each.name, who=who,
                 when=when)  # fmt: skip
