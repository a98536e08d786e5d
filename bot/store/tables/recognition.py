"""The table of what was recognised in passing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base


class Recognised(Base):
    """A message in which a value stands that its channel's own audience knows."""

    __tablename__ = "recognised"

    message: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    values: Mapped[bytes | None]
    """Which, as one types them, line by line: only where the message has no copies, whose text is
    kept otherwise. Erased when texts are."""
