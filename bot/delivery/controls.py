"""What can be pressed on the bot's own messages: written down with them, found again by a press.

A button brings back which delivery made it; a reaction, on which message it was shown. Both are
found for as long as the delivery is known, whatever became of its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import and_, bindparam, case, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from bot.delivery.naming import lane_of
from bot.errors import UserError
from bot.events import (
    Answer,
    Content,
    Control,
    DeliveryId,
    Edit,
    Offered,
    Outgoing,
    PersonId,
    Post,
    React,
    Reacted,
    RoomId,
    Unreact,
)
from bot.store.prepared import ask
from bot.store.tables import Offer, Outbox

_decode = msgspec.json.Decoder(Content).decode
_YES = "\N{WHITE HEAVY CHECK MARK}"
_SAME = {"\N{HEAVY CHECK MARK}": _YES, "\N{CHECK MARK}": _YES}
"""What people take for the emoji that is offered."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A control that somebody joined by a reaction. `room`: where its delivery was for, which of a
    private answer is where it was asked for.
    """

    delivery: DeliveryId
    call: str
    room: RoomId
    private: bool


def has_controls(content: Content) -> bool:
    """Whether something is to be written down of a delivery: its controls, or that an edit of the
    bot's own words leaves some out.
    """
    match content:
        case Post(controls=()) | Answer(controls=()):
            return False
        case Post() | Answer():
            return True
        case Edit(made=made):
            return made != ""
        case _:
            return False


def offered(session: Session, item: Outgoing) -> list[Outgoing]:
    """Write down a delivery's controls; the delivery, and behind it the bot's reactions that stand
    for them where there are no buttons (elsewhere the outbox passes over these).
    """
    content, key = item.content, item.id
    assert key is not None
    match content:
        case Post(controls=controls):
            known, gone, made, offer = set[str](), set[str](), key, Offered()
        case Answer(person, controls=controls, direct=direct):
            known, gone, made, offer = set(), set(), key, Offered(person, direct)
        case Edit(made=made, controls=controls):
            known, gone = _changed(session, made, controls, key)
            offer = Offered()
        case _:
            raise AssertionError(content)
    new = [each for each in _by_emoji(controls) if each.emoji not in known]
    if new:
        rows = [_row(each, made, key, offer.person) for each in new]
        session.connection().execute(insert(Offer), rows)
    lane = item.lane or (item.room if offer.person is None else lane_of(offer.person))
    shown: list[React | Unreact] = [Unreact(each, on=made, offered=offer) for each in sorted(gone)]
    shown += [React(each.emoji, on=made, offered=offer) for each in new]
    return [item, *(Outgoing(item.room, each, lane, expires=item.expires) for each in shown)]


def pressed(session: Session, event: Reacted) -> Pressed | None:
    """The control that a reaction joins, on a message that all see or on the person's own answer;
    None for every other reaction, and for one that was taken back.
    """
    if not event.added:
        return None
    where = {
        "message": event.message,
        "room": event.room,
        "person": event.author.person,
        "emoji": event.emoji,
        "same": _SAME.get(event.emoji, event.emoji),
    }
    row = ask(session, _PRESSED, where).first()
    if row is None:
        return None
    return Pressed(DeliveryId(row.delivery), row.call, RoomId(row.room), row.person is not None)


@dataclass(frozen=True, slots=True)
class Press:
    """Which control was pressed, and by whom."""

    delivery: DeliveryId
    call: str
    person: PersonId


def too_late(session: Session, press: Press | None, now: datetime) -> UserError | None:
    """What is said where a control was used already, or has had its time."""
    row = _find(session, press)
    if row is None:
        return None
    if row.used is not None:
        return UserError("That was done already.")
    if row.until is not None and row.until <= now:
        return UserError("It is too late for that: ask again.")
    return None


def is_private(session: Session, press: Press | None) -> bool:
    """Whether a control is of a private answer."""
    row = _find(session, press)
    return row is not None and row.person is not None


def use(session: Session, press: Press, now: datetime) -> list[Outgoing]:
    """Note that a control was used; what takes it away where it can be used once."""
    row = _find(session, press)
    if row is None or not row.once or row.used is not None:
        return []
    delivery, row.used = press.delivery, now
    session.flush()
    made = session.execute(select(Outbox).where(Outbox.id == row.delivery)).scalar_one_or_none()
    if made is None:
        return []
    held = None if made.content is None else _decode(made.content)
    if row.person is not None:
        person = PersonId(row.person)
        offer = Offered(person, isinstance(held, Answer) and held.direct)
        gone = Unreact(row.emoji, on=delivery, offered=offer)
        return [Outgoing(RoomId(made.room), gone, lane_of(person))]
    outgoing = [Outgoing(RoomId(made.room), Unreact(row.emoji, on=delivery, offered=Offered()))]
    words = _words(session, row.shown)
    if words is not None:
        left = tuple(each for each in words.controls if each.emoji != row.emoji)
        edit = Edit(words.body, made=delivery, manner=words.manner, controls=left)
        outgoing.append(Outgoing(RoomId(made.room), edit, matter=made.matter))
    return outgoing


def _words(session: Session, delivery: str) -> Post | Edit | None:
    """What a message of the bot's says now, None where that is not kept any more."""
    held = session.execute(select(Outbox.content).where(Outbox.id == delivery)).scalar()
    content = None if held is None else _decode(held)
    return content if isinstance(content, Post | Edit) else None


