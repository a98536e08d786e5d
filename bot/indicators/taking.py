"""Taking in what a source gave: one batch in one transaction.

The newest version of an object holds, and a revocation for ever; both count only from the source
that gave the object. What another source says under the same id is another row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple, overload

import msgspec

from bot.indicators.counts import Counts
from bot.indicators.keys import digest, network_key, ref_key, value_key
from bot.indicators.observable import Kind, Observable
from bot.indicators.raw import Asking
from bot.indicators.sources import MOVED, Source, intern, micro, salt
from bot.indicators.stix.pieces import Stretch
from bot.indicators.stretches import forget
from bot.indicators.things import Item, Rejected, Said, Thing, Unread
from bot.sharing.marking import Label

RED = "red"
"""Why something was set aside of which nothing is kept."""
_LARGEST = 1 << 20
"""Bytes of a quarantined object that are kept."""
_encode = msgspec.json.Encoder().encode
_named = msgspec.json.Decoder(list[tuple[Kind, str, bool, int]]).decode


class Coming(NamedTuple):
    """An item with its keys: those are made before the store is held for it."""

    key: int
    digest: int
    item: Item


class Findable(NamedTuple):
    """The rows that objects are found by: by their ids, by their values."""

    identities: list[tuple[Any, ...]]
    statements: list[tuple[Any, ...]]


class _Known(NamedTuple):
    object: int | None
    digest: int
    version: int | None


class _Old(NamedTuple):
    """The row that a new version replaces."""

    id: int
    version: int
    revoked: bool
    first: int
    marking: int
    kind: str
    named: str
    given: int
    """The marking that its source gave it, which is another once it was released."""


@overload
def coming(items: Iterable[Item]) -> Iterator[Coming]: ...
@overload
def coming(items: Iterable[Item | Stretch]) -> Iterator[Coming | Stretch]: ...
def coming(items: Iterable[Item | Stretch]) -> Iterator[Coming | Stretch]:
    """The items with their keys (`digest`, written out: this is done for all that comes again)."""
    made, number = blake2b, int.from_bytes
    for item in items:
        if isinstance(item, Stretch):
            yield item
            continue
        raw = item.raw
        own = number(made(raw, digest_size=8).digest(), "big", signed=True)
        key = ref_key(item.id) if item.id else own
        yield Coming(key, own, item)


def sift(asking: Asking, source: int, salted: int, batch: Sequence[Coming]) -> list[Coming]:
    """Those that are not in the store as they are; `salted`: see `bot.indicators.sources.salt`."""
    digests: dict[int, int] = dict(asking.each(_DIGESTS, [each.key for each in batch], source))
    return [
        each
        for each in batch
        if (found := digests.get(each.key)) is None
        or (found != each.digest ^ salted and found != each.digest)
        or isinstance(each.item, Rejected)
    ]


def read_all(batch: Iterable[Coming]) -> list[Coming]:
    """The same with everything read that was not: outside of a transaction."""
    return [_read(each) if isinstance(each.item, Unread) else each for each in batch]


def _read(each: Coming) -> Coming:
    """With a key of what it turned out to be, should its id be another."""
    unread = each.item
    assert isinstance(unread, Unread)
    item = unread.read()
    key = each.key if item.id in {unread.id, ""} else ref_key(item.id)
    return Coming(key, each.digest, item)


def take(asking: Asking, source: Source, number: int, batch: list[Coming], now: datetime) -> Counts:
    """Take a batch in, each id at most once in it; `number`: the source's own."""
    batched = _Batch(asking, source, number, micro(now))
    counts = batched.take(batch)
    asking.do_each(IDENTIFY, batched.found.identities)
    asking.do_each(STATEMENT, batched.found.statements)
    return counts


def take_deferred(
    asking: Asking, source: Source, number: int, batch: list[Coming], now: datetime
) -> tuple[Counts, Findable]:
    """The same, but what it is found by is only given back, to be written down soon."""
    batched = _Batch(asking, source, number, micro(now))
    return batched.take(batch), batched.found


