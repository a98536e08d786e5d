"""The outbox: deliveries in, in commit order, and what became of each. All of it synchronous.

A delivery's way: waiting → sending (committed before the call) → delivered | unknown | dead.
What a lane does next is asked of `bot.delivery.advancing`.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import (
    ColumnElement,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session

from bot.bridge.copies import TAKEN_BACK
from bot.bridge.delaying import DELAYED
from bot.custody import identifying, recovering
from bot.delivery import controls, files, forgetting
from bot.delivery.naming import lane_of
from bot.delivery.outcomes import Delivered, NotFound, Postponed, Refusal, Settled, Unclear
from bot.events import (
    Answer,
    Content,
    DeliveryId,
    MessageId,
    MessagePosted,
    Outgoing,
)
from bot.sharing.gate import Reason
from bot.store.prepared import ask, ask_each
from bot.store.tables import OPEN, Outbox, State

NO_COPY = "no copy there"
"""The reason of what was about a message that is not, or no longer, in the room."""
SAME = "same conversation"
"""The reason of what was for a room that is another configured one."""
DENIED = "denied: "
"""Before the gate's reason why something was not sent."""
DENIALS = tuple(DENIED + reason for reason in Reason)
QUIET = ("dropped", NO_COPY, TAKEN_BACK, SAME, files.NEEDLESS, *DENIALS)
"""Reasons of dead deliveries that nobody need do anything about. What was denied its author hears
in words.
"""
THROTTLED = "throttled"
"""The reason of what waits because its network asked for a pause."""

encode = msgspec.json.Encoder().encode
decoder = msgspec.json.Decoder(Content)


def new_id() -> DeliveryId:
    """A delivery's id: `d` and 26 characters of 130 random bits."""
    return DeliveryId("d" + b32encode(secrets.token_bytes(17)).decode().lower()[:26])


def put(session: Session, outgoing: Sequence[Outgoing], now: datetime) -> set[str]:
    """Write deliveries, in this order; the lanes to wake after the commit."""
    items = [each for item in outgoing for each in _with_controls(session, item)]
    ids = identifying.identified(session, items, new_id)
    rows = [
        {
            "id": key,
            "lane": item.lane or _lane(item),
            "room": item.room,
            "source": item.source,
            "thread": item.thread,
            "kind": item.content.__struct_config__.tag,
            "part": item.part,
            "about": item.about,
            "emoji": getattr(item.content, "emoji", None),
            "state": State.WAITING,
            "content": encode(item.content),
            "attempts": 0,
            "created": now,
            "expires": item.expires or (now + files.LAST if files.has_line(item.content) else None),
            "matter": item.matter,
            "not_before": item.delayed,
            "reason": None if item.delayed is None else DELAYED,
        }
        for item, (key, landed) in zip(items, ids, strict=True)
        if not landed or _recognise(session, key, item)
    ]
    if rows:
        ask_each(session, _PUT, rows)
    return {str(row["lane"]) for row in rows}


def _recognise(session: Session, key: DeliveryId, item: Outgoing) -> bool:
    """It has landed before the store was restored: known from now on for what it is. Always
    False: there is nothing to write.
    """
    known = {
        "source": item.source, "thread": item.thread, "part": item.part, "about": item.about,
        "kind": item.content.__struct_config__.tag, "content": encode(item.content),
        "matter": item.matter, "reason": None,
    }  # fmt: skip
    session.execute(update(Outbox).where(Outbox.id == key).values(known))
    return False


def met(session: Session, event: MessagePosted) -> bool:
    """Take a post of our own as landed that a restored store does not know; False where it does."""
    if ask(session, _WHERE_IT_IS, {"key": event.own}).first() is not None:
        return False
    identifying.note_found(session)
    session.execute(
        _PUT,
        {
            "id": event.own, "lane": event.room, "room": event.room, "kind": "post", "part": 0,
            "state": State.DELIVERED, "attempts": 1, "reason": identifying.FOUND,
            "created": event.said, "sent": event.said, "finished": event.said,
            "landed": event.message,
        },
    )  # fmt: skip
    return True


def _with_controls(session: Session, item: Outgoing) -> Sequence[Outgoing]:
    if not controls.has_controls(item.content):
        return (item,)
    return controls.offered(session, replace(item, id=item.id or new_id()))


