"""The second step of what cannot be undone: what somebody was asked to confirm, for ten minutes.

What is confirmed is run as it was typed, with the question that was answered: a command that would
do something else by now asks again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.asked import Asked, Called
from bot.custody import consent
from bot.custody.consent import Kind
from bot.delivery.outbox import new_id
from bot.events import Outgoing, PersonId, React, Reacted
from bot.store.tables import Outbox, Request

CONFIRM = "confirm"
_YES = "\N{WHITE HEAVY CHECK MARK}"
YES = frozenset({_YES, "\N{HEAVY CHECK MARK}", "\N{CHECK MARK}"})
"""Reactions that say yes, without variation selectors;"""
NO = frozenset({"\N{CROSS MARK}"})
"""and no."""
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
            consent.close(row, consent.OVER, now)
    consent.ask(session, Kind.STEP, _of(person), person, None, step, now, key)
    return replace(answer, id=key)


def offer(answer: Outgoing) -> Outgoing:
    """The bot's own yes on its answer, to be joined."""
    assert answer.id is not None
    return Outgoing(answer.room, React(_YES, on=answer.id), answer.lane)


def take(session: Session, asked: Asked, now: datetime) -> Step | None:
    """What somebody confirms by this, which waits no more; None where it is no confirmation, or
    of nothing. In their direct room it is what they were asked last, wherever that was.
    """
    if asked.call.name != CONFIRM or asked.call.near:
        return None
    named = asked.call.text.strip()
    for row in reversed(consent.waiting(session, Kind.STEP, _of(asked.author.person))):
        step = consent.wanted(row, Step)
        if now - row.created > _LASTS:
            consent.close(row, consent.OVER, now)
        elif row.handle == named or (not named and (asked.direct or step.asked.room == asked.room)):
            consent.close(row, consent.DONE, now)
            return step
    return None


def joined(session: Session, event: Reacted) -> Called | None:
    """The command that a reaction stands for: an answer to what the bot asked, its author alone or
    a team in its own room.
    """
    if not event.added or event.emoji not in YES | NO:
        return None
    request = _asked_by_post(session, event)
    if request is not None:
        command = _COMMANDS.get((Kind(request.kind), event.emoji in YES))
        return None if command is None else Called(command, request.handle)
    if event.emoji in NO:
        return None
    for row in consent.waiting(session, Kind.STEP, _of(event.author.person)):
        landed = select(Outbox.landed).where(Outbox.id == row.handle)
        if session.execute(landed).scalar() == event.message:
            return Called(CONFIRM, row.handle)
    return None


def _asked_by_post(session: Session, event: Reacted) -> Request | None:
    ours = (Outbox.room == event.room, Outbox.landed == event.message)
    found = select(Outbox.id).where(*ours, Outbox.kind == "post", Outbox.source.is_(None))
    delivery = session.execute(found.limit(1)).scalar()
    return None if delivery is None else consent.by_post(session, delivery)


_COMMANDS = {
    (Kind.WISH, True): "release",
    (Kind.WISH, False): "refuse",
    (Kind.RECALL, True): "done",
}


def _of(person: PersonId) -> str:
    return f"person:{person}"
