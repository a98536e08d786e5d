"""Taking in what a source gave: one batch in one transaction.

The newest version of an object holds, and a revocation for ever; both count only from the source
that gave the object. What another source says under the same id is another row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from bot.indicators.coming import Coming
from bot.indicators.counts import Counts
from bot.indicators.following import remove
from bot.indicators.keys import digest, network_key, ref_key, tag_key, value_key
from bot.indicators.leaving import MADE
from bot.indicators.named import read_values, stored_values, values_of
from bot.indicators.observable import Kind
from bot.indicators.raw import Asking
from bot.indicators.sources import MOVED, Source, intern, micro, salt
from bot.indicators.stretches import forget
from bot.indicators.things import Rejected, Thing, Unread
from bot.indicators.versions import Version, followed
from bot.sharing.marking import Label

RED = "red"
"""Why something was set aside of which nothing is kept."""
_LARGEST = 1 << 16
"""Bytes of a quarantined object that are kept."""
_encode = msgspec.json.Encoder().encode


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
    labels: str
    confidence: int | None
    until: int | None
    past: str
    name: str

    @property
    def told(self) -> Version:
        """The version that it is."""
        said = (self.name, self.labels, self.confidence)
        return _version(self.kind, self.marking, self.first, said, self.until)


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
        marking = intern(asking, source.marking, source.originator)
        self._salt = salt(marking, source.confidence, source.ttl)
        self._new: list[tuple[Coming, Thing, int, _Old | None]] = []
        self._gone: list[_Old] = []
        self._held: list[tuple[int | None, int | None, int | None, int]] = []
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
            if thing.version <= (known.version or 0) and thing.kind != _LINE:
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
            self._hold(thing, old)
            own = (each.key, self._number, old.id, each.digest ^ self._salt)
            self.found.identities.append(own)
            return
        else:
            counts.updated += 1
        counts.revoked += thing.revoked
        counts.opaque += bool(thing.opaque)
        if old is not None:
            self._gone.append(old)
        self._new.append((each, thing, marking, old))

    def _hold(self, thing: Thing, old: _Old) -> None:
        """The same version: what it does not say itself is as its source's defaults are now."""
        own = old.confidence if thing.confidence is not None else self._source.confidence
        until = old.until if thing.valid_until is not None else self._until(thing)
        if (own, until) == (old.confidence, old.until):
            self._counts.unchanged += 1
        else:
            self._counts.updated += 1
            amended = self._now if thing.id.startswith(MADE) else None
            self._held.append((own, until, amended, old.id))

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
            self._asking.do(_WITHDRAW, (each.key, self._number, version))

    def _write(self) -> None:
        asking = self._asking
        if self._gone:
            remove(asking, [(old.id, old.named, old.labels) for old in self._gone])
            forget(asking, self._number)
        for old in self._gone:
            self._tally[old.marking, old.kind == _INDICATOR] -= 1
        if self._new:
            self._add()
        asking.do_each(_HOLD, self._held)
        asking.do_each(_ASIDE, self._aside)
        self._count()

    def _add(self) -> None:
        last = int(self._asking.rows(_NUMBER, (len(self._new),))[0][0])
        objects: list[tuple[Any, ...]] = []
        raws: list[tuple[Any, ...]] = []
        identities, statements = self.found
        networks: list[tuple[Any, ...]] = []
        tags: list[tuple[Any, ...]] = []
        links: list[tuple[Any, ...]] = []
        sightings: list[tuple[Any, ...]] = []
        number, source, now = last - len(self._new), self._number, self._now
        salted = self._salt
        for each, thing, marking, old in self._new:
            number += 1
            objects.append(self._object(number, each.key, thing, marking, old))
            raws.append((number, bytearray(thing.raw)))
            identities.append((each.key, source, number, each.digest ^ salted))
            self._tally[marking, thing.kind == _INDICATOR] += 1
            if thing.said:
                for value, part, _ in values_of(thing):
                    statements.append((value_key(value), number, 1 if part else 0))
                    if value.kind is Kind.NETWORK:
                        networks.append((network_key(value.value), number))
                tags += [(key, number) for key in set(map(tag_key, _texts(thing.labels)))]
            for link in thing.links:
                if link.kind not in _NO_LINKS:
                    ends = ref_key(link.source), ref_key(link.target)
                    links.append((number, source, _plain(link.kind, _LABEL), *ends))
            if thing.seen is not None:
                seen = thing.seen
                about = (number, source, ref_key(seen.of), self._source.originator)
                sightings.append((*about, seen.times, seen.first, seen.last, "", marking, now))
        asking = self._asking
        asking.do_each(_OBJECT, objects)
        asking.do_each(_RAW, raws)
        asking.do_each(_NETWORK, networks)
        asking.do_each(_TAG, tags)
        asking.do_each(_LINK, links)
        asking.do_each(_SIGHTING, sightings)

    def _object(
        self, number: int, key: int, thing: Thing, marking: int, old: _Old | None
    ) -> tuple[Any, ...]:
        source, now = self._source, self._now
        confidence = source.confidence if thing.confidence is None else thing.confidence
        labels = _encode(_texts(thing.labels)).decode() if thing.labels else ""
        name = _plain(thing.name, _NAME)
        until = self._until(thing)
        past = ""
        if old is not None:
            told = _version(thing.kind, marking, now, (name, labels, confidence), until)
            past = followed(old.past, old.told, told)
        return (
            number, self._number, key, thing.id, thing.version, thing.kind, marking, now,
            now if old is None else old.first, past, now, 1 if thing.revoked else 0,
            name, confidence, labels,
            _encode(_texts(thing.phases)).decode() if thing.phases else "",
            thing.valid_from, until, stored_values(thing), thing.opaque,
        )  # fmt: skip

    def _until(self, thing: Thing) -> int | None:
        """How long it holds: as it says, or for its source's time after it was last said."""
        ttl = self._source.ttl
        if thing.valid_until is not None or ttl is None or thing.kind not in _AGEING:
            return thing.valid_until
        said = max(thing.valid_from or 0, thing.version) or self._now
        return min(said + ttl, _LAST)

    def _count(self) -> None:
        rows: dict[int, list[int]] = {}
        for (marking, is_indicator), number in self._tally.items():
            row = rows.setdefault(marking, [0, 0])
            row[0] += number
            row[1] += number if is_indicator else 0
        self._asking.do_each(
            _TALLY, [(self._number, marking, *row) for marking, row in rows.items()]
        )
        if rows or self._aside or self._held:
            self._asking.do(MOVED)


