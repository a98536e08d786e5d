"""What arrives and is relayed: the inbox, messages and their copies, reactions, quotations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Numbered
from bot.store.tables.base import Base, only


class InboxState(StrEnum):
    """What became of something that arrived."""

    DONE = "done"
    PENDING = "pending"
    """A command that is still to be run."""
    ASKING = "asking"
    """A command that was answered, but for what third parties are still to say."""
    FAILED = "failed"
    """The handler could not deal with it; `reference` is in the log."""


class Inbox(Base):
    """What has arrived, each thing once: a row is the proof that it was seen."""

    __tablename__ = "inbox"

    seq: Mapped[Numbered]
    room: Mapped[str]
    kind: Mapped[str]
    message: Mapped[str]
    """The network's own id of what it is about: message, call."""
    version: Mapped[str] = mapped_column(default="")
    """Tells states of one message apart (the time of an edit)."""
    state: Mapped[str]
    received: Mapped[datetime]
    content: Mapped[bytes | None]
    """JSON of a pending command, or of what third parties are asked; erased when that is done."""
    reference: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("room", "kind", "message", "version"),
        Index("ix_inbox_pending", "seq", **only("state = 'pending'")),
        Index("ix_inbox_asking", "seq", **only("state = 'asking'")),
        Index("ix_inbox_received", "received"),
    )


class Knowledge(StrEnum):
    """How we know of a message."""

    SAID = "said"
    EDITED = "edited"
    """By an edit alone: what is relayed stands in for it until it comes, if it ever does."""
    TOLD = "told"
    """By history, for a room that asked for what was said before: no other room has got it."""
    NAMED = "named"
    """By what was done to it alone: an answer, a reaction, its deletion. Nothing is relayed."""


class Message(Base):
    """A message that people said in a room of a channel: what links, edits and threads hang on."""

    __tablename__ = "message"

    id: Mapped[Numbered]
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
    originator: Mapped[str | None]
    """The team whose word it is, None where its author was of none."""
    label: Mapped[str | None]
    """The label that it bears itself, None for its channel's default of whenever it is asked."""
    spoken: Mapped[str | None]
    """The strictest label that its words merely speak of, or seem to misspell: it raises alone."""
    releasable: Mapped[str | None]
    """Those it is releasable to: JSON of `bot.sharing.marking.Releasable`, None without a list."""
    floor: Mapped[str | None]
    """A label that earlier words of it bore: an edit that takes a label out does not lower."""
    root: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The root of its thread, said here or copied, which marks it too;"""
    answers: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """and so does the message that it answers or quotes."""
    quoting: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """So do the messages that it shows, which `Quotation` names."""
    released: Mapped[str | None]
    """JSON of the marking that its originator has released it to, instead of its own."""
    digest: Mapped[bytes | None]
    """A keyed hash of what it said."""
    withheld: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """It went nowhere: nothing of what it said is kept."""
    recalled: Mapped[datetime | None]
    """When it was taken back everywhere else by its originator; it counts as `deleted` since."""

    __table_args__ = (
        UniqueConstraint("room", "message"),
        Index("ix_message_root", "root", **only("root IS NOT NULL")),
        Index("ix_message_answers", "answers", **only("answers IS NOT NULL")),
        Index("ix_message_received", "received"),
    )


class Quotation(Base):
    """A message shows another one: it forwards it, or has a link that shows it."""

    __tablename__ = "quotation"

    message: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True
    )
    quoted: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)

    __table_args__ = (Index("ix_quotation_quoted", "quoted"),)


class Reaction(Base):
    """What one person showed on a message with one emoji, and whether it stands still.

    A row stays when the reaction is taken back: what arrives late is known by it to be old.
    """

    __tablename__ = "reaction"

    id: Mapped[Numbered]
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


class Warned(Base):
    """A message with a ⚠, and a room that it is missing in (see `bot.delivery.overdue`). The row
    goes when the ⚠ does.
    """

    __tablename__ = "warning"

    message: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    room: Mapped[str] = mapped_column(primary_key=True)
