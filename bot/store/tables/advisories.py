"""The tables of advisories: what was written, who sealed it, who says to have read it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Listed, Numbered
from bot.store.tables.base import Base


class Advisory(Base):
    """A joint advisory, from its draft to what took its place."""

    __tablename__ = "advisory"

    ref: Mapped[str] = mapped_column(ForeignKey("reference.handle"), primary_key=True)
    channels: Mapped[str]
    """JSON of the channels that it is for; the first is that of its series."""
    state: Mapped[str]
    author: Mapped[str]
    writers: Mapped[Listed]
    """JSON of all who wrote at it: none of them seals it."""
    team: Mapped[str | None]
    """Of that time."""
    document: Mapped[str]
    """JSON of `bot.advisories.document.Document`."""
    pending: Mapped[str | None]
    """JSON of an update that waits for its seals."""
    digest: Mapped[bytes]
    """What a seal approves: SHA-256 of the document, its channels and seals, what is pending."""
    sealing: Mapped[Listed]
    """JSON of the teams that have to seal it; empty: the author's own."""
    roster: Mapped[Listed]
    """JSON of the teams whose acknowledgement is awaited."""
    created: Mapped[datetime]
    at: Mapped[datetime | None]
    """When it is to be released,"""
    schedule: Mapped[str | None]
    """and the handle of what does that."""
    embargo: Mapped[datetime | None]
    """Before this it is not out but by `lift`, whatever is edited: several teams stood for it when
    it was scheduled.
    """
    lifts: Mapped[Listed]
    """JSON of the teams that consent to releasing it at once."""
    released: Mapped[datetime | None]
    closed: Mapped[datetime | None]
    asked: Mapped[datetime | None]
    """Since when acknowledgements count: what was said before answered older words."""
    supersedes: Mapped[str | None]
    superseded: Mapped[str | None]
    """The handle of what took its place."""
    reason: Mapped[str | None]
    taken_back: Mapped[datetime | None]
    """Since when its posts are deleted: from then on it is its authors' alone."""

    __table_args__ = (Index("ix_advisory_state", "state", "created"),)


class Writing(Base):
    """What somebody is writing and has not finished: they are asked field by field."""

    __tablename__ = "writing"

    person: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str | None]
    """The channel in which they began, None in a direct room."""
    step: Mapped[str]
    """The field that they are asked for; "" where a form asks."""
    written: Mapped[str]
    """JSON of what they wrote, by field."""
    touched: Mapped[datetime]


class Seal(Base):
    """A team's approval of exactly these words."""

    __tablename__ = "seal"

    id: Mapped[Numbered]
    ref: Mapped[str] = mapped_column(ForeignKey("advisory.ref"))
    team: Mapped[str | None]
    person: Mapped[str]
    digest: Mapped[bytes]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_seal_ref", "ref", "id"),)


class Acknowledgement(Base):
    """What somebody said of an advisory for their team; the last word of a team counts."""

    __tablename__ = "acknowledgement"

    id: Mapped[Numbered]
    ref: Mapped[str] = mapped_column(ForeignKey("advisory.ref"))
    team: Mapped[str]
    state: Mapped[str]
    person: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_acknowledgement_ref", "ref", "id"),)
