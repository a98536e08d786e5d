"""MISP's warning lists, from the package that brings them into the store: once a version.

Two and a half million entries: they are read as a stream, kept as keys, and written in the order
of the keys with pauses, so that nothing else waits. Until a list is in, lookups go on without it;
the small ones, which are nearly all and take two seconds, come first.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum
from importlib import metadata, resources
from pathlib import Path
from typing import Any, NamedTuple

import ijson  # type: ignore[import-untyped]
import msgspec
from sqlalchemy.orm import Session

from bot.indicators.keys import network_key
from bot.indicators.observable import Kind
from bot.indicators.raw import Asking, chunks
from bot.indicators.warned import entry_key
from bot.store.database import Database, Work

PACKAGE = "pymispwarninglists"
WRITTEN = 2000
PAUSE = 0.003
"""As of `bot.indicators.importing`."""

_ABOUT: dict[str, tuple[Kind, ...]] = {
    "ip-src": (Kind.IPV4, Kind.IPV6, Kind.NETWORK),
    "domain": (Kind.DOMAIN, Kind.URL),
    "hostname": (Kind.DOMAIN, Kind.URL),
    "url": (Kind.URL,),
    "email-src": (Kind.EMAIL,),
    "email-dst": (Kind.EMAIL,),
    "md5": (Kind.MD5,),
    "sha1": (Kind.SHA1,),
    "sha256": (Kind.SHA256,),
    "sha512": (Kind.SHA512,),
    "AS": (Kind.ASN,),
    "btc": (Kind.BITCOIN,),
    "filename": (Kind.FILE_NAME,),
    "vulnerability": (Kind.CVE,),
}
_LIKE = {"ip-dst": "ip-src", "domain|ip": "domain", "uri": "url", "link": "url"}


class Brought(NamedTuple):
    """One list as the package has it; `below`: a domain on it stands for those below it."""

    slug: str
    name: str
    kinds: tuple[str, ...]
    below: bool
    is_networks: bool
    file: Path


class Stage(StrEnum):
    """How many of the installed lists are in the store."""

    NONE = ""
    SMALL = "small"
    """All but the few with hundreds of thousands of entries."""
    WHOLE = "whole"


def version() -> str | None:
    """The version of the lists that are installed; None where none are."""
    try:
        return metadata.version(PACKAGE)
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
    steps = works(await database.read(_done), Stage.WHOLE)
    while (work := await asyncio.to_thread(next, steps, None)) is not None:
        await database.run(work)
        await asyncio.sleep(PAUSE)
    return True


def works(done: AbstractSet[str], until: Stage) -> Iterator[Work[Any]]:
    """The units of work that do it, to be carried out in turn; `done`: lists that are in."""
    for brought in _lists(_SMALL if until is Stage.SMALL else None):
        if brought.slug in done:
            continue
        yield _with(_begun, brought)
        for keys in _keys(brought):
            for start in range(0, len(keys), WRITTEN):
                yield _with(_entries, (brought, keys[start : start + WRITTEN]))
        yield _with(_ended, brought)
    if until is Stage.WHOLE:
        for part in range(-_PARTS // 2, _PARTS // 2):
            yield _with(_swept, part)
    yield _with(_reached, until)


def _lists(most: int | None) -> Iterator[Brought]:
    """The lists, the shortest first; `most`: bytes of a file."""
    folder = Path(str(resources.files(PACKAGE))) / "data" / "misp-warninglists" / "lists"
    files = sorted((file.stat().st_size, file) for file in folder.glob("*/list.json"))
    for size, file in files:
        found = _head(file.parent.name, file) if most is None or size <= most else None
        if found is not None:
            yield found


def _head(slug: str, file: Path) -> Brought | None:
    """What a list is; None for one of regular expressions (there are two, of telephone numbers and
    of addresses such as abuse@), which is no list of values.
    """
    head: dict[str, str] = {}
    attributes: list[str] = []
    with file.open("rb") as stream:
        for prefix, event, value in ijson.parse(stream):
            if event == "string" and prefix == "matching_attributes.item":
                attributes.append(value)
            elif event == "string" and not prefix.startswith("list"):
                head[prefix] = value
    kind = head.get("type")
    if kind == "regex":
        return None
    is_below = kind in {"hostname", "substring"}
    name = head.get("name", slug)
    return Brought(slug, name, _kinds(attributes), is_below, kind == "cidr", file)


def _keys(brought: Brought) -> Iterator[list[int] | list[bytes]]:
    """The keys of a list's entries, many at once and sorted."""
    make = _network if brought.is_networks else _entry
    with brought.file.open("rb") as stream:
        for entries in chunks(ijson.items(stream, "list.item"), _SORTED):
            yield sorted(key for each in entries if (key := make(str(each))) is not None)


def _entry(text: str) -> Any:
    return entry_key(text.strip().lstrip("."))


def _network(text: str) -> Any:
    try:
        return network_key(text.strip())
    except ValueError:
        return None


def _kinds(attributes: Iterable[str]) -> tuple[str, ...]:
    """What MISP's types of attributes are here; a list without any is about everything."""
    found: set[str] = set()
    names = list(attributes)
    for name in names:
        for part in (name, *name.split("|")):
            found.update(_ABOUT.get(_LIKE.get(part, part), ()))
        if "ip" in name.split("|"):
            found.update(_ABOUT["ip-src"])
    return tuple(sorted(found)) if names else tuple(Kind)


def _done(session: Session) -> frozenset[str]:
    """The lists of the installed version that are in."""
    rows = Asking(session).rows("SELECT slug FROM warning_list WHERE version = ?", (version(),))
    return frozenset(row[0] for row in rows)


def _begun(session: Session, brought: Brought) -> None:
    """A list's row, with a new number: entries of the old one count no more."""
    asking = Asking(session)
    asking.do("DELETE FROM warning_list WHERE slug = ?", (brought.slug,))
    kinds = msgspec.json.encode(brought.kinds).decode()
    asking.do(_LIST, (brought.slug, brought.name, "", kinds))


def _ended(session: Session, brought: Brought) -> None:
    whole = "UPDATE warning_list SET version = ? WHERE slug = ?"
    Asking(session).do(whole, (version() or "", brought.slug))


def _reached(session: Session, until: Stage) -> None:
    asking = Asking(session)
    asking.do("DELETE FROM warning_list WHERE slug = ''")
    asking.do(_LIST, ("", "", f"{version()} {until}", "[]"))


def _entries(session: Session, some: tuple[Brought, list[Any]]) -> None:
    asking = Asking(session)
    brought, keys = some
    number = _number(asking, brought)
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


def _number(asking: Asking, brought: Brought) -> int:
    rows = asking.rows("SELECT id FROM warning_list WHERE slug = ?", (brought.slug,))
    return int(rows[0][0])


def _with(function: Callable[[Session, Any], Any], value: object) -> Work[Any]:
    return lambda session: function(session, value)


_PARTS = 256
_SORTED = 100_000
"""Entries that are sorted at once: some 10 MB."""
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
