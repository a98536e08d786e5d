"""The tables of what was decided: the ledger, and what is under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Listed, Numbered
from bot.store.tables.base import Base, only


class Ledger(Base):
    """What was decided: an entry each change, a chain each series; never changed, never removed,
    but for a text and its salt that a law demands to be erased (see `bot.decisions.ledger`).
    """

    __tablename__ = "ledger"

    series: Mapped[str] = mapped_column(primary_key=True)
    entry: Mapped[int] = mapped_column(primary_key=True)
    """Its place in the chain, from 1."""
    ref: Mapped[str] = mapped_column(ForeignKey("reference.handle"))
    number: Mapped[str | None]
    """As the decision was called when it was written, None before it had a number."""
    kind: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[str]
    """Canonical JSON: what is recorded beside the text."""
    commitment: Mapped[bytes | None]
    salt: Mapped[bytes | None]
    text: Mapped[str | None]
    previous: Mapped[bytes]
    hash: Mapped[bytes]

    __table_args__ = (Index("ix_ledger_ref", "ref", "entry"),)


class Decision(Base):
    """Something that is being decided, or was. What it says stands in the ledger alone."""

    __tablename__ = "decision"

    ref: Mapped[str] = mapped_column(ForeignKey("reference.handle"), primary_key=True)
    channel: Mapped[str]
    method: Mapped[str]
    """`silence`, one of `bot.decisions.methods`, or `recorded`."""
    state: Mapped[str]
    waiting: Mapped[str | None]
    """What an expired period waits for: a code of `bot.decisions.silence.Awaited`."""
    matter: Mapped[str]
    """JSON of how it is marked (see `bot.custody.effective`)."""
    proposer: Mapped[str]
    team: Mapped[str | None]
    """Of that time."""
    chair: Mapped[str | None]
    roster: Mapped[str]
    """JSON of the teams that have a voice, each with its delegates: frozen when it was opened."""
    rules: Mapped[str]
    """JSON of `bot.decisions.proposals.Terms`."""
    opened: Mapped[datetime]
    expires: Mapped[datetime | None]
    closed: Mapped[datetime | None]
    excluded: Mapped[Listed]
    """JSON of the teams that it goes on without."""
    read: Mapped[datetime | None]
    """When every rostered room had been read up to the expiry."""
    look: Mapped[datetime | None]
    """When it is to be looked at again, None: when something happens to it."""
    told: Mapped[Listed]
    """JSON of the reminders that were sent."""
    given: Mapped[str | None]
    """How it was marked when it was opened, where it was released since; else None."""

    __table_args__ = (
        Index("ix_decision_look", "look", **only("state = 'open'")),
        Index("ix_decision_channel", "channel", "opened"),
    )


class Voice(Base):
    """What a delegate said for their team; never changed but for being confirmed or ruled on."""

    __tablename__ = "voice"

    id: Mapped[Numbered]
    ref: Mapped[str] = mapped_column(ForeignKey("decision.ref"))
    team: Mapped[str]
    person: Mapped[str]
    stance: Mapped[str]
    said: Mapped[datetime]
    received: Mapped[datetime]
    confirmed: Mapped[datetime | None]
    entered: Mapped[bool] = mapped_column(default=False)
    """By the chair, for a team that said it elsewhere;"""
    affirmed: Mapped[datetime | None]
    """until that team says so itself."""
    counted: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str | None]
    """Why it does not count, as a code."""
    ruling: Mapped[str | None]
    entry: Mapped[int]
    """Its entry in the series' ledger, with its words."""

    __table_args__ = (Index("ix_voice_ref", "ref", "id"),)


class Task(Base):
    """Something that somebody is to do by a time, as it was decided."""

    __tablename__ = "task"

    id: Mapped[Numbered]
    ref: Mapped[str] = mapped_column(ForeignKey("decision.ref"))
    team: Mapped[str | None]
    owner: Mapped[str]
    """A person, or a team's key."""
    entry: Mapped[int]
    """Of the ledger, with what is to be done."""
    due: Mapped[datetime | None]
    done: Mapped[datetime | None]
    done_by: Mapped[str | None]

    __table_args__ = (
        Index("ix_task_ref", "ref", "id"),
        Index("ix_task_open", "team", "due", **only("done IS NULL")),
    )
