"""The outbox: deliveries in, in commit order; each lane's next step out. All of it synchronous.

A delivery's way: waiting → sending (committed before the call) → delivered | unknown | dead.
`advance` is the only place where a delivery changes its state for the sender.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge.copies import TAKEN_BACK
from bot.bridge.delaying import DELAYED
from bot.bridge.links import COPIES
from bot.custody import identifying, recovering
from bot.custody.effective import MARKING
from bot.delivery import controls, files, forgetting
from bot.delivery.aiming import aimed, take_away
from bot.delivery.naming import lane_of
from bot.events import (
    IDEMPOTENT,
    Answer,
    Content,
    Delivery,
    DeliveryId,
    MessageId,
    MessagePosted,
    Outgoing,
    React,
    RoomId,
    Unreact,
)
from bot.sharing.gate import ALLOWED, Denied, NotYet, Reason, Verdict
from bot.store.tables import OPEN, Message, Outbox, State

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
_STOPPED = timedelta(seconds=30)
"""Until what is frozen or paused is looked at again; its lane is woken when that is over."""
_SIGN_IN = timedelta(seconds=0.25)
"""Until a network's session is looked at again: before it has signed in nobody knows what would
be harmless, and nothing can be sent."""
_ROSTER = timedelta(seconds=1)
"""Until it is asked again who can read a room."""
_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Content)


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
            "content": _encode(item.content),
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
        session.connection().execute(_PUT, rows)
    return {str(row["lane"]) for row in rows}


def _recognise(session: Session, key: DeliveryId, item: Outgoing) -> bool:
    """It has landed before the store was restored: known from now on for what it is. Always
    False: there is nothing to write.
    """
    known = {
        "source": item.source, "thread": item.thread, "part": item.part, "about": item.about,
        "kind": item.content.__struct_config__.tag, "content": _encode(item.content),
        "matter": item.matter, "reason": None,
    }  # fmt: skip
    session.execute(update(Outbox).where(Outbox.id == key).values(known))
    return False


def met(session: Session, event: MessagePosted) -> bool:
    """Take a post of our own as landed that a restored store does not know; False where it does."""
    if session.connection().execute(_WHERE_IT_IS, {"key": event.own}).first() is not None:
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


# ── how a try ended ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Delivered:
    """It landed, with this id where the network gives one."""

    id: DeliveryId
    message: MessageId | None


@dataclass(frozen=True, slots=True)
class Postponed:
    """For certain not sent: again at `until`."""

    id: DeliveryId
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody can say; it holds its lane until it is known."""

    id: DeliveryId
    reason: str
    again: datetime
    """When the next look-up, or a repetition that does no harm, makes sense."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """Two complete look-ups found nothing: send it again."""

    id: DeliveryId


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refused for good."""

    id: DeliveryId
    reason: str


Settled = Delivered | Postponed | Unclear | NotFound | Refusal

# ── what a lane does next ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Send:
    """Send this now: it is committed as sending."""

    delivery: Delivery
    attempts: int
    expired: tuple[DeliveryId, ...] = ()


@dataclass(frozen=True, slots=True)
class LookUp:
    """Find out what became of this; not before `not_before`."""

    delivery: Delivery
    attempts: int
    not_before: datetime
    told: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Empty:
    """The lane has nothing left."""


Step = Send | LookUp | Wait | Empty


def no_double(_room: RoomId) -> bool:
    """Every room is a conversation of its own."""
    return False


class Gate(Protocol):
    """What is asked right before something is sent (see `bot.delivery.admission`)."""

    def admit(self, session: Session, row: Row[Any]) -> Verdict:
        """Whether a delivery may go now; `row` as of `advance`."""

    def refuse(
        self, session: Session, row: Row[Any], content: Content, denied: Denied, now: datetime
    ) -> set[str]:
        """End a delivery that may not, with what follows from that; the lanes to wake."""


class NoGate:
    """Lets everything pass: for what has nothing to keep."""

    def admit(self, session: Session, row: Row[Any]) -> Verdict:
        """It may."""
        del session, row
        return ALLOWED

    def refuse(
        self, session: Session, row: Row[Any], content: Content, denied: Denied, now: datetime
    ) -> set[str]:
        """Never asked."""
        raise NotImplementedError


_NO_GATE = NoGate()


class Stops(Protocol):
    """Says whether what was written for a room then, perhaps for one person alone, has to wait:
    see `bot.custody.frozen`.
    """

    def __call__(self, room: RoomId, written: datetime, /, *, private: bool) -> bool:
        """Whether it has to wait."""


def never(_room: RoomId, _written: datetime, /, *, private: bool) -> bool:
    """Nothing is frozen and nothing paused."""
    del private
    return False