class _Batch:
    """The rows of one transaction, gathered, then written table by table."""

    def __init__(self, asking: Asking, source: Source, number: int, now: int) -> None:
        self._asking = asking
        self._source = source
        self._number = number
        self._now = now
        self._counts = Counts()
        self._markings: dict[object, int] = {}
        self._salt = salt(intern(asking, source.marking, source.originator))
        self._new: list[tuple[Coming, Thing, int, _Old | None]] = []
        self._gone: list[_Old] = []
        self.found = Findable([], [])
        self._aside: list[tuple[Any, ...]] = []
        self._tally: Counter[tuple[int, bool]] = Counter()

    def take(self, batch: Sequence[Coming]) -> Counts:
        known, others = self._known(batch)
        olds = self._olds(batch, known)
        for each in batch:
            item = each.item
            if isinstance(item, Thing) and not _is_red(item):
                marking = self._interned(item)
                self._consider(each, item, marking, known.get(each.key), olds.get(each.key))
                if self._new and self._new[-1][0] is each and each.key in others:
                    self._counts.rival += 1
            elif not isinstance(item, Unread):
                self._set_aside(each, item, known.get(each.key), olds.get(each.key))
        self._write()
        return self._counts

    def _known(self, batch: Sequence[Coming]) -> tuple[dict[int, _Known], set[int]]:
        known, others = dict[int, _Known](), set[int]()
        keys = [each.key for each in batch]
        for key, source, *rest in self._asking.each(_IDENTITIES, keys):
            if source == self._number:
                known[key] = _Known(*rest)
            else:
                others.add(key)
        return known, others

    def _olds(self, batch: Sequence[Coming], known: dict[int, _Known]) -> dict[int, _Old]:
        """The stored rows of what is not as it was."""
        changed = [
            found.object
            for each in batch
            if (found := known.get(each.key)) is not None
            and found.object is not None
            and (not self._is_same(each, found) or not isinstance(each.item, Thing))
        ]
        return {key: _Old(*rest) for key, *rest in self._asking.each(_OLDS, changed)}

    def _interned(self, thing: Thing) -> int:
        found = self._markings.get(thing.marking)
        if found is None:
            marking = self._source.marked(thing.marking)
            found = intern(self._asking, marking, self._source.originator)
            self._markings[thing.marking] = found
        return found

    def _consider(
        self, each: Coming, thing: Thing, marking: int, known: _Known | None, old: _Old | None
    ) -> None:
        counts = self._counts
        if known is None:
            counts.new += 1
        elif known.object is None:
            if thing.version <= (known.version or 0):
                counts.late += 1
                return
            counts.new += 1
        elif self._is_same(each, known):
            counts.unchanged += 1
            return
        elif old is None:
            counts.new += 1
        elif old.revoked or thing.version < old.version:
            counts.late += 1
            return
        elif thing.version == old.version and thing.version and not _differs(thing, marking, old):
            counts.unchanged += 1
            own = (each.key, self._number, old.id, each.digest ^ self._salt, None)
            self.found.identities.append(own)
            return
        else:
            counts.updated += 1
        counts.revoked += thing.revoked
        counts.opaque += bool(thing.opaque)
        if old is not None:
            self._gone.append(old)
        self._new.append((each, thing, marking, old))

    def _is_same(self, each: Coming, known: _Known) -> bool:
        """By its bytes, under the same default; what was taken in by older versions has no salt."""
        return known.digest in (each.digest ^ self._salt, each.digest)

    def _set_aside(
        self, each: Coming, item: Thing | Rejected, known: _Known | None, old: _Old | None
    ) -> None:
        """Of TLP:RED nothing is kept, and a lower version of it is withdrawn."""
        reason = item.reason if isinstance(item, Rejected) else RED
        self._counts.quarantined[reason] += 1
        if reason != RED:
            raw = item.raw if 0 < len(item.raw) <= _LARGEST else None
            number = digest(f"{reason}\0{item.id}\0".encode() + item.raw)
            self._aside.append((self._number, number, reason, item.id, raw, self._now))
        elif (
            known is not None
            and old is not None
            and (not item.version or item.version >= old.version)
        ):
            self._counts.withdrawn += 1
            self._gone.append(old)
            version = item.version or old.version
            self._asking.do(IDENTIFY, (each.key, self._number, None, 0, version))

    def _write(self) -> None:
        asking = self._asking
        if self._gone:
            remove(asking, [old.id for old in self._gone], [old.named for old in self._gone])
            forget(asking, self._number)
        for old in self._gone:
            self._tally[old.marking, old.kind == _INDICATOR] -= 1
        if self._new:
            self._add()
        asking.do_each(_ASIDE, self._aside)
        self._count()

    def _add(self) -> None:
        last = int(self._asking.rows(_NUMBER, (len(self._new),))[0][0])
        objects: list[tuple[Any, ...]] = []
        raws: list[tuple[Any, ...]] = []
        identities, statements = self.found
        networks: list[tuple[Any, ...]] = []
        links: list[tuple[Any, ...]] = []
        sightings: list[tuple[Any, ...]] = []
        number, source, now = last - len(self._new), self._number, self._now
        for each, thing, marking, old in self._new:
            number += 1
            objects.append(self._object(number, each.key, thing, marking, old))
            raws.append((number, thing.raw))
            identities.append((each.key, source, number, each.digest ^ self._salt, None))
            self._tally[marking, thing.kind == _INDICATOR] += 1
            if thing.said:
                for value, part, _ in _values(thing):
                    statements.append((value_key(value), number, part))
                    if value.kind is Kind.NETWORK:
                        networks.append((network_key(value.value), number))
            for link in thing.links:
                if link.kind not in _NO_LINKS:
                    ends = ref_key(link.source), ref_key(link.target)
                    links.append((number, source, link.kind, *ends))
            if thing.seen is not None:
                seen = thing.seen
                about = (number, source, ref_key(seen.of), self._source.originator)
                sightings.append((*about, seen.times, seen.first, seen.last, "", marking, now))
        asking = self._asking
        asking.do_each(_OBJECT, objects)
        asking.do_each(_RAW, raws)
        asking.do_each(_NETWORK, networks)
        asking.do_each(_LINK, links)
        asking.do_each(_SIGHTING, sightings)

    def _object(
        self, number: int, key: int, thing: Thing, marking: int, old: _Old | None
    ) -> tuple[Any, ...]:
        source, now = self._source, self._now
        until = thing.valid_until
        if until is None and source.ttl is not None and thing.kind in _AGEING:
            until = (thing.valid_from or now) + source.ttl
        confidence = source.confidence if thing.confidence is None else thing.confidence
        return (
            number, self._number, key, thing.id, thing.version, thing.kind, marking, now,
            now if old is None else old.first, now, thing.revoked, thing.name, confidence,
            _encode(thing.labels).decode() if thing.labels else "",
            _encode(thing.phases).decode() if thing.phases else "",
            thing.valid_from, until, stored_values(thing), thing.opaque,
        )  # fmt: skip

    def _count(self) -> None:
        rows: dict[int, list[int]] = {}
        for (marking, is_indicator), number in self._tally.items():
            row = rows.setdefault(marking, [0, 0])
            row[0] += number
            row[1] += number if is_indicator else 0
        self._asking.do_each(
            _TALLY, [(self._number, marking, *row) for marking, row in rows.items()]
        )
        if rows or self._aside:
            self._asking.do(MOVED)


