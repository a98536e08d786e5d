"""What the store has of some ids, before more is taken in under them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.indicators.adding import Fresh, Old
from bot.indicators.raw import Asking
from bot.indicators.ready import Ready


class Known(NamedTuple):
    """What is known of an id: its row, None where it was withdrawn."""

    object: int | None
    digest: int
    version: int | None

    def is_as(self, each: Ready, salted: int) -> bool:
        """By its bytes, under the same default; what was taken in by older versions has no salt."""
        return self.digest in (each.digest ^ salted, each.digest)


class Standing(NamedTuple):
    """What there is under these ids: of the source, and the rows of what comes otherwise now."""

    known: dict[int, Known]
    olds: dict[int, Old]
    others: set[int]
    """Ids under which other sources say something."""


def standing(asking: Asking, number: int, batch: Sequence[Ready], salted: int) -> Standing:
    """What there is before these come; `number`: the source's own."""
    known, others = dict[int, Known](), set[int]()
    for key, source, *rest in asking.each(_IDENTITIES, [each.key for each in batch]):
        if source == number:
            known[key] = Known(*rest)
        else:
            others.add(key)
    changed = [
        found.object
        for each in (batch if known else ())
        if (found := known.get(each.key)) is not None
        and found.object is not None
        and (each.reason or not found.is_as(each, salted))
    ]
    olds = {key: Old(*rest) for key, *rest in asking.each(_OLDS, changed)}
    return Standing(known, olds, others)


def is_another_spelling(each: Ready, marking: int, before: Fresh | Old) -> bool:
    """Whether something that calls itself the same version is the same, in other bytes."""
    return bool(each.version) and not each.revoked and marking == before.given


_IDENTITIES = (
    "SELECT key, source, object, digest, version FROM indicator_identity WHERE key IN ({})"
)
_OLDS = (
    "SELECT key, id, version, revoked, first, marking, kind, named, COALESCE(given, marking), "
    "labels, confidence, valid_until, past, name FROM indicator_object WHERE id IN ({})"
)