def _lane(item: Outgoing) -> str:
    return lane_of(item.content.person) if isinstance(item.content, Answer) else item.room


def settle(session: Session, settled: Settled, now: datetime) -> set[str]:
    """Write down how a try ended; other lanes that have something to do by that. What was met in
    its room or dropped meanwhile is not tried again.
    """
    match settled:
        case Delivered(key, message):
            return _finish(session, key, State.DELIVERED, message, None, now)
        case Refusal(key, reason):
            return _finish(session, key, State.DEAD, None, reason, now)
        case Postponed(key, until, reason):
            values = {"state": State.WAITING, "not_before": until}
            ask(session, SET, {"key": key, **values, "reason": reason})
        case Unclear(key, reason, again):
            ask(session, SET, {"key": key, **UNKNOWN, "not_before": again, "reason": reason})
        case NotFound(key):
            # The next try counts as a first one for the session that makes it.
            values = {"state": State.WAITING, "not_before": None, "via": None}
            session.connection().execute(BY_ID.values(values), {"key": key})
    return set()


def _finish(
    session: Session,
    key: DeliveryId,
    state: State,
    message: MessageId | None,
    reason: str | None,
    now: datetime,
) -> set[str]:
    values = {"state": state, "finished": now, "landed": message, "reason": reason}
    kind = ask(session, _FINISH, {"key": key, **values}).scalar()
    if kind not in forgetting.KINDS:
        return set()
    arrived = state == State.DELIVERED
    mended = files.mend(session, key, now, landed=arrived) if kind == "share" else []
    forgetting.forget(session, key, landed=arrived)
    return put(session, mended, now)


def files_landed(session: Session, now: datetime) -> int:
    """After a restore: files that wait, and were met in their rooms under messages that name no
    delivery, have landed; how many.
    """
    met_there, count = recovering.files_met(session), 0
    waiting = select(Outbox.id, Outbox.room, Outbox.content).where(
        Outbox.kind == "share", Outbox.state == State.WAITING, Outbox.content.is_not(None)
    )
    for row in session.execute(waiting.order_by(Outbox.seq)).all():
        content = decoder.decode(row.content)
        messages = met_there.get((row.room, recovering.like(content.file)))
        if messages:
            settle(session, Delivered(row.id, messages.popleft()), now)
            count += 1
    return count


def landed(session: Session, key: DeliveryId, message: MessageId, now: datetime) -> set[str]:
    """We met our own message in its room: its outcome is known now, whatever was thought of it.

    The lanes to wake; none where nothing was open.
    """
    row = ask(session, _WHERE_IT_IS, {"key": key}).first()
    if row is None or row.state not in OPEN:
        return set()
    return {str(row.lane), *settle(session, Delivered(key, message), now)}


def lanes_in_use(session: Session) -> list[str]:
    """Every lane that has something open."""
    return list(session.execute(select(Outbox.lane).where(is_open()).distinct()).scalars())


def mark_told(session: Session, key: DeliveryId, now: datetime) -> None:
    """The admin rooms have heard that this stays unknown."""
    session.execute(update(Outbox).where(Outbox.id == key).values(told=now))


def is_open() -> ColumnElement[bool]:
    """Literally as in the partial index, or SQLite does not use it."""
    return Outbox.state.in_([literal_column(f"'{state}'") for state in OPEN])


UNKNOWN = {"state": State.UNKNOWN, "not_before": None}
_PUT = insert(Outbox)
_WHERE_IT_IS = select(Outbox.lane, Outbox.state).where(Outbox.id == bindparam("key"))
BY_ID = update(Outbox).where(Outbox.id == bindparam("key"), is_open())
SET = BY_ID.values(
    state=bindparam("state"), not_before=bindparam("not_before"), reason=bindparam("reason")
)
_FINISH = (
    update(Outbox)
    .where(Outbox.id == bindparam("key"), Outbox.state != State.DELIVERED)
    .values(
        state=bindparam("state"), finished=bindparam("finished"), landed=bindparam("landed"),
        reason=bindparam("reason"), not_before=None,
    )
    .returning(Outbox.kind)
)  # fmt: skip
