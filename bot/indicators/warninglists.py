"""MISP's warning lists, from the package that brings them into the store: once a version.

Two and a half million entries: they are read as a stream, kept as keys, and written in the order
of the keys with pauses, so that nothing else waits. Until a list is in, lookups go on without it,
or with the version of it that was there; the small ones, which are nearly all and take two
seconds, come first. What a new version no longer names is dropped, lists as well as entries.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum
from importlib import metadata
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from bot.indicators import warning_files
from bot.indicators.raw import Asking
from bot.indicators.warning_files import Brought, keys_of, lists
from bot.store.database import Database
from bot.store.runners import Work

WRITTEN = 2000
PAUSE = 0.003
"""As of `bot.indicators.importing`."""
_BESIDE = 250
"""Entries of one transaction within a running bot: it is in no hurry,"""
_REST = 3
"""and rests so many times as long as each took."""


class Stage(StrEnum):
    """How many of the installed lists are in the store."""

    NONE = ""
    SMALL = "small"
    """All but the few with hundreds of thousands of entries."""
    WHOLE = "whole"


def version() -> str | None:
    """The version of the lists that are installed; None where none are."""
    try:
        return metadata.version(warning_files.PACKAGE)
    except metadata.PackageNotFoundError:
        return None


def stage(session: Session) -> Stage:
    """How far the store is; where no lists are installed there is nothing to do."""
    own = version()
    if own is None:
        return Stage.WHOLE
    rows = Asking(session).rows("SELECT version FROM warning_list WHERE slug = ''")
    of, _, reached = rows[0][0].partition(" ") if rows else ("", "", "")
    return Stage(reached) if of == own else Stage.NONE


def load_now(database: Database, until: Stage = Stage.WHOLE) -> bool:
    """Bring the lists in up to a stage; False where there was nothing to do."""
    if database.read_now(stage) in {until, Stage.WHOLE}:
        return False
    pause = threading.Event()
    done = database.read_now(_done)
    with database.bulk() as run:
        for work in works(done, until):
            run(work)
            pause.wait(PAUSE)
    return True


async def load_beside(database: Database) -> bool:
    """All of them, within a running bot."""
    if await database.read(stage) is Stage.WHOLE:
        return False
    steps = works(await database.read(_done), Stage.WHOLE, _BESIDE)
    while (work := await asyncio.to_thread(next, steps, None)) is not None:
        begun = time.monotonic()
        await database.run(work)
        await asyncio.sleep(max(PAUSE, _REST * (time.monotonic() - begun)))
    return True


def works(done: AbstractSet[str], until: Stage, written: int | None = None) -> Iterator[Work[Any]]:
    """The units of work that do it, to be carried out in turn; `done`: lists that are in;
    `written`: entries of one at most, else `WRITTEN`.
    """
    named, own, most = set[str](), secrets.token_hex(4), written or WRITTEN
    for brought in lists(_SMALL if until is Stage.SMALL else None, own):
        named.add(brought.slug)
        if brought.slug in done:
            continue
        yield _with(_begun, brought)
        for keys in keys_of(brought):
            for start in range(0, len(keys), most):
                yield _with(_entries, (brought, keys[start : start + most]))
        yield _with(_ended, brought)
    if until is Stage.WHOLE:
        yield _with(_dropped, named)
        for part in range(-_PARTS // 2, _PARTS // 2):
            yield _with(_swept, part)
    yield _with(_reached, until)


def _done(session: Session) -> frozenset[str]:
    """The lists of the installed version that are in."""
    rows = Asking(session).rows("SELECT slug FROM warning_list WHERE version = ?", (version(),))
    return frozenset(row[0] for row in rows)


def _begun(session: Session, brought: Brought) -> None:
    """A row for the new version, about nothing yet, beside that of the old one. Whoever else was
    bringing it in finds theirs gone, and leaves it to us.
    """
    asking = Asking(session)
    rows = asking.rows("SELECT slug FROM warning_list")
    begun = [slug for (slug,) in rows if slug.startswith(f"{brought.slug}/")]
    asking.remove("DELETE FROM warning_list WHERE slug IN ({})", begun)
    asking.do(_LIST, (brought.coming, brought.name, "", "[]"))


def _ended(session: Session, brought: Brought) -> None:
    """It is whole: it takes the place of the old version, whose entries count no more."""
    asking = Asking(session)
    number = _number(asking, brought)
    if number is not None:
        kinds = msgspec.json.encode(brought.kinds).decode()
        asking.do("DELETE FROM warning_list WHERE slug = ?", (brought.slug,))
        whole = "UPDATE warning_list SET slug = ?, version = ?, kinds = ? WHERE id = ?"
        asking.do(whole, (brought.slug, version() or "", kinds, number))


def _dropped(session: Session, named: AbstractSet[str]) -> None:
    """Lists that the package has no longer."""
    asking = Asking(session)
    held = [row[0] for row in asking.rows("SELECT slug FROM warning_list WHERE slug <> ''")]
    gone = [slug for slug in held if slug.partition("/")[0] not in named]
    asking.remove("DELETE FROM warning_list WHERE slug IN ({})", gone)


def _reached(session: Session, until: Stage) -> None:
    asking = Asking(session)
    asking.do("DELETE FROM warning_list WHERE slug = ''")
    asking.do(_LIST, ("", "", f"{version()} {until}", "[]"))


def _entries(session: Session, some: tuple[Brought, list[Any]]) -> None:
    asking = Asking(session)
    brought, keys = some
    number = _number(asking, brought)
    if number is None:
        return
    if brought.is_networks:
        asking.do_each(_NETWORK, [(key, number) for key in keys])
    else:
        asking.do_each(_ENTRY, [(key, number, brought.below) for key in keys])


def _swept(session: Session, part: int) -> None:
    """A part of the entries, without those of lists that are no more."""
    asking, size = Asking(session), (1 << 64) // _PARTS
    asking.do(_SWEEP, (part * size, part * size + size - 1))
    if part == 0:
        asking.do(_SWEEP_NETWORKS)


def _number(asking: Asking, brought: Brought) -> int | None:
    """The number of the row that is being filled; None where others have taken that over."""
    rows = asking.rows("SELECT id FROM warning_list WHERE slug = ?", (brought.coming,))
    return int(rows[0][0]) if rows else None


def _with(function: Callable[[Session, Any], Any], value: object) -> Work[Any]:
    return lambda session: function(session, value)


_PARTS = 256
_SMALL = 2_000_000
"""Bytes of a list's file; those of more hold 200,000 entries and up."""
_LIST = "INSERT INTO warning_list (slug, name, version, kinds) VALUES (?, ?, ?, ?)"
_ENTRY = (
    "INSERT INTO warning_list_entry (key, list, below) VALUES (?, ?, ?) "
    "ON CONFLICT (key, list) DO NOTHING"
)
_NETWORK = (
    "INSERT INTO warning_list_network (key, list) VALUES (?, ?) ON CONFLICT (key, list) DO NOTHING"
)
_SWEEP = (
    "DELETE FROM warning_list_entry WHERE key BETWEEN ? AND ? "
    "AND list NOT IN (SELECT id FROM warning_list)"
)
_SWEEP_NETWORKS = "DELETE FROM warning_list_network WHERE list NOT IN (SELECT id FROM warning_list)"
