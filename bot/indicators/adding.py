"""Rows of objects that come into the store: gathered for one transaction, written table by table.

What they are found by is not among them: it is kept back (`bot.indicators.findable`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from bot.indicators.findable import Findable
from bot.indicators.keys import digest
from bot.indicators.raw import Asking
from bot.indicators.ready import Ready
from bot.indicators.sources import Source
from bot.indicators.versions import Version

LINE = "line"
"""Of a list, which has no versions: what is read last holds."""
_AGEING = frozenset({"indicator", LINE, "misp-attribute"})
"""What a source's time to live is about: not the malware that it writes of."""
_LAST = 253_402_300_799_000_000
"""The last moment that a timestamp can say: 9999-12-31T23:59:59Z."""
NOTHING = -(1 << 62)
"""Stands for NULL where rows are written by the thousand, see `Asking.do_each`."""


class Old(NamedTuple):
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


class Fresh(NamedTuple):
    """An object that is to be written, and instead of which."""

    ready: Ready
    digest: int
    """Of its bytes, or of others that are the same version."""
    marking: int
    old: Old | None
    confidence: int | None
    until: int | None
    first: int
    """When the first of its versions came, and what became of them since."""
    past: str = ""

    @property
    def told(self) -> Version:
        """As of `Old`; likewise what follows."""
        said = (self.ready.name, self.ready.labels, self.confidence)
        return _version(self.ready.kind, self.marking, self.first, said, self.until)

    @property
    def version(self) -> int:
        """As of `Old`."""
        return self.ready.version

    @property
    def revoked(self) -> bool:
        """Whether it is."""
        return self.ready.revoked

    @property
    def given(self) -> int:
        """The marking that its source gave it."""
        return self.marking


def add(
    asking: Asking, source: Source, number: int, fresh: Collection[Fresh], salted: int, now: int
) -> Findable:
    """Write them down, and give what they are to be found by. `number`: the source's own; `salted`:
    see `bot.indicators.sources.salt`.
    """
    last = int(asking.rows(_NUMBER, (len(fresh),))[0][0])
    each = list(enumerate(fresh, last - len(fresh) + 1))
    asking.do_each(_OBJECT, [_row(own, number, of, now) for own, of in each])
    asking.do_each(_RAW, [(own, bytearray(of.ready.raw)) for own, of in each])
    asking.do_each(_NETWORK, [(key, own) for own, of in each for key in of.ready.networks])
    asking.do_each(_TAG, [(key, own) for own, of in each for key in of.ready.tags])
    asking.do_each(_LINK, [(own, number, *link) for own, of in each for link in of.ready.links])
    seen = [
        (own, number, about, source.originator, *when, "", of.marking, now)
        for own, of in each
        if of.ready.seen is not None
        for about, *when in (of.ready.seen,)
    ]
    asking.do_each(_SIGHTING, seen)
    return Findable(
        [(of.ready.key, own, of.digest ^ salted) for own, of in each],
        [(key, own, part) for own, of in each for key, part in of.ready.statements],
    )


def until_of(each: Ready, ttl: int | None, now: int) -> int | None:
    """How long it holds: as it says, or for its source's time after it was last said."""
    if each.valid_until is not None or ttl is None or each.kind not in _AGEING:
        return each.valid_until
    said = max(each.valid_from or 0, each.version) or now
    return min(said + ttl, _LAST)


def _version(
    kind: str, marking: int, at: int, said: tuple[str, str, int | None], until: int | None
) -> Version:
    """A version of an object. A list tells its rows anew while they are listed: of those it is kept
    what they say, so that the same again is no news.
    """
    if kind != LINE or until is None:
        return Version(marking, at)
    return Version(marking, at, digest(repr(said).encode()), until)


def _row(own: int, number: int, of: Fresh, now: int) -> tuple[Any, ...]:
    ready, _, marking, _, confidence, until, first, past = of
    return (
        own, number, ready.key, ready.id, ready.version, ready.kind, marking, now,
        first, past, now, 1 if ready.revoked else 0, ready.name,
        NOTHING if confidence is None else confidence, ready.labels, ready.phases,
        NOTHING if ready.valid_from is None else ready.valid_from,
        NOTHING if until is None else until, ready.named, ready.opaque,
    )  # fmt: skip


_NUMBER = "UPDATE indicator_tide SET last = last + ? WHERE id = 1 RETURNING last"
_OBJECT = (
    "INSERT INTO indicator_object (id, source, key, ref, version, kind, marking, said, first, "
    "past, received, revoked, name, confidence, labels, phases, valid_from, valid_until, named, "
    "opaque) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? <> 0, ?, NULLIF(?, {}), ?, ?, "
    "NULLIF(?, {}), NULLIF(?, {}), ?, ?)"
).replace("{}", str(NOTHING))
_RAW = "INSERT INTO indicator_raw (object, raw) VALUES (?, ?)"
_NETWORK = "INSERT INTO indicator_network (key, object) VALUES (?, ?)"
_TAG = "INSERT INTO indicator_tag (key, object) VALUES (?, ?)"
_LINK = "INSERT INTO indicator_link (object, source, kind, start, target) VALUES (?, ?, ?, ?, ?)"
_SIGHTING = (
    "INSERT INTO indicator_sighting (object, source, of, team, times, first, last, place, "
    "marking, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
