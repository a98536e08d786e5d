"""What the promise rests on: who was where, what is frozen, held or asked for, what was done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Listed, Numbered, Sequence
from bot.store.tables.base import Base, only


class Roster(Base):
    """Who was in a room, and from when until when: for telling later who could read something."""

    __tablename__ = "roster"

    id: Mapped[Numbered]
    room: Mapped[str]
    person: Mapped[str]
    name: Mapped[str]
    standing: Mapped[str]
    team: Mapped[str | None]
    """Of that time."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_roster_room", "room", "person", unique=True, **only("until IS NULL")),
        Index("ix_roster_ended", "room", "until"),
    )


class Membership(Base):
    """A team in a group or on a channel's roster (see `bot.sharing.membership`)."""

    __tablename__ = "membership"

    id: Mapped[Numbered]
    kind: Mapped[str]
    name: Mapped[str]
    team: Mapped[str]
    since: Mapped[datetime | None]
    """None: from the circle's beginning."""
    until: Mapped[datetime | None]

    __table_args__ = (Index("ix_membership_name", "kind", "name"),)


class Freeze(Base):
    """A room, workspace, server, team or everything that is frozen: nothing in, nothing out."""

    __tablename__ = "freeze"

    id: Mapped[Numbered]
    kind: Mapped[str]
    """room, account, server, team, all; or `pause`: by the operators, of a channel or room."""
    name: Mapped[str]
    by: Mapped[str]
    """The person, or "" for the operators."""
    team: Mapped[str | None]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    thawed_by: Mapped[str | None]
    """JSON of the teams, with persons, that have asked to thaw it: two are needed."""
    held: Mapped[int] = mapped_column(default=0, server_default="0")
    """How much was said there meanwhile, and held back for good."""

    __table_args__ = (Index("ix_freeze_open", "kind", "name", **only("until IS NULL")),)


class Hold(Base):
    """A legal hold: text of a channel, or about one object, is not erased."""

    __tablename__ = "hold"

    id: Mapped[Numbered]
    kind: Mapped[str]
    name: Mapped[str]
    by: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Request(Base):
    """Something that waits for the consent of persons or teams: a release, a recall's answers."""

    __tablename__ = "request"

    id: Mapped[Numbered]
    handle: Mapped[str]
    """Ours, random: what people type."""
    kind: Mapped[str]
    object: Mapped[str]
    """What it is about: the kind of object, a colon, its id."""
    by: Mapped[str]
    team: Mapped[str | None]
    wanted: Mapped[str]
    """JSON of what is asked for."""
    answers: Mapped[Listed]
    """JSON of who said what, and when."""
    state: Mapped[str]
    created: Mapped[datetime]
    closed: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("handle"),
        Index("ix_request_object", "object"),
    )


class Reference(Base):
    """What people call something by: a handle from its beginning, a number when it has one."""

    __tablename__ = "reference"

    handle: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    series: Mapped[str]
    year: Mapped[int | None]
    number: Mapped[int | None]
    """Its place in the series, without gaps; each year begins at 1."""
    created: Mapped[datetime]
    numbered: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("series", "year", "number"),)


class Posting(Base):
    """A post of the bot's own that is kept up to date: of what it is, where, by which delivery."""

    __tablename__ = "posting"

    delivery: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("reference.handle"))
    kind: Mapped[str]
    """What of it this shows: its head, a part of its text, what came of it."""
    room: Mapped[str]
    part: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (Index("ix_posting_ref", "ref", "kind", "room"),)


class Audit(Base):
    """What was done: a row an act, chained within a second, never changed and never removed."""

    __tablename__ = "audit"

    seq: Mapped[Numbered]
    at: Mapped[datetime]
    who: Mapped[str]
    """A person, or `operator`, `bot`."""
    team: Mapped[str | None]
    action: Mapped[str]
    object: Mapped[str]
    """By id, and where it has a text by its keyed hash; never the text."""
    rule: Mapped[str]
    outcome: Mapped[str]
    originator: Mapped[str | None]
    """The team whose object it is: it may see what others did with it."""
    number: Mapped[int | None] = mapped_column(Sequence)
    """Its place in the chain, None until it is sealed."""
    previous: Mapped[bytes | None]
    hash: Mapped[bytes | None]

    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_audit_unsealed", "seq", **only("hash IS NULL")),
        Index("ix_audit_object", "object"),
        Index("ix_audit_team", "team", "at"),
        Index("ix_audit_originator", "originator", "at", **only("originator IS NOT NULL")),
    )
