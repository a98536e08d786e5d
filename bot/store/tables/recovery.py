"""The tables of a store that was restored from a copy: what it has found out since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Listed, Numbered
from bot.store.tables.base import Base


class Recovery(Base):
    """A restore, and how far the recovery after it has come. The row stays when that is over."""

    __tablename__ = "recovery"

    id: Mapped[Numbered]
    copied: Mapped[datetime]
    """When the copy was made;"""
    restored: Mapped[datetime]
    """when it was put back;"""
    begun: Mapped[datetime | None]
    """when the first `run` after that began to read;"""
    read: Mapped[datetime | None]
    """when every room had been read since the copy;"""
    asked: Mapped[datetime | None]
    """when somebody said that it is to end, and who: a person, or `operator`;"""
    by: Mapped[str | None]
    ended: Mapped[datetime | None]
    commands: Mapped[int] = mapped_column(default=0, server_default="0")
    """Commands that were typed since the copy, and were not run."""
    dropped: Mapped[int] = mapped_column(default=0, server_default="0")
    """Private answers that waited in the copy, and are of no use any more."""


class Found(Base):
    """A post of the bot's own that the copy does not know: it was met in its room."""

    __tablename__ = "found"

    delivery: Mapped[str] = mapped_column(primary_key=True)
    room: Mapped[str]
    message: Mapped[str]
    said: Mapped[datetime]
    numbers: Mapped[Listed]
    """JSON of the numbers in its first line;"""
    head: Mapped[str | None]
    """and the hash in it, where it tells one: with how long the chain was, after a space."""
