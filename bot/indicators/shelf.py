"""What an audience may see, as STIX and page by page: for those whose own platform reads it.

A page is made of what may be seen alone: neither its length, nor its moments, nor what the next one
is asked for by say anything of the rest. The store's own numbers, which count everything, stay in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from heapq import merge
from itertools import takewhile

from sqlalchemy.orm import Session

from bot.indicators.keys import ref_key
from bot.indicators.leaving import COLUMNS, MADE, Head, Row, as_published, head_of, whole
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight
from bot.indicators.stix.times import microseconds, timestamp
from bot.indicators.versions import since

MOST = 1000
"""Objects of one page,"""
LARGEST = 32 << 20
"""and their bytes, before the one that is one too many."""
_READ = 500
"""Rows that are looked at at once."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """An object that may be given. `added` in microseconds since 1970."""

    id: str
    kind: str
    spec: str
    version: str
    added: int
    content: bytes
    place: str
    """Where it stands, for `Wanted.beyond`: made of nothing but what may be seen."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: TAXII's filters (2.1, 3.4). Empty: all."""

    after: int | None = None
    beyond: str = ""
    ids: Collection[str] = ()
    kinds: Collection[str] = ()
    specs: Collection[str] = ()
    versions: Collection[str] = ()
    """Moments; `all`, `first` and `last` are one, as only the newest version is kept."""
    limit: int = MOST

    def fits(self, each: Shelved) -> bool:
        """Whether an object passes the filters."""
        return (
            (not self.ids or each.id in self.ids)
            and (not self.kinds or each.kind in self.kinds)
            and (not self.specs or each.spec in self.specs)
            and (not self.versions or microseconds(each.version) in self._moments())
        )

    def _moments(self) -> set[int | None]:
        return {microseconds(each) for each in self.versions}


def page(session: Session, sight: Sight, wanted: Wanted) -> tuple[list[Shelved], bool]:
    """The next objects, by when they were added, and whether more follow."""
    found: list[Shelved] = []
    room = LARGEST
    for each in _shelved(session, sight, wanted):
        if wanted.fits(each):
            if len(found) == min(wanted.limit, MOST) or room < 0:
                return found, True
            found.append(each)
            room -= len(each.content)
    return found, False


def _shelved(session: Session, sight: Sight, wanted: Wanted) -> Iterator[Shelved]:
    """All that may be seen from there on."""
    asking = Asking(session)
    moment, _, last = wanted.beyond.partition("-")
    start = int(moment) if moment.isdecimal() else 0
    # Where what it stood behind is there no more: all of that moment again.
    passed = not last or not _is_there(asking, sight, wanted, start)
    for each in _objects(asking, sight, wanted, start):
        if passed or each.added > start:
            yield each
        elif each.place == wanted.beyond:
            passed = True


def _is_there(asking: Asking, sight: Sight, wanted: Wanted, start: int) -> bool:
    """Whether what a page went up to stands where it stood."""
    there = takewhile(lambda each: each.added == start, _objects(asking, sight, wanted, start))
    return any(each.place == wanted.beyond for each in there)


def _objects(asking: Asking, sight: Sight, wanted: Wanted, start: int) -> Iterator[Shelved]:
    """All that may be seen and was added then or later, and after what is asked for."""
    for row in _rows(asking, wanted, start):
        each = _object(asking, sight, row)
        if each is not None and each.added >= start and each.added > (wanted.after or -1):
            yield each


def _rows(asking: Asking, wanted: Wanted, start: int) -> Iterator[Row]:
    """The rows that may be meant, by when they were added; by their ids, where those are asked
    for.
    """
    if wanted.ids:
        rows = asking.each(_OF_NUMBERS, _called(asking, wanted.ids))
        return whole(asking, sorted(rows, key=lambda row: (Row._make(row).added, row[0])))
    moment = max(start, (wanted.after or 0))
    return merge(_standing(asking, moment), _amended(asking, moment), key=lambda row: row.added)


def _standing(asking: Asking, moment: int) -> Iterator[Row]:
    """What is as it came then or later, in its order."""
    number = _before(asking, moment)
    while rows := asking.rows(_PAGED, (number, _READ)):
        number = rows[-1][0]
        yield from whole(asking, rows)


def _amended(asking: Asking, moment: int) -> Iterator[Row]:
    """What was changed then or later, and did not come anew."""
    number = 0
    while rows := asking.rows(_AMENDED, (moment, moment, number, _READ)):
        last = Row._make(rows[-1])
        moment, number = last.added, last.id
        yield from whole(asking, rows)


def _called(asking: Asking, ids: Iterable[str]) -> list[int]:
    """The objects that leave under these ids, or perhaps do."""
    keys = []
    for each in ids:
        _, dashes, rest = each.partition("--")
        keys += [ref_key(each), *(ref_key(f"{made}{rest}") for made in MADE if dashes)]
    return [number for (number,) in asking.each(_OBJECTS, keys)]


def _before(asking: Asking, moment: int) -> int:
    """A number below those of what came at a moment or later: numbers grow with time."""
    low, high = 0, int((asking.rows("SELECT max(id) FROM indicator_object")[0][0]) or 0)
    while low < high:
        middle = (low + high + 1) // 2
        row = asking.rows(_AT, (middle,))
        if row and row[0][0] < moment:
            low = middle
        else:
            high = middle - 1
    return max(0, low - 1)


def _object(asking: Asking, sight: Sight, row: Row) -> Shelved | None:
    sight.learn(asking, (row.marking,))
    if not sight.sees(row.marking, row.said):
        return None
    begun = since(asking, sight, row.past, row.first)
    content = as_published(row, sight.marked(row.marking).marking, begun)
    if content is None:
        return None
    head, added = head_of(content), row.added
    version = head.modified or head.created or timestamp(begun)
    place = blake2b(f"{head.id} {version}".encode(), digest_size=9).hexdigest()
    return Shelved(head.id, head.type, _spec(head), version, added, content, f"{added}-{place}")


def _spec(head: Head) -> str:
    """Objects of STIX 2.0 bear no version; nor need the observables of 2.1, which have no times."""
    return head.spec_version or ("2.0" if head.created else "2.1")


_WHOLE = f"SELECT {COLUMNS} FROM indicator_object o JOIN indicator_raw r ON r.object = o.id"  # noqa: S608  ours
_PAGED = f"{_WHOLE} WHERE o.id > ? AND o.amended IS NULL ORDER BY o.id LIMIT ?"
_AMENDED = (
    f"{_WHOLE} WHERE o.amended IS NOT NULL AND o.amended >= ? AND (o.amended > ? OR o.id > ?) "
    "ORDER BY o.amended, o.id LIMIT ?"
)
_OF_NUMBERS = f"{_WHOLE} WHERE o.id IN ({{}})"
_OBJECTS = "SELECT object FROM indicator_identity WHERE key IN ({}) AND object IS NOT NULL"
_AT = "SELECT received FROM indicator_object WHERE id >= ? ORDER BY id LIMIT 1"
