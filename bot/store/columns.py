"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from sqlalchemy import BigInteger, Dialect, Integer, TypeDecorator
from sqlalchemy.orm import mapped_column

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Sequence = BigInteger().with_variant(Integer, "sqlite")
"""A row's number: SQLite counts up by itself only for a column that it calls INTEGER."""
Numbered = Annotated[int, mapped_column(Sequence, primary_key=True, autoincrement=True)]
"""The number that a row is given, and is known by."""
Listed = Annotated[str, mapped_column(default="[]", server_default="[]")]
"""JSON of a list, empty at first."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, kept as whole microseconds since 1970: sortable and exact everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002  SQLAlchemy's signature
        """Microseconds from a datetime that knows its zone."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy's signature
        """A datetime in UTC from microseconds. Raises TypeError for what is no whole number, which
        SQLite would keep in such a column.
        """
        if not (value is None or isinstance(value, int)):
            raise TypeError("no whole number")
        return None if value is None else _EPOCH + timedelta(microseconds=value)
