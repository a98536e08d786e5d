"""Taking copies back from where a message may not be any more, and telling its author."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, or_, update
from sqlalchemy.orm import Session

from bot.bridge import copies, denials, links, recording
from bot.bridge.copies import TAKEN_BACK
from bot.bridge.denials import Denial
from bot.bridge.links import COPIES
from bot.custody.effective import below
from bot.custody.gatekeeper import Gatekeeper, Judged
from bot.events import Delete, MessageId, Outgoing, PersonId, RoomId
from bot.sharing.gate import Denied
from bot.sharing.marking import Label
from bot.store import emptying
from bot.store.tables import OPEN, Message, Outbox, State
from bot.words import Words


def from_rooms(
    session: Session, number: int, rooms: Collection[RoomId], now: datetime
) -> list[Outgoing]:
    """Deletions of all that stands of a message in these rooms; what waits for them is not sent.
    What of it is kept is erased, as far as nobody needs it any more to know what became of it.
    """
    if not rooms:
        return []
    where = {"number": number, "rooms": list(rooms)}
    session.connection().execute(_CANCEL, {**where, "now": now})
    session.connection().execute(_ERASE, where)
    emptying.note(session)
    return _deletions(session, number, rooms)


def denied_late(
    session: Session,
    number: int,
    denied: Mapping[RoomId, Denied],
    custody: Gatekeeper,
    words: Words,
    now: datetime,
    *,
    by_bot: bool,
) -> list[Outgoing]:
    """What follows where a message turns out to be denied when it is sent."""
    session.connection().execute(_ERASE, {"number": number, "rooms": list(denied)})
    emptying.note(session)
    outgoing = _deletions(session, number, denied)
    has = tuple(room for room in copies.standing(session, number) if room not in denied)
    judged = Judged(custody.markings.effective_of(session, number), has, dict(denied))
    recording.denied(session, number, judged, now)
    taking = bool(outgoing)
    return (
        outgoing
        if by_bot
        else [*outgoing, *told(session, number, judged, denied, custody, words, taken=taking)]
    )


def again(
    session: Session, number: int, custody: Gatekeeper, words: Words, now: datetime
) -> list[Outgoing]:
    """Judge a message and everything that hangs on it anew, since it is marked higher: copies are
    taken back from where they may not stand any more, and each author is told once.
    """
    outgoing = _again(session, number, custody, words, now)
    return outgoing + what_hangs_on(session, number, custody, words, now)


def what_hangs_on(
    session: Session, number: int, custody: Gatekeeper, words: Words, now: datetime
) -> list[Outgoing]:
    """The same for what is in its thread, or answers it, and for what hangs on that."""
    outgoing: list[Outgoing] = []
    for each in below(session, number):
        outgoing += _again(session, each, custody, words, now)
    return outgoing


def _again(
    session: Session, number: int, custody: Gatekeeper, words: Words, now: datetime
) -> list[Outgoing]:
    standing = copies.standing(session, number)
    if not standing:
        return []
    judged = custody.judge(custody.markings.effective_of(session, number), standing)
    if not judged.denied:
        return []
    outgoing = from_rooms(session, number, judged.denied, now)
    recording.denied(session, number, judged, now)
    withhold(session, number, judged)
    return [*outgoing, *told(session, number, judged, judged.denied, custody, words, taken=True)]


def told(
    session: Session,
    number: int,
    judged: Judged,
    rooms: Mapping[RoomId, Denied],
    custody: Gatekeeper,
    words: Words,
    *,
    taken: bool,
    doubtful: Label | None = None,
) -> list[Outgoing]:
    """What the author of a stored message hears of these rooms, where there is an author."""
    row = links.row_of(session, number)
    if row is None or not row.author or row.deleted is not None:
        return []
    label = judged.effective.marking.label
    advice = denials.advice(
        words,
        floor=custody.markings.lowest(row),
        doubtful=doubtful,
        inherits=judged.effective.marking != custody.markings.marked(row).marking,
    )
    thread = None if row.thread is None else MessageId(row.thread)
    denial = Denial(
        row.id, RoomId(row.room), PersonId(row.author), label, rooms, judged.may, advice, thread,
        taken,
    )  # fmt: skip
    return [denials.tell(denial, custody.markings.directory, words)]


def withhold(session: Session, number: int, judged: Judged) -> None:
    """Note whether a message goes nowhere any more."""
    if judged.withheld:
        session.connection().execute(_WITHHOLD, {"which": number})


def _deletions(session: Session, number: int, rooms: Collection[RoomId]) -> list[Outgoing]:
    return [
        Outgoing(room, Delete(), part=part, about=number)
        for room, parts in copies.standing(session, number).items()
        for part, held in parts.items()
        if room in rooms and not held.gone
    ]


_WITHHOLD = update(Message).where(Message.id == bindparam("which")).values(withheld=True)
_THERE = (
    or_(
        (Outbox.source == bindparam("number")) & Outbox.kind.in_(COPIES),
        (Outbox.about == bindparam("number")) & (Outbox.kind == "edit"),
    ),
    Outbox.room.in_(bindparam("rooms", expanding=True)),
)
_CANCEL = (
    update(Outbox)
    .where(*_THERE, Outbox.state == State.WAITING)
    .values(
        state=State.DEAD, reason=TAKEN_BACK, content=None, not_before=None,
        finished=bindparam("now"),
    )
)  # fmt: skip
_ERASE = update(Outbox).where(*_THERE, Outbox.state.not_in(OPEN)).values(content=None)