def _find(session: Session, press: Press | None) -> Offer | None:
    """The control, unless it is of somebody else's answer: that was never shown to the presser."""
    if press is None:
        return None
    found = select(Offer).where(
        Offer.delivery == press.delivery,
        Offer.call.in_((press.call, "")),  # "": it has had its time, and what it was is erased
        or_(Offer.person.is_(None), Offer.person == press.person),
    )
    return session.execute(found.limit(1)).scalar_one_or_none()


def _changed(
    session: Session, made: DeliveryId, controls: Sequence[Control], key: DeliveryId
) -> tuple[set[str], set[str]]:
    """Bring what is written down to what an edit says; the emoji that stay, those that go."""
    now = {each.emoji: each.call for each in controls}
    session.flush()
    connection = session.connection()
    rows = connection.execute(_OF_MADE, {"made": made}).all()
    stay = {row.emoji for row in rows if now.get(row.emoji) == row.call and row.used is None}
    if stay:
        connection.execute(_SHOW, {"made": made, "which": list(stay), "by": key})
    replaced = {row.emoji for row in rows} & now.keys() - stay
    lost = {row.emoji for row in rows if row.used is None} - stay
    if lost | replaced:
        connection.execute(_LOSE, {"made": made, "which": list(lost | replaced)})
    return stay, lost - now.keys()


_MINE = Offer.delivery == bindparam("made")
_THESE = Offer.emoji.in_(bindparam("which", expanding=True))
_OF_MADE = select(Offer.emoji, Offer.call, Offer.used).where(_MINE)
_SHOW = update(Offer).where(_MINE, _THESE).values(shown=bindparam("by"))
_LOSE = delete(Offer).where(_MINE, _THESE)


def _by_emoji(controls: Sequence[Control]) -> list[Control]:
    return list({each.emoji: each for each in reversed(controls)}.values())[::-1]


def _row(
    control: Control, made: DeliveryId, shown: DeliveryId, person: PersonId | None
) -> dict[str, object]:
    return {
        "delivery": made,
        "shown": shown,
        "emoji": control.emoji,
        "call": control.call,
        "person": person,
        "once": control.once,
        "until": control.until,
        "used": None,
    }


_PRESSED = (
    select(Offer.delivery, Offer.call, Outbox.room, Offer.person)
    .join(Outbox, Outbox.id == Offer.delivery)
    .where(
        Outbox.landed == bindparam("message"),
        or_(Offer.emoji == bindparam("emoji"), Offer.emoji == bindparam("same")),
        or_(
            Offer.person == bindparam("person"),
            and_(Offer.person.is_(None), Outbox.room == bindparam("room")),
        ),
    )
    .order_by(case((Outbox.room == bindparam("room"), 0), else_=1))
    .limit(1)
)
"""What stands in this very room goes before an answer of the person's elsewhere."""
