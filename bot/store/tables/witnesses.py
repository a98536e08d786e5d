"""The table of what bears witness to heads beside the rooms: signatures and time-stamps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class Witness(Base):
    """A head of a series that was signed, or is to be time-stamped."""

    __tablename__ = "witness"

    series: Mapped[str] = mapped_column(primary_key=True)
    entry: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[bytes]
    at: Mapped[datetime]
    key: Mapped[bytes | None]
    """The public key, and what was signed with its other half."""
    signature: Mapped[bytes | None]
    stamp: Mapped[bytes | None]
    """The authority's whole answer (RFC 3161), and the time that it says."""
    stamped: Mapped[datetime | None]
