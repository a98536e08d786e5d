"""Statements straight through the session's own connection, where microseconds count.

They are part of the session's transaction like everything else. A statement is written with `?`
and the column types are the driver's: times are microseconds, markings numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from bot.store.failures import raised

Rows = list[tuple[Any, ...]]

MOST = 4096
"""Values in one list: SQLite takes 32,766 in a statement."""


class Asking:
    """The connection of one session, ready to be asked."""

    __slots__ = ("_cursor", "_dialect", "_spelled", "is_sqlite")

    def __init__(self, session: Session) -> None:
        connection = session.connection()
        self._dialect = connection.dialect
        self.is_sqlite = self._dialect.name == "sqlite"
        self._cursor = connection.connection.cursor()
        self._spelled: Callable[[str], str] = str if self.is_sqlite else _spelled

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Rows:
        """All rows that a statement gives."""
        self._run(self._cursor.execute, statement, values)
        return list(self._cursor.fetchall())

    def each(self, statement: str, values: Sequence[Any], *more: Any) -> Rows:
        """All rows for a list of values: `{}` stands for the list; `more` follow it."""
        if len(values) <= 1:
            return self.rows(_listed(statement, 1), (*values, *more)) if values else []
        found: Rows = []
        for start in range(0, len(values), MOST):
            some = values[start : start + MOST]
            size = 1 << (len(some) - 1).bit_length()  # few different statements, kept prepared
            padded = (*some, *(some[-1],) * (size - len(some)), *more)
            found += self.rows(_listed(statement, size), padded)
        return found

    def do(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Carry something out; how many rows it met."""
        self._run(self._cursor.execute, statement, values)
        return int(self._cursor.rowcount)

    def do_each(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Carry something out once for each row. Where there are many: sqlite3 takes numbers, texts
        and bytearrays as they are, and looks for what adapts them of all else, which takes as long
        for one None, truth value or bytes as the row itself.
        """
        if rows:
            self._run(self._cursor.executemany, statement, rows)

    def remove(self, statement: str, values: Sequence[Any]) -> None:
        """Carry something out for a list of values, as of `each`."""
        for start in range(0, len(values), MOST):
            some = values[start : start + MOST]
            self.do(_listed(statement, len(some)), some)

    def _run(self, how: Callable[[str, Any], object], statement: str, values: Any) -> None:
        try:
            how(self._spelled(statement), values)
        except self._dialect.loaded_dbapi.Error as error:
            raise raised(error, self._dialect) from error


def chunks(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """The items, so many at once."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


@lru_cache(maxsize=512)
def _listed(statement: str, size: int) -> str:
    return statement.replace("{}", ",".join("?" * size))


@lru_cache(maxsize=512)
def _spelled(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")
