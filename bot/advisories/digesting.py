"""A channel's digest: what was released since the last one, and who has yet to acknowledge what.

Each room gets of it what it may hold, under the strictest marking of that; where there is nothing,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.advisories import keeping, showing, view
from bot.advisories.house import House
from bot.advisories.states import SAYABLE, State
from bot.custody.effective import Marked, stored_marked
from bot.events import Outgoing, Post, RoomId
from bot.richtext import Paragraph, RichText, Style, Text, say
from bot.richtext.splitting import split
from bot.schedules.kinds import Due, Handler
from bot.sharing.gate import Allowed
from bot.sharing.marking import strictest
from bot.store.advisory_tables import Advisory
from bot.store.tables import Occurrence, Schedule
from bot.words import Words

KIND = "digest"
_LINE = 50


def handler(house: House) -> Handler:
    """What the scheduler does when a digest is due."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        del now
        channel = due.channel
        if channel is None:
            return ()
        since = _since(session, due)
        rows = [
            row
            for row in keeping.everyone(session, State.RELEASED)
            if channel in keeping.channels_of(row) and row.released is not None
        ]
        outgoing: list[Outgoing] = []
        for room in house.rooms_of(channel):
            there = [row for row in rows if _may_hold(house, row, room)]
            outgoing += _digest(session, house, room, there, since)
        return outgoing

    return occur


def _since(session: Session, due: Due) -> datetime:
    """When the last one was, else when it was begun."""
    mine = select(Schedule).where(Schedule.handle == due.handle)
    row = session.execute(mine).scalar_one()
    before = (Occurrence.schedule == row.id, Occurrence.instant < due.instant)
    last = session.execute(select(func.max(Occurrence.instant)).where(*before)).scalar()
    return last or row.since


def _may_hold(house: House, row: Advisory, room: RoomId) -> bool:
    custody = house.custody()
    matter = custody.markings.effective(keeping.marked_as(row)).matter
    return isinstance(custody.ask(matter, room), Allowed)


def _digest(
    session: Session, house: House, room: RoomId, rows: Sequence[Advisory], since: datetime
) -> Iterator[Outgoing]:
    new = [row for row in rows if row.released is not None and row.released > since]
    waiting = [row for row in rows if _is_open(session, house, row)]
    told = list(dict.fromkeys((*new, *waiting)))
    if not told:
        return
    words, can = house.words_in(room), house.capable(room)
    marks = [keeping.marked_as(row) for row in told]
    marking = strictest(*(each.marking for each in marks))
    said = Marked(marking, None, min(each.said for each in marks))
    counted = words("Digest: {new} new, {open} open", new=len(new), open=len(waiting))
    top = f"{marking.label} · {counted}"
    lines: list[str] = [str(marking)] if marking.releasable else []
    for title, some in ((words("New:"), new), (words("Not acknowledged by all:"), waiting)):
        if some:
            lines += [title, *(_line(session, house, row, words) for row in some)]
    body = RichText((Paragraph((Text(top, Style.BOLD),)), *say("\n".join(lines)).blocks))
    for part in split(body, can.cost, can.longest_text) or (body,):
        yield Outgoing(room, Post(part), matter=stored_marked(said))


def _is_open(session: Session, house: House, row: Advisory) -> bool:
    stand = view.shown(session, house, row).stand
    return any(each.ack not in SAYABLE for each in stand.values())


def _line(session: Session, house: House, row: Advisory, words: Words) -> str:
    shown = view.shown(session, house, row)
    severity = showing.severity_words(shown.document.severity, words)
    title = showing.shortened(shown.document.title, _LINE)
    counts = showing.counts(shown, words)
    return f"• {shown.document.label} · {severity} · {shown.name} · {title}: {counts}"
