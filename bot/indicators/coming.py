"""What comes of a source, with its keys, and what of it is not in the store as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from bot.indicators.keys import digest, ref_key
from bot.indicators.raw import Asking
from bot.indicators.ready import Ready, ready
from bot.indicators.things import Item, Rejected, Unread


class Coming(Struct, frozen=True, gc=False):
    """An item with its keys: those are made before the store is held for it."""

    key: int
    digest: int
    item: Item


def coming(items: Iterable[Item]) -> list[Coming]:
    """The items with their keys."""
    return [_keyed(item) for item in items]


def _keyed(item: Item) -> Coming:
    own, ref = digest(item.raw), item.id
    if ref:
        return Coming(ref_key(ref), own, item)
    return Coming(own, own, item.read() if isinstance(item, Unread) else item)


def sift(
    asking: Asking, source: int, salted: int, batch: Sequence[Coming], moved: Collection[int]
) -> list[Coming]:
    """Those that are not in the store as they are; `salted`: see `bot.indicators.sources.salt`.
    What comes twice among them, or is not in the store as it last came (`moved`), is none of these.
    """
    keys = [each.key for each in batch]
    digests: dict[int, int] = dict(asking.each(_DIGESTS, keys, source))
    twice = {key for key, times in Counter(keys).items() if times > 1} if _repeats(keys) else set()
    return [
        each
        for each in batch
        if (found := digests.get(each.key)) is None
        or (found != each.digest ^ salted and found != each.digest)
        or isinstance(each.item, Rejected)
        or each.key in twice
        or each.key in moved
    ]


def ready_all(batch: Iterable[Coming | Ready]) -> list[Ready]:
    """They, read where they were not, and ready to be taken in: outside of a transaction."""
    return [each if isinstance(each, Ready) else _ready(each) for each in batch]


def _ready(each: Coming) -> Ready:
    """With a key of what it turned out to be, should its id be another."""
    item = each.item.read() if isinstance(each.item, Unread) else each.item
    return ready(item, None if item.id else each.key, each.digest)


def _repeats(keys: Sequence[int]) -> bool:
    return len(set(keys)) < len(keys)


_DIGESTS = "SELECT key, digest FROM indicator_identity WHERE key IN ({}) AND source = ?"
