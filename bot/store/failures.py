"""Errors of the databases' drivers, in words that say how they are mended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreBusy, StoreError, StoreFull


def raised(error: BaseException, dialect: Dialect) -> BaseException:
    """A driver's error as SQLAlchemy raises it, from where the driver is asked directly: whoever
    tries a unit of work again knows it by that.
    """
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(None, None, error, base, hide_parameters=True, dialect=dialect)


@contextmanager
def named_errors() -> Iterator[None]:
    """Driver errors that an administrator can mend, in words that say how."""
    try:
        yield
    except DBAPIError as error:
        named = _named(error.orig)
        if named is None:
            raise
        raise named from error
    except sqlite3.Error as error:  # bare from where a connection is prepared
        named = _named(error)
        if named is None:
            raise
        raise named from error


def _named(error: BaseException | None) -> StoreError | None:
    if isinstance(error, sqlite3.Error):
        return _named_sqlite(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return _named_postgresql(error)


def _named_sqlite(code: int) -> StoreError | None:
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy("the store is locked by another process: end it, or wait for it")
        case sqlite3.SQLITE_FULL:
            return StoreFull("the disk of the store is full: make room; nothing was acknowledged")
        case sqlite3.SQLITE_CANTOPEN:
            return StoreError("the store cannot be opened: does its folder exist, may we write?")
        case sqlite3.SQLITE_READONLY:
            return StoreError("the store may not be written: check the rights of file and folder")
        case sqlite3.SQLITE_IOERR:
            return StoreError("the disk of the store reports an input/output error")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return StoreError("the file of the store is damaged, or not a store: restore a copy")
        case _:
            return None


def _named_postgresql(error: BaseException | None) -> StoreError | None:
    """By the class of its SQLSTATE (PostgreSQL's manual, appendix A)."""
    state = getattr(error, "sqlstate", None)
    if state == "53100":
        return StoreFull("the disk of the PostgreSQL server is full; nothing was acknowledged")
    if state == "25006":
        return StoreError("the PostgreSQL server may only be read: is it a standby?")
    if state is not None and state[:2] == "53":
        return StoreError("the PostgreSQL server is short of memory, disk or connections")
    gone = type(error).__name__ in {"OperationalError", "InterfaceError"} and state is None
    if gone or (state is not None and state[:2] in {"08", "57"}):
        return StoreError("the PostgreSQL server cannot be reached: is it up, is store.url right?")
    return None
