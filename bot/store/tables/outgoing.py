"""What leaves: deliveries, and what is offered with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Numbered
from bot.store.tables.base import Base, only


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

    seq: Mapped[Numbered]
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
    content: Mapped[bytes | None]
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
    matter: Mapped[str | None]
    """JSON of how it is marked, where it is a copy of no message (see `bot.custody`)."""
    told: Mapped[datetime | None]
    """When the admin rooms heard that its outcome stays unknown."""

    __table_args__ = (
        UniqueConstraint("id"),
        # Each only for the rows that it is asked for: what waits costs fewer pages to write.
        Index(
            "ix_outbox_lane", "lane", "seq", **only("state IN ('waiting', 'sending', 'unknown')")
        ),
        Index("ix_outbox_dead", "seq", **only("state = 'dead'")),
        Index("ix_outbox_source", "source", **only("source IS NOT NULL")),
        Index("ix_outbox_about", "about", **only("about IS NOT NULL")),
        Index("ix_outbox_thread", "thread", **only("thread IS NOT NULL")),
        Index("ix_outbox_topic", "room", "seq", **only("kind = 'topic'")),
        Index("ix_outbox_room_landed", "room", "landed", **only("landed IS NOT NULL")),
        Index("ix_outbox_room_finished", "room", "finished", **only("finished IS NOT NULL")),
        Index("ix_outbox_finished", "finished", **only("finished IS NOT NULL")),
    )


class Offer(Base):
    """A control of a delivery of ours, by the emoji that stands for it where there are no buttons.

    It outlives the delivery's text, and goes with the delivery.
    """

    __tablename__ = "control"

    delivery: Mapped[str] = mapped_column(primary_key=True)
    emoji: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str]
    """What pressing it is typing."""
    shown: Mapped[str]
    """The delivery whose words bear it: the first, or the newest edit."""
    person: Mapped[str | None]
    """Who alone sees it: of a private answer."""
    once: Mapped[bool]
    until: Mapped[datetime | None]
    used: Mapped[datetime | None]
    """When it was used, of what can be used once."""

    __table_args__ = (Index("ix_control_person", "person", **only("person IS NOT NULL")),)
