"""Statements that are run for every message: compiled once, then straight to the driver.

What SQLAlchemy does for a statement at each run, looking it up, setting a result up, takes 35 µs,
of a dozen statements a message a tenth of all that a message costs. `ask` does the same for
statements that are made once and always given the same names: values and columns are converted by
their types, and it is part of the session's transaction like everything else.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from bot.store.failures import raised


class Rows:
    """What a statement gave: read at once, as rows with names."""

    __slots__ = ("_cursor", "_row")

    def __init__(self, cursor: Any, row: Callable[[Sequence[Any]], Any] | None) -> None:
        self._cursor, self._row = cursor, row

    @property
    def rowcount(self) -> int:
        """How many rows it met."""
        return int(self._cursor.rowcount)

    def first(self) -> Any:
        """The first row, None where there is none."""
        found = self._cursor.fetchone()
        self._cursor.close()
        return None if found is None or self._row is None else self._row(found)

    def scalar(self) -> Any:
        """The first column of the first row, None where there is none."""
        row = self.first()
        return None if row is None else row[0]

    def all(self) -> list[Any]:
        """All rows."""
        return list(self)

    def scalars(self) -> list[Any]:
        """The first column of all rows."""
        return [row[0] for row in self]

    def __iter__(self) -> Iterator[Any]:
        found = self._cursor.fetchall()
        self._cursor.close()
        return iter(()) if self._row is None else map(self._row, found)


def ask(session: Session, statement: Any, values: Mapping[str, Any]) -> Rows:
    """Run a statement that is made once, for these values. Where somebody listens to what
    SQLAlchemy runs, it runs this too.
    """
    connection = session.connection()
    if connection.dispatch.before_cursor_execute:
        return connection.execute(statement, values)  # type: ignore[return-value]  # as able
    made = _prepared(statement, connection.dialect, tuple(values))
    cursor = connection.connection.cursor()
    try:
        cursor.execute(made.text, made.values(values))
    except connection.dialect.loaded_dbapi.Error as error:
        raise raised(error, connection.dialect) from error
    return Rows(cursor, made.row)


def ask_each(session: Session, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement that is made once, for each of some rows that have the same names."""
    if rows:
        connection = session.connection()
        if connection.dispatch.before_cursor_execute:
            connection.execute(statement, rows)
            return
        made = _prepared(statement, connection.dialect, tuple(rows[0]))
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(made.text, [made.values(row) for row in rows])
        except connection.dialect.loaded_dbapi.Error as error:
            raise raised(error, connection.dialect) from error
        cursor.close()


class _Prepared:
    """A statement as the driver takes it."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, names: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        assert isinstance(compiled, SQLCompiler)
        defaults = {
            each.key: each.default
            for each in (*compiled.insert_prefetch, *compiled.update_prefetch)
        }
        made = {
            key: each.arg
            for key, each in defaults.items()
            if isinstance(each, ScalarElementColumnDefault)
        }
        if defaults.keys() - made.keys() - set(names):
            raise TypeError(f"no default is computed here: {sorted(defaults)}")
        required = {each.key: None for each in compiled.binds.values() if each.required}
        state = compiled.construct_expanded_state({**required, **made, **dict.fromkeys(names)})
        self.text = state.statement
        self._order = state.positiontup
        self._fixed = {name: value for name, value in state.parameters.items() if name not in names}
        self._converts = {
            name: convert
            for bind, name in compiled.bind_names.items()
            if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
            and (name in names or name in self._fixed)
        } | {name: convert for name, convert in state.processors.items() if name in self._fixed}
        self.row = _maker(getattr(statement, "exported_columns", ()), dialect)

    def values(self, given: Mapping[str, Any]) -> Any:
        """The values as the driver takes them: in their order, or by name."""
        converted = {**self._fixed, **given}
        for name, convert in self._converts.items():
            converted[name] = convert(converted[name])
        order = self._order
        return converted if order is None else [converted[name] for name in order]


@lru_cache(maxsize=256)
def _prepared(statement: ClauseElement, dialect: Dialect, names: tuple[str, ...]) -> _Prepared:
    return _Prepared(statement, dialect, names)


def _maker(columns: Iterable[Any], dialect: Dialect) -> Callable[[Sequence[Any]], Any] | None:
    """What makes a row of what the driver gives; None where the statement gives none."""
    found = list(columns)
    if not found:
        return None
    row = namedtuple("Row", [each.key for each in found])  # type: ignore[misc]  # noqa: PYI024
    converts = [
        (place, convert)
        for place, each in enumerate(found)
        if (convert := each.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    if not converts:
        return row._make

    def made(given: Sequence[Any]) -> Any:
        values = list(given)
        for place, convert in converts:
            values[place] = convert(values[place])
        return row._make(values)

    return made
