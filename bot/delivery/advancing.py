"""What a lane does next: its first open delivery, what holds it up, what ends it, or the request.

`advance` alone takes one in hand; how its try ended `bot.delivery.outbox` writes down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Select,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge.copies import TAKEN_BACK
from bot.bridge.delaying import DELAYED
from bot.bridge.links import COPIES
from bot.custody.effective import MARKING
from bot.delivery import files, outbox
from bot.delivery.aiming import aimed, take_away
from bot.delivery.outbox import NO_COPY, SAME, THROTTLED, is_open
from bot.delivery.outcomes import Refusal, Settled
from bot.delivery.rules import Rules
from bot.events import (
    IDEMPOTENT,
    Answer,
    Content,
    Delivery,
    DeliveryId,
    React,
    Unreact,
)
from bot.sharing.gate import Denied, NotYet
from bot.store.prepared import ask
from bot.store.tables import Message, Outbox, State

_STOPPED = timedelta(seconds=30)
"""Until what is frozen or paused is looked at again; its lane is woken when that is over."""
_SIGN_IN = timedelta(seconds=0.25)
"""Until a network's session is looked at again: before it has signed in nobody knows what would
be harmless, and nothing can be sent."""
_ROSTER = timedelta(seconds=1)
"""Until it is asked again who can read a room."""


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
        woken |= outbox.settle(session, settled, now)
    while (row := ask(session, _HEAD, {"lane": lane}).first()) is not None:
        if rules.idempotent_for and not rules.session:
            return Wait(now + _SIGN_IN)
        if _is_over(row, now):
            woken |= outbox.settle(session, Refusal(row.id, "expired"), now)
            continue
        if rules.stops(row.room, row.created, private=row.kind == _PRIVATE):
            return Wait(now + _STOPPED)
        if row.kind in COPIES and row.state == State.WAITING and rules.doubles(row.room):
            woken |= outbox.settle(session, Refusal(row.id, SAME), now)
            continue
        if row.reason == DELAYED and row.not_before is not None and row.not_before > now:
            return Wait(row.not_before)
        held = outbox.decoder.decode(row.content)
        aside = files.hand_over(session, row, held) if row.lane == row.room else None
        if aside is not None:
            woken.add(aside)
            continue
        if rules.buttons and isinstance(held, React | Unreact) and held.offered is not None:
            woken |= outbox.settle(session, Refusal(row.id, files.NEEDLESS), now)
            continue
        content = aimed(session, row, held)
        if content is None:
            if row.kind == "delete":
                take_away(session, row, now)  # what never landed is not kept either
            woken |= outbox.settle(session, Refusal(row.id, NO_COPY), now)
            continue
        over = _is_taken_back(row)
        if over and (row.state == State.WAITING or row.kind in _IDEMPOTENT):
            woken |= outbox.settle(session, Refusal(row.id, TAKEN_BACK), now)
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
            session.connection().execute(
                outbox.SET, {"key": row.id, **outbox.UNKNOWN, "reason": "interrupted"}
            )
        sent = row.sent or now
        not_before = max(row.not_before or sent, sent + rules.request_timeout)
        return LookUp(_delivery(row, content), row.attempts, not_before, row.told is not None, sent)
    return Empty()


def _send(session: Session, row: Row[Any], content: Content, rules: Rules, now: datetime) -> Send:
    ask(
        session,
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
        encoded = outbox.encode(content)  # so that a second try is the same request
        if encoded != row.content:
            ask(session, _AIM, {"key": row.id, "content": encoded})
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


_HEAD = _head()
_AIM = update(Outbox).where(Outbox.id == bindparam("key")).values(content=bindparam("content"))
_PRIVATE = Answer.__struct_config__.tag
_IDEMPOTENT = frozenset(each.__struct_config__.tag for each in IDEMPOTENT)
_SENDING = outbox.BY_ID.values(
    state=bindparam("state"), attempts=bindparam("attempts"), sent=bindparam("sent"),
    tried=bindparam("tried"), via=bindparam("via"),
)  # fmt: skip