def remove(asking: Asking, objects: Sequence[int], named: Iterable[str]) -> None:
    """Take rows out, with all that hangs on them; `named`: their columns of that name."""
    for each, values in zip(objects, named, strict=True):
        for said in read_values(values):
            asking.do(_NO_STATEMENT, (value_key(said.observable), each))
            if said.observable.kind is Kind.NETWORK:
                asking.do(_NO_NETWORK, (network_key(said.observable.value), each))
    for table in ("indicator_link", "indicator_sighting", "indicator_raw"):
        asking.remove(f"DELETE FROM {table} WHERE object IN ({{}})", objects)  # noqa: S608  ours
    asking.remove("DELETE FROM indicator_object WHERE id IN ({})", objects)


def left(asking: Asking, source: int, settled: int, salted: int) -> Findable:
    """The same rows, of objects after `settled` that may not have got them."""
    found = Findable([], [])
    for number, key, named, raw in asking.rows(_LEFT, (settled, source)):
        found.identities.append((key, source, number, digest(bytes(raw)) ^ salted, None))
        for said in read_values(named):
            found.statements.append((value_key(said.observable), number, said.part))
    return found


def _values(thing: Thing) -> Iterable[Said]:
    """Each value once: what is said of it alone counts more than what is said of a part."""
    if len(thing.said) == 1:
        return thing.said
    found: dict[Observable, Said] = {}
    for said in thing.said:
        other = found.get(said.observable)
        if other is None:
            found[said.observable] = said
        elif other.part and not said.part:
            found[said.observable] = other._replace(part=False)
    return found.values()


