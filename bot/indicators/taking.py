"""Taking in what a source gave: one batch in one transaction.

The newest version of an object holds, and a revocation for ever; both count only from the source
that gave the object. What another source says under the same id is another row. Versions of one id
in a batch are judged one after the other, as in batches of their own, and what holds is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.indicators.adding import LINE, Fresh, Old, add, until_of
from bot.indicators.aside import SET_ASIDE, aside
from bot.indicators.counts import Counts
from bot.indicators.findable import Findable, Identity, write
from bot.indicators.following import remove
from bot.indicators.leaving import MADE
from bot.indicators.raw import Asking
from bot.indicators.ready import RED, Ready
from bot.indicators.sources import MOVED, Source, intern, micro, salt
from bot.indicators.standing import Known, is_another_spelling, standing
from bot.indicators.stretches import forget
from bot.indicators.tallying import tally
from bot.indicators.versions import followed


def take(
    asking: Asking, source: Source, number: int, batch: Sequence[Ready], now: datetime
) -> Counts:
    """Take a batch in; `number`: the source's own."""
    counts, found = take_deferred(asking, source, number, batch, now)
    write(asking, number, found)
    return counts


def take_deferred(
    asking: Asking, source: Source, number: int, batch: Sequence[Ready], now: datetime
) -> tuple[Counts, Findable]:
    """The same, but what it is found by is only given back, to be written down soon."""
    taking = _Batch(asking, source, number, batch, micro(now))
    taking.judge(batch)
    return taking.counts, taking.write()


class _Batch:
    """What becomes of the objects of one transaction."""

    def __init__(
        self, asking: Asking, source: Source, number: int, batch: Sequence[Ready], now: int
    ) -> None:
        self._asking = asking
        self._source = source
        self._number = number
        self._now = now
        self.counts = Counts()
        self._markings: dict[object, int] = {}
        marking = intern(asking, source.marking, source.originator)
        self._salt = salt(marking, source.confidence, source.ttl)
        self._known, self._olds, self._others = standing(asking, number, batch, self._salt)
        self._fresh: dict[int, Fresh] = {}
        self._gone: list[Old] = []
        self._held: dict[int, tuple[int | None, int | None, int | None, int]] = {}
        self._same: dict[int, Identity] = {}
        self._aside: list[tuple[Any, ...]] = []

    def judge(self, batch: Sequence[Ready]) -> None:
        for each in batch:
            if each.reason:
                self._set_aside(each)
            else:
                taken = self._consider(each, self._interned(each))
                self.counts.rival += taken and each.key in self._others

    def _interned(self, each: Ready) -> int:
        own = each.label, each.lists
        found = self._markings.get(own)
        if found is None:
            marking = self._source.marked(each.marking)
            found = intern(self._asking, marking, self._source.originator)
            self._markings[own] = found
        return found

    def _consider(self, each: Ready, marking: int) -> bool:
        """Whether it is taken in."""
        key, counts = each.key, self.counts
        before, known = self._before(key)
        if known is None:
            counts.new += 1
        elif known.object is None:
            if each.version <= (known.version or 0) and each.kind != LINE:
                counts.late += 1
                return False
            counts.new += 1
        elif known.is_as(each, self._salt):
            counts.unchanged += 1
            return False
        elif before is None:
            counts.new += 1
        elif before.revoked or each.version < before.version:
            counts.late += 1
            return False
        elif each.version == before.version and is_another_spelling(each, marking, before):
            self._hold(each, before)
            return False
        else:
            counts.updated += 1
        self._take(each, marking, before)
        return True

    def _before(self, key: int) -> tuple[Fresh | Old | None, Known | None]:
        """What holds of an id until now, in the store or among what is to be written."""
        fresh = self._fresh.get(key)
        if fresh is not None:
            return fresh, Known(0, fresh.digest ^ self._salt, None)
        return self._olds.get(key), self._known.get(key)

    def _take(self, each: Ready, marking: int, before: Fresh | Old | None) -> None:
        self.counts.revoked += each.revoked
        self.counts.opaque += bool(each.opaque)
        confidence = self._source.confidence if each.confidence is None else each.confidence
        old, until = self._instead_of(each.key), self._until(each)
        first = self._now if before is None else before.first
        fresh = Fresh(each, each.digest, marking, old, confidence, until, first)
        if before is not None:
            told = fresh._replace(first=self._now).told
            fresh = fresh._replace(past=followed(before.past, before.told, told))
        self._fresh[each.key] = fresh

    def _instead_of(self, key: int) -> Old | None:
        """The row that goes for one of these ids; what was to be written of it is not."""
        self._same.pop(key, None)
        fresh, old = self._fresh.pop(key, None), self._olds.pop(key, None)
        if old is not None:
            self._gone.append(old)
        return old if fresh is None else fresh.old

    def _hold(self, each: Ready, before: Fresh | Old) -> None:
        """The same version: what it does not say itself is as its source's defaults are now."""
        own = before.confidence if each.confidence is not None else self._source.confidence
        until = before.until if each.valid_until is not None else self._until(each)
        is_as_before = (own, until) == (before.confidence, before.until)
        self.counts.unchanged += is_as_before
        self.counts.updated += not is_as_before
        key, bytes_ = each.key, each.digest
        if isinstance(before, Fresh):
            self._fresh[key] = before._replace(digest=bytes_, confidence=own, until=until)
            return
        self._olds[key] = before._replace(confidence=own, until=until)
        self._known[key] = Known(before.id, bytes_ ^ self._salt, None)
        self._same[key] = (key, before.id, bytes_ ^ self._salt)
        if not is_as_before:
            amended = self._now if each.id.startswith(MADE) else None
            self._held[before.id] = (own, until, amended, before.id)

    def _until(self, each: Ready) -> int | None:
        return until_of(each, self._source.ttl, self._now)

    def _set_aside(self, each: Ready) -> None:
        """Of TLP:RED nothing is kept, and a lower version of it is withdrawn."""
        self.counts.quarantined[each.reason] += 1
        if each.reason != RED:
            self._aside.append(aside(self._number, each, self._now))
            return
        before, _ = self._before(each.key)
        if before is not None and (not each.version or each.version >= before.version):
            self.counts.withdrawn += 1
            version = each.version or before.version
            self._instead_of(each.key)
            self._known[each.key] = Known(None, 0, version)
            self._asking.do(_WITHDRAW, (each.key, self._number, version))

    def write(self) -> Findable:
        """Write it down; what it is found by is given back."""
        asking = self._asking
        if self._gone:
            remove(asking, [(old.id, old.named, old.labels) for old in self._gone])
            forget(asking, self._number)
        fresh, found = self._fresh.values(), Findable([], [])
        if fresh:
            found = add(asking, self._source, self._number, fresh, self._salt, self._now)
        found.identities.extend(self._same.values())
        asking.do_each(_HOLD, list(self._held.values()))
        asking.do_each(SET_ASIDE, self._aside)
        if tally(asking, self._number, fresh, self._gone) or self._aside or self._held:
            asking.do(MOVED)
        return found


_HOLD = "UPDATE indicator_object SET confidence = ?, valid_until = ?, amended = ? WHERE id = ?"
_WITHDRAW = (
    "INSERT INTO indicator_identity (key, source, digest, version) VALUES (?, ?, 0, ?) "
    "ON CONFLICT (key, source) DO UPDATE SET object = excluded.object, digest = excluded.digest, "
    "version = excluded.version"
)
