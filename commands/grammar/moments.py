"""Reading a moment that somebody typed."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.errors import UserError


def read_moment(typed: str) -> datetime:
    """A time of RFC 3339, in UTC where it names no zone; a date alone is its first moment.

    Raises UserError.
    """
    try:
        found = datetime.fromisoformat(typed.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UserError("Write a time as 2026-11-24T09:00, in UTC unless you add a zone.") from None
