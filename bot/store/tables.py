"""Every table, typed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.store.columns import Instant, Sequence


def _only(condition: str) -> dict[str, Any]:
    """An index of the rows for which a condition holds, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Base(DeclarativeBase):
    """All tables, with names for their constraints so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, str: Text}  # noqa: RUF012  SQLAlchemy's own spelling


class InboxState(StrEnum):
    """What became of something that arrived."""

    DONE = "done"
    PENDING = "pending"
    """A command that is still to be run."""
    FAILED = "failed"
    """The handler could not deal with it; `reference` is in the log."""


class Inbox(Base):
    """What has arrived, each thing once: a row is the proof that it was seen."""

    __tablename__ = "inbox"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    room: Mapped[str]
    kind: Mapped[str]
    message: Mapped[str]
    """The network's own id of what it is about: message, call."""
    version: Mapped[str] = mapped_column(default="")
    """Tells states of one message apart (the time of an edit)."""
    state: Mapped[str]
    received: Mapped[datetime]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON of a pending command, erased when it has run."""
    reference: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("room", "kind", "message", "version"),
        Index("ix_inbox_pending", "seq", **_only("state = 'pending'")),
        Index("ix_inbox_received", "received"),
    )


class Knowledge(StrEnum):
    """How we know of a message."""

    SAID = "said"
    EDITED = "edited"
    """By an edit alone: what is relayed stands in for it until it comes, if it ever does."""
    NAMED = "named"
    """By what was done to it alone: an answer, a reaction, its deletion. Nothing is relayed."""


class Message(Base):
    """A message that people said in a room of a channel: what links, edits and threads hang on."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    room: Mapped[str]
    message: Mapped[str]
    channel: Mapped[str]
    author: Mapped[str]
    said: Mapped[datetime]
    received: Mapped[datetime]
    thread: Mapped[str | None]
    """The thread's root, by the origin room's own id."""
    known: Mapped[str] = mapped_column(default=Knowledge.SAID, server_default="said")
    version: Mapped[str | None]
    """The newest edit that was taken over, None for the first words."""
    deleted: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("room", "message"),
        Index("ix_message_received", "received"),
    )


class Reaction(Base):
    """What one person showed on a message with one emoji, and whether it stands still.

    A row stays when the reaction is taken back: what arrives late is known by it to be old.
    """

    __tablename__ = "reaction"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    message: Mapped[int] = mapped_column(ForeignKey("message.id"))
    """The message that counts, though it was shown on a copy."""
    room: Mapped[str]
    """Where it was shown."""
    person: Mapped[str]
    name: Mapped[str]
    emoji: Mapped[str]
    reaction: Mapped[str]
    """The id that it has of its own, "" where the network gives none."""
    present: Mapped[bool]
    said: Mapped[datetime]
    """When it came to be as it is."""

    __table_args__ = (
        UniqueConstraint("message", "room", "person", "emoji", "reaction"),
        Index("ix_reaction_own", "room", "reaction", sqlite_where=text("reaction <> ''"),
              postgresql_where=text("reaction <> ''")),
        Index("ix_reaction_said", "said"),
    )  # fmt: skip


class State(StrEnum):
    """A delivery's way: waiting → sending → delivered | unknown | dead."""

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    DEAD = "dead"


OPEN = (State.WAITING, State.SENDING, State.UNKNOWN)
"""The states in which a delivery is still in its lane."""


class Outbox(Base):
    """What leaves: a row a delivery, in each lane in the order of `seq`."""

    __tablename__ = "outbox"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    id: Mapped[str]
    lane: Mapped[str]
    """A room's id, or a person's: what must stay in order."""
    room: Mapped[str]
    source: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The message that it is a copy of, None for the bot's own words."""
    thread: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The message whose thread it belongs in; where that lies in this room is known when it is
    sent, since the root goes through the same lane before it."""
    kind: Mapped[str] = mapped_column(default="post", server_default="post")
    """The content's tag."""
    part: Mapped[int] = mapped_column(default=0, server_default="0")
    """Which of the messages that one was split into (see `bot.bridge.parts`)."""
    about: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The message that it changes, takes back, reacts to or answers; where that lies in this room
    is known when it is sent, as of `thread`."""
    emoji: Mapped[str | None]
    """Of a reaction, kept when the content is erased."""
    gone: Mapped[datetime | None]
    """When it was taken back in its room, by us or by somebody there."""
    state: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON of `bot.events.Content`; erased when it is no longer needed."""
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    created: Mapped[datetime]
    not_before: Mapped[datetime | None]
    expires: Mapped[datetime | None]
    tried: Mapped[datetime | None]
    """When it was first tried, and by which session."""
    via: Mapped[str | None]
    sent: Mapped[datetime | None]
    """When it was last tried."""
    finished: Mapped[datetime | None]
    landed: Mapped[str | None]
    """The id it has in its room."""
    told: Mapped[datetime | None]
    """When the admin rooms heard that its outcome stays unknown."""

    __table_args__ = (
        UniqueConstraint("id"),
        # Each only for the rows that it is asked for: what waits costs fewer pages to write.
        Index(
            "ix_outbox_lane", "lane", "seq", **_only("state IN ('waiting', 'sending', 'unknown')")
        ),
        Index("ix_outbox_dead", "seq", **_only("state = 'dead'")),
        Index("ix_outbox_source", "source", **_only("source IS NOT NULL")),
        Index("ix_outbox_about", "about", **_only("about IS NOT NULL")),
        Index("ix_outbox_thread", "thread", **_only("thread IS NOT NULL")),
        Index("ix_outbox_topic", "room", "seq", **_only("kind = 'topic'")),
        Index("ix_outbox_room_landed", "room", "landed", **_only("landed IS NOT NULL")),
        Index("ix_outbox_room_finished", "room", "finished", **_only("finished IS NOT NULL")),
        Index("ix_outbox_finished", "finished", **_only("finished IS NOT NULL")),
    )


class Mark(Base):
    """How far each source has been read."""

    __tablename__ = "mark"

    scope: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[str]


class Memory(Base):
    """What a network's adapter keeps between runs."""

    __tablename__ = "memory"

    account: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Lease(Base):
    """Who may do what only one may do: `fence` grows with each new holder."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
    fence: Mapped[int]
