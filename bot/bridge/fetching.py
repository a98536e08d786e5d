"""Messages that are fetched anew, since they may go further than they might when they were said.

What may go nowhere is not stored, so what is released or marked lower has to be read again where
it was said. The request is written with the decision; it is carried out beside
(`bot.tasks.refetch`), and what was read is given to the rooms that may have it and do not, in one
transaction with the request's end: once, however often it is tried.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Flag, auto
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import backfill, copies, deletions, edits, links, posts, quoting, reactions
from bot.bridge.dated import dated, dated_release
from bot.bridge.places import Scene
from bot.bridge.posts import Decided
from bot.bridge.requested import Fetch, fetch, number_of
from bot.custody import consent
from bot.custody.consent import Kind
from bot.events import (
    Answer,
    MessageDeleted,
    MessageId,
    MessagePosted,
    Outgoing,
    PersonId,
    RoomId,
)
from bot.richtext import Block, say
from bot.store.tables import Message, Request

LAST = timedelta(days=3)
"""How long a message is tried to be fetched."""
_MOMENT = 20
"""Digits of the moment that such a version begins with."""
_AT_ONCE = timedelta(minutes=1)
"""What comes within this needs no line that says when it was said."""


def ask_without_edit(session: Session, event: MessageDeleted, now: datetime) -> bool:
    """Where a message's newest edit was taken back, and not the message, have it read again as it
    stands without that; False where it is no such edit. Only networks whose edits are messages of
    their own tell of that: their versions end with these ids.
    """
    edit = f"{'_' * _MOMENT}{event.message}"
    found = select(Message.id, Message.author, Message.version).where(
        Message.room == event.room, Message.version.like(edit), Message.deleted.is_(None)
    )
    for row in session.execute(found):
        if row.version[_MOMENT:] == event.message:
            fetch(session, row.id, PersonId(row.author), Fetch(stands=True), now)
            return True
    return False


def waiting(session: Session) -> dict[int, tuple[RoomId, MessageId]]:
    """The requests, and where what they ask for was said."""
    found = {}
    for request in consent.waiting(session, Kind.FETCH):
        row = session.get(Message, number_of(request.object) or 0)
        if row is not None:
            found[request.id] = (RoomId(row.room), MessageId(row.message))
    return found


def home_of(session: Session, key: int) -> RoomId | None:
    """Where what a request asks for was said."""
    request = session.get(Request, key)
    row = None if request is None else _row(session, request)
    return None if row is None else RoomId(row.room)


def bring(
    session: Session,
    key: int,
    event: MessagePosted | None,
    scene: Scene | None,
    now: datetime,
    *,
    failed: bool = False,
) -> Decided:
    """End a request with what was read: `event` None: it is gone; `failed`: it cannot be read;
    `scene` None: its room is in no channel any more.
    """
    request = session.get(Request, key)
    if request is None or request.state != consent.OPEN:
        return Decided()
    consent.close(request, consent.OVER if failed else consent.DONE, now)
    row = _row(session, request)
    if row is None or row.deleted is not None or scene is None:
        return Decided()
    words = scene.words
    if failed:
        note = words("I could not read your message again: it was not passed on.")
        return Decided(_told(request, note))
    if event is None:
        gone = MessageDeleted(RoomId(row.room), MessageId(row.message), now)
        taken = deletions.follow(session, gone, scene, now) or []
        note = words("Your message is gone where it was said: it was not passed on.")
        return Decided([*taken, *_told(request, note)])
    news = _taken_over(session, row, event, scene)
    if news & News.WORDS:
        stands = _followed(session, row, event, scene, now)
    else:
        stands = Decided(edits.said_again(session, row, edits.as_edit(event), scene))
    if consent.wanted(request, Fetch).stands:
        return stands
    line = _line(request, row, scene, now, changed=bool(news & News.CHANGED))
    decided = _relayed(session, row, event, scene, line, now)
    decided.outgoing = [*stands.outgoing, *decided.outgoing]
    if news & News.HIGHER:
        note = words(
            "It was changed before I read it again, and is marked higher now: look at it, "
            "and release it again."
        )
        decided.outgoing += _told(request, note)
    return decided


def _row(session: Session, request: Request) -> Row[Any] | None:
    number = number_of(request.object)
    found = select(*Message.__table__.columns).where(Message.id == number)
    return session.connection().execute(found).first()


class News(Flag):
    """What is new of a message that was fetched anew."""

    CHANGED = auto()
    """It has other words than at first;"""
    WORDS = auto()
    """than those that we knew of;"""
    HIGHER = auto()
    """and those mark it higher than it was: then what was released were other words."""


def _taken_over(session: Session, row: Row[Any], event: MessagePosted, scene: Scene) -> News:
    own = posts.own_of(event, scene)
    newer = event.version and (row.version is None or event.version > row.version)
    if not newer and (row.digest is None or own.digest == row.digest):
        return News.CHANGED if row.version else News(0)
    columns = scene.custody.higher(row, own)
    marks = ("label", "spoken", "floor", "releasable")
    higher = any(columns[each] != getattr(row, each) for each in marks)
    if not higher:
        columns = {"digest": own.digest}
    links.change(session, row.id, **columns, version=event.version or row.version)
    return News.CHANGED | News.WORDS | (News.HIGHER if higher else News(0))


def _followed(
    session: Session, row: Row[Any], event: MessagePosted, scene: Scene, now: datetime
) -> Decided:
    """What new words change where it stands already: the edit that brings them counts as old."""
    return edits.follow(session, row, edits.as_edit(event), scene, now)


def _relayed(
    session: Session,
    row: Row[Any],
    event: MessagePosted,
    scene: Scene,
    line: Block | None,
    now: datetime,
) -> Decided:
    quoting.note(session, row.id, quoting.numbers(session, event.quotes, scene.custody.doors, now))
    effective = scene.custody.markings.effective_of(session, row.id)
    standing = copies.standing(session, row.id)
    lacking = [room for room in scene.channel.others(event.room) if room not in standing]
    judged = scene.custody.judge(effective, lacking)
    if not judged.may:
        return Decided(denied=judged.denied)
    links.change(session, row.id, withheld=False)
    linked = posts.Links(row.id, *posts.above_of(session, event, scene, now))
    said = posts.said_by(session, event, scene, linked, effective)
    if line is not None:
        said = backfill.below_its_head(said, line)
    shown = reactions.again(session, row.id, event.room, scene)
    outgoing = [
        *posts.copy(said, linked, scene, judged.may),
        *(each for each in shown if each.room in judged.may),
    ]
    return Decided(outgoing, judged.denied)


def _line(
    request: Request, row: Row[Any], scene: Scene, now: datetime, *, changed: bool
) -> Block | None:
    released = consent.wanted(request, Fetch).released
    if released is not None:
        return dated_release(row.said, released, scene.words, changed=changed)
    return dated(row.said.astimezone(UTC)) if now - row.said > _AT_ONCE else None


def _told(request: Request, note: str) -> list[Outgoing]:
    place, person = consent.wanted(request, Fetch).place, PersonId(request.by)
    if place is None:
        return []
    return [Outgoing(place.room, Answer(person, say(note), direct=place.direct))]