def stored_values(thing: Thing) -> str:
    """The values that an object speaks of, as its row keeps them."""
    if not thing.said:
        return ""
    return _encode([(*value, part, file) for value, part, file in _values(thing)]).decode()


def read_values(stored: str) -> list[Said]:
    """The same, read again."""
    if not stored:
        return []
    return [Said(Observable(kind, value), part, file) for kind, value, part, file in _named(stored)]


def _is_red(thing: Thing) -> bool:
    return thing.marking is not None and thing.marking.label is Label.RED


def _differs(thing: Thing, marking: int, old: _Old) -> bool:
    """Whether something that calls itself the same version is another all the same."""
    return thing.revoked or marking != old.given


_INDICATOR = "indicator"
_AGEING = frozenset({"indicator", "line", "attribute"})
"""What a source's time to live is about: not the malware that it writes of."""
_NO_LINKS = frozenset({"created_by"})
"""What nearly every object has, and no answer asks for; it stays in its bytes."""

_DIGESTS = "SELECT key, digest FROM indicator_identity WHERE key IN ({}) AND source = ?"
_IDENTITIES = (
    "SELECT key, source, object, digest, version FROM indicator_identity WHERE key IN ({})"
)
_OLDS = (
    "SELECT key, id, version, revoked, first, marking, kind, named, COALESCE(given, marking) "
    "FROM indicator_object "
    "WHERE id IN ({})"
)
_NUMBER = "UPDATE indicator_tide SET last = last + ? WHERE id = 1 RETURNING last"
_OBJECT = (
    "INSERT INTO indicator_object (id, source, key, ref, version, kind, marking, said, first, "
    "received, revoked, name, confidence, labels, phases, valid_from, valid_until, named, opaque) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_RAW = "INSERT INTO indicator_raw (object, raw) VALUES (?, ?)"
STATEMENT = (
    "INSERT INTO indicator_statement (key, object, part) VALUES (?, ?, ?) "
    "ON CONFLICT (key, object) DO NOTHING"
)
_NETWORK = "INSERT INTO indicator_network (key, object) VALUES (?, ?)"
_LINK = "INSERT INTO indicator_link (object, source, kind, start, target) VALUES (?, ?, ?, ?, ?)"
_SIGHTING = (
    "INSERT INTO indicator_sighting (object, source, of, team, times, first, last, place, "
    "marking, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
IDENTIFY = (
    "INSERT INTO indicator_identity (key, source, object, digest, version) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (key, source) DO UPDATE SET object = excluded.object, digest = excluded.digest, "
    "version = excluded.version"
)
_ASIDE = (
    "INSERT INTO indicator_quarantine (source, digest, reason, ref, raw, received) "
    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest) DO NOTHING"
)
_TALLY = (
    "INSERT INTO indicator_tally (source, marking, objects, indicators) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (source, marking) DO UPDATE SET "
    "objects = indicator_tally.objects + excluded.objects, "
    "indicators = indicator_tally.indicators + excluded.indicators"
)
_LEFT = (
    "SELECT o.id, o.key, o.named, r.raw FROM indicator_object o "
    "JOIN indicator_raw r ON r.object = o.id WHERE o.id > ? AND o.source = ?"
)
_NO_STATEMENT = "DELETE FROM indicator_statement WHERE key = ? AND object = ?"
_NO_NETWORK = "DELETE FROM indicator_network WHERE key = ? AND object = ?"
