"""What is due at times, and what has become of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Numbered
from bot.store.tables.base import Base, only


class Schedule(Base):
    """What happens at a time, once or again and again. Its row stays when it has ended."""

    __tablename__ = "schedule"

    id: Mapped[Numbered]
    handle: Mapped[str]
    """Ours, random: what people type."""
    kind: Mapped[str]
    """Whose handler carries it out (see `bot.schedules.kinds`);"""
    object: Mapped[str]
    """and what that handler goes by: the kind of object, a colon, its id."""
    said: Mapped[str]
    """When, as somebody typed it; for what happens once the instant itself."""
    zone: Mapped[str]
    since: Mapped[datetime]
    """The moment at which `said` was read, from which it counts."""
    once: Mapped[bool]
    late: Mapped[str]
    """How an occurrence is treated that was missed: `bot.schedules.kinds.Late`."""
    next: Mapped[datetime | None]
    """The next occurrence, None where there is none any more;"""
    extra: Mapped[datetime | None]
    """one that somebody asked for, beside those;"""
    due: Mapped[datetime | None]
    """and when it has to be looked at for either of them, or tried again."""
    paused: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the occurrence that is due has failed, and what the log has last called it by."""
    reference: Mapped[str | None]
    by: Mapped[str]
    """The person, or "" for the operators."""
    place: Mapped[str | None]
    """Where they can be told something: JSON of `bot.schedules.kinds.Place`."""
    team: Mapped[str | None]
    channel: Mapped[str | None]
    marking: Mapped[str | None]
    """JSON of how marked it is, where that is not its channel's default."""
    created: Mapped[datetime]
    ended: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("handle"),
        Index("ix_schedule_due", "due", **only("due IS NOT NULL")),
        Index("ix_schedule_channel", "channel", **only("ended IS NULL")),
        Index("ix_schedule_object", "object"),
    )


class Occurrence(Base):
    """An occurrence that has been: a row is the proof, and makes a second one impossible."""

    __tablename__ = "occurrence"

    id: Mapped[Numbered]
    schedule: Mapped[int] = mapped_column(ForeignKey("schedule.id"))
    instant: Mapped[datetime]
    state: Mapped[str]
    """posted or skipped."""
    done: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("schedule", "instant"),
        Index("ix_occurrence_done", "done"),
    )