class Dress(Protocol):
    """Gives what is handed to the network of a delivery's content (see `bot.delivery.numbered`)."""

    def __call__(self, session: Session, row: Row[Any], content: Content, /) -> Content:
        """What is handed over; nothing of it is kept."""


def as_it_is(_session: Session, _row: Row[Any], content: Content, /) -> Content:
    """The content itself."""
    return content


@dataclass(frozen=True, slots=True)
class Rules:
    """What `advance` needs to know of the lane's network, and the gate."""

    session: str
    """The session that would send now (see `Platform.session`)."""
    idempotent_for: timedelta
    request_timeout: timedelta
    resend_privates: bool
    gate: Gate = _NO_GATE
    stops: Stops = never
    doubles: Callable[[RoomId], bool] = no_double
    """Whether a room is another configured one (see `bot.delivery.doubles`): it gets no copies."""
    buttons: bool = False
    """The bot's own reactions do not stand for controls there: they are buttons, or words alone."""
    dress: Dress = as_it_is


def advance(
    session: Session,
    lane: str,
    settled: Settled | None,
    rules: Rules,
    now: datetime,
    *,
    hurry: bool = False,
    woken: set[str] | None = None,
) -> Step:
    """Write down how the last try ended and say what the lane does next.

    `hurry`: the network is back, so what only waited for it goes now (a pause that the network
    asked for still holds). To `woken` are added the lanes that have something to do now.
    """
    woken = set() if woken is None else woken
    if settled is not None:
        woken |= settle(session, settled, now)
    while (row := session.connection().execute(_HEAD, {"lane": lane}).first()) is not None:
        if rules.idempotent_for and not rules.session:
            return Wait(now + _SIGN_IN)
        if _is_over(row, now):
            woken |= settle(session, Refusal(row.id, "expired"), now)
            continue
        if rules.stops(row.room, row.created, private=row.kind == _PRIVATE):
            return Wait(now + _STOPPED)
        if row.kind in COPIES and row.state == State.WAITING and rules.doubles(row.room):
            woken |= settle(session, Refusal(row.id, SAME), now)
            continue
        if row.reason == DELAYED and row.not_before is not None and row.not_before > now:
            return Wait(row.not_before)
        held = _decoder.decode(row.content)
        aside = files.hand_over(session, row, held) if row.lane == row.room else None
        if aside is not None:
            woken.add(aside)
            continue
        if rules.buttons and isinstance(held, React | Unreact) and held.offered is not None:
            woken |= settle(session, Refusal(row.id, files.NEEDLESS), now)
            continue
        content = aimed(session, row, held)
        if content is None:
            if row.kind == "delete":
                take_away(session, row, now)  # what never landed is not kept either
            woken |= settle(session, Refusal(row.id, NO_COPY), now)
            continue
        over = _is_taken_back(row)
        if over and (row.state == State.WAITING or row.kind in _IDEMPOTENT):
            woken |= settle(session, Refusal(row.id, TAKEN_BACK), now)
            continue
        if row.state == State.WAITING:
            hold = not hurry or row.reason == THROTTLED
            if hold and row.not_before is not None and row.not_before > now:
                return Wait(row.not_before)
            verdict = rules.gate.admit(session, row)
            if isinstance(verdict, NotYet):
                return Wait(now + _ROSTER)
            if isinstance(verdict, Denied):
                woken |= rules.gate.refuse(session, row, content, verdict, now)
                continue
            return _send(session, row, content, rules, now)
        if not over and _harmless(row, rules, now):
            if not hurry and row.not_before is not None and row.not_before > now:
                return Wait(row.not_before)
            verdict = rules.gate.admit(session, row)
            if isinstance(verdict, NotYet):
                return Wait(now + _ROSTER)
            if not isinstance(verdict, Denied):
                return _send(session, row, content, rules, now)
            if row.kind in _IDEMPOTENT:
                woken |= rules.gate.refuse(session, row, content, verdict, now)
                continue
        if row.state == State.SENDING:
            session.connection().execute(_SET, {"key": row.id, **_UNKNOWN, "reason": "interrupted"})
        sent = row.sent or now
        not_before = max(row.not_before or sent, sent + rules.request_timeout)
        return LookUp(_delivery(row, content), row.attempts, not_before, row.told is not None, sent)
    return Empty()


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
            session.connection().execute(_SET, {"key": key, **values, "reason": reason})
        case Unclear(key, reason, again):
            session.connection().execute(
                _SET, {"key": key, **_UNKNOWN, "not_before": again, "reason": reason}
            )
        case NotFound(key):
            # The next try counts as a first one for the session that makes it.
            values = {"state": State.WAITING, "not_before": None, "via": None}
            session.connection().execute(_BY_ID.values(values), {"key": key})
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
    kind = session.connection().execute(_FINISH, {"key": key, **values}).scalar()
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
        content = _decoder.decode(row.content)
        messages = met_there.get((row.room, recovering.like(content.file)))
        if messages:
            settle(session, Delivered(row.id, messages.popleft()), now)
            count += 1
    return count


