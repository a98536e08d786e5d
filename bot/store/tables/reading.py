"""How far things were read, what adapters keep, who may do what only one may."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


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


class Heard(Base):
    """Until when a room was read when somebody had to know that."""

    __tablename__ = "heard"

    room: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    at: Mapped[datetime]
    """When that was known."""


class Lease(Base):
    """Who may do what only one may do: `fence` grows with each new holder."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
    fence: Mapped[int]