def left(asking: Asking, source: int, settled: int, salted: int) -> Findable:
    """The same rows, of objects after `settled` that may not have got them: of their bytes those
    of one are held.
    """
    found = Findable([], [])
    for number, key, named in asking.rows(_LEFT, (settled, source)):
        ((raw,),) = asking.rows(_BYTES, (number,))
        found.identities.append((key, source, number, digest(bytes(raw)) ^ salted))
        for said in read_values(named):
            found.statements.append((value_key(said.observable), number, int(said.part)))
    return found


def _texts(words: Sequence[str]) -> list[str]:
    """Words of a source as they are kept: so many, so long."""
    return [word[:_LABEL] for word in words[:_LABELS]]


def _plain(text: str, longest: int) -> str:
    """A text of a source as it is kept: so long, and without what PostgreSQL takes in no text."""
    return text[:longest].replace("\0", "\ufffd") if len(text) > longest or "\0" in text else text


def _is_red(thing: Thing) -> bool:
    return thing.marking is not None and thing.marking.label is Label.RED


def _version(
    kind: str, marking: int, at: int, said: tuple[str, str, int | None], until: int | None
) -> Version:
    """A version of an object. A list tells its rows anew while they are listed: of those it is kept
    what they say, so that the same again is no news.
    """
    if kind != _LINE or until is None:
        return Version(marking, at)
    return Version(marking, at, digest(repr(said).encode()), until)


def _differs(thing: Thing, marking: int, old: _Old) -> bool:
    """Whether something that calls itself the same version is another all the same."""
    return thing.revoked or marking != old.given


_INDICATOR = "indicator"
_LINE = "line"
"""Of a list, which has no versions: what is read last holds."""
_AGEING = frozenset({"indicator", "line", "misp-attribute"})
"""What a source's time to live is about: not the malware that it writes of."""
_LAST = 253_402_300_799_000_000
"""The last moment that a timestamp can say: 9999-12-31T23:59:59Z."""
_NAME, _LABEL, _LABELS = 1_000, 200, 200
"""Characters of a name and of a label that are kept to be shown and found, and how many labels: the
bytes of the object have all of it.
"""
_NO_LINKS = frozenset({"created_by"})
"""What nearly every object has, and no answer asks for; it stays in its bytes."""

_IDENTITIES = (
    "SELECT key, source, object, digest, version FROM indicator_identity WHERE key IN ({})"
)
_OLDS = (
    "SELECT key, id, version, revoked, first, marking, kind, named, COALESCE(given, marking), "
    "labels, confidence, valid_until, past, name FROM indicator_object WHERE id IN ({})"
)
_HOLD = "UPDATE indicator_object SET confidence = ?, valid_until = ?, amended = ? WHERE id = ?"
_NUMBER = "UPDATE indicator_tide SET last = last + ? WHERE id = 1 RETURNING last"
_OBJECT = (
    "INSERT INTO indicator_object (id, source, key, ref, version, kind, marking, said, first, "
    "past, received, revoked, name, confidence, labels, phases, valid_from, valid_until, named, "
    "opaque) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? <> 0, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_RAW = "INSERT INTO indicator_raw (object, raw) VALUES (?, ?)"
STATEMENT = (
    "INSERT INTO indicator_statement (key, object, part) VALUES (?, ?, ? <> 0) "
    "ON CONFLICT (key, object) DO NOTHING"
)
_NETWORK = "INSERT INTO indicator_network (key, object) VALUES (?, ?)"
_TAG = "INSERT INTO indicator_tag (key, object) VALUES (?, ?)"
_LINK = "INSERT INTO indicator_link (object, source, kind, start, target) VALUES (?, ?, ?, ?, ?)"
_SIGHTING = (
    "INSERT INTO indicator_sighting (object, source, of, team, times, first, last, place, "
    "marking, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
IDENTIFY = (
    "INSERT INTO indicator_identity (key, source, object, digest) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (key, source) DO UPDATE SET object = excluded.object, digest = excluded.digest, "
    "version = NULL"
)
_WITHDRAW = (
    "INSERT INTO indicator_identity (key, source, digest, version) VALUES (?, ?, 0, ?) "
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
_LEFT = "SELECT id, key, named FROM indicator_object WHERE id > ? AND source = ?"
_BYTES = "SELECT raw FROM indicator_raw WHERE object = ?"