def landed(session: Session, key: DeliveryId, message: MessageId, now: datetime) -> set[str]:
    """We met our own message in its room: its outcome is known now, whatever was thought of it.

    The lanes to wake; none where nothing was open.
    """
    row = session.connection().execute(_WHERE_IT_IS, {"key": key}).first()
    if row is None or row.state not in OPEN:
        return set()
    return {str(row.lane), *settle(session, Delivered(key, message), now)}


def lanes_in_use(session: Session) -> list[str]:
    """Every lane that has something open."""
    return list(session.execute(select(Outbox.lane).where(is_open()).distinct()).scalars())


def mark_told(session: Session, key: DeliveryId, now: datetime) -> None:
    """The admin rooms have heard that this stays unknown."""
    session.execute(update(Outbox).where(Outbox.id == key).values(told=now))


def _send(session: Session, row: Row[Any], content: Content, rules: Rules, now: datetime) -> Send:
    session.connection().execute(
        _SENDING,
        {
            "key": row.id,
            "state": State.SENDING,
            "attempts": row.attempts + 1,
            "sent": now,
            "tried": row.tried or now,
            "via": rules.session if row.via is None or not row.tried else row.via,
        },
    )
    if row.thread is not None or row.about is not None:
        encoded = _encode(content)  # so that a second try is the same request
        if encoded != row.content:
            session.connection().execute(_AIM, {"key": row.id, "content": encoded})
            if row.kind == "delete":
                take_away(session, row, now)
    return Send(_delivery(row, rules.dress(session, row, content)), row.attempts + 1)


def _is_over(row: Row[Any], now: datetime) -> bool:
    """Whether it is too late for it: of what all see, only before it was first tried."""
    if row.expires is None or row.expires > now:
        return False
    return bool(row.state == State.WAITING or row.kind == _PRIVATE)


def _is_taken_back(row: Row[Any]) -> bool:
    """Whether its message was deleted since: what became of a request is looked for still, that it
    can be taken back, and the words are not sent again.
    """
    of_a_message = row.source is not None if row.kind in COPIES else row.kind == "edit"
    return of_a_message and row.deleted is not None


def _harmless(row: Row[Any], rules: Rules, now: datetime) -> bool:
    """Whether sending it again cannot double it, or doubles what harms nobody."""
    if row.kind in _IDEMPOTENT:
        return True
    if row.content is not None and row.kind == _PRIVATE and rules.resend_privates:
        return True
    same = rules.session != "" and row.via == rules.session
    return bool(same and row.tried is not None and now - row.tried < rules.idempotent_for)


def _delivery(row: Row[Any], content: Content) -> Delivery:
    return Delivery(row.id, row.room, content, row.via, row.tried)


def is_open() -> ColumnElement[bool]:
    """Literally as in the partial index, or SQLite does not use it."""
    return Outbox.state.in_([literal_column(f"'{state}'") for state in OPEN])


def _head() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Outbox.id, Outbox.lane, Outbox.room, Outbox.state, Outbox.content, Outbox.attempts,
        Outbox.reason, Outbox.not_before, Outbox.expires, Outbox.tried, Outbox.via, Outbox.sent,
        Outbox.told, Outbox.thread, Outbox.about, Outbox.part, Outbox.kind, Outbox.emoji,
        Outbox.seq, Outbox.created, Outbox.source, Outbox.matter,
        Message.id.label("number"), Message.deleted, *MARKING,
    )  # fmt: skip
    where = (Outbox.lane == bindparam("lane"), is_open())
    said = select(*columns).outerjoin(
        Message, Message.id == func.coalesce(Outbox.source, Outbox.about)
    )
    return said.where(*where).order_by(Outbox.seq).limit(1)


_UNKNOWN = {"state": State.UNKNOWN, "not_before": None}
_HEAD = _head()
_PUT = insert(Outbox)
_AIM = update(Outbox).where(Outbox.id == bindparam("key")).values(content=bindparam("content"))
_PRIVATE = Answer.__struct_config__.tag
_IDEMPOTENT = frozenset(each.__struct_config__.tag for each in IDEMPOTENT)
_WHERE_IT_IS = select(Outbox.lane, Outbox.state).where(Outbox.id == bindparam("key"))
_BY_ID = update(Outbox).where(Outbox.id == bindparam("key"), is_open())
_SET = _BY_ID.values(
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
_SENDING = _BY_ID.values(
    state=bindparam("state"), attempts=bindparam("attempts"), sent=bindparam("sent"),
    tried=bindparam("tried"), via=bindparam("via"),
)  # fmt: skip
