"""The second step of what cannot be undone: what somebody was asked to confirm, for ten minutes.

What is confirmed is run as it was typed, with the question that was answered: a command that would
do something else by now asks again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from msgspec import structs
from sqlalchemy.orm import Session

from bot.custody import consent
from bot.custody.consent import Kind
from bot.delivery.outbox import new_id
from bot.events import Answer, Content, Outgoing, PersonId
from bot.handler.asked import Asked
from bot.store.tables import Request
from commands.registry import CONFIRM

_LASTS = timedelta(minutes=10)


class Step(msgspec.Struct, frozen=True):
    """What was asked for, and what was asked about it."""

    asked: Asked
    question: str


def begin(
    session: Session, asked: Asked, question: str, answer: Outgoing, now: datetime
) -> Outgoing:
    """Remember what somebody is asked to confirm, instead of what they were asked before in the
    same room; the answer that asks, whose delivery it is known by.
    """
    person, step, key = asked.author.person, Step(asked, question), new_id()
    for row in consent.waiting(session, Kind.STEP, _of(person)):
        if consent.wanted(row, Step).asked.room == asked.room:
            _close(row, consent.OVER, now)
    consent.ask(session, Kind.STEP, _of(person), person, None, step, now, key)
    return replace(answer, id=key, content=_until(answer.content, now + _LASTS))


def _until(content: Content, then: datetime) -> Content:
    """The same, whose *Confirm* says from then on that it is too late."""
    if not isinstance(content, Answer):
        return content
    bounded = (
        structs.replace(each, until=then) if each.call == CONFIRM else each
        for each in content.controls
    )
    return structs.replace(content, controls=tuple(bounded))


def take(session: Session, asked: Asked, now: datetime) -> Step | None:
    """What somebody confirms by this, which waits no more; None where it is no confirmation, or
    of nothing. In their direct room it is what they were asked last, wherever that was.
    """
    if asked.call.name != CONFIRM or asked.call.near:
        return None
    named = asked.pressed or asked.call.text.strip()
    for row in reversed(consent.waiting(session, Kind.STEP, _of(asked.author.person))):
        step = consent.wanted(row, Step)
        if now - row.created > _LASTS:
            _close(row, consent.OVER, now)
        elif row.handle == named or (not named and (asked.direct or step.asked.room == asked.room)):
            _close(row, consent.DONE, now)
            return step
    return None


def _close(row: Request, state: str, now: datetime) -> None:
    """It is not waited for any more, and what was typed is not kept."""
    consent.close(row, state, now)
    row.wanted = "{}"


def _of(person: PersonId) -> str:
    return f"person:{person}"
