"""What comes of a source, with its keys, and what of it is not in the store as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import overload

from msgspec import Struct

from bot.indicators.keys import ref_key
from bot.indicators.raw import Asking
from bot.indicators.stix.pieces import Stretch
from bot.indicators.things import Item, Rejected, Unread


class Coming(Struct, frozen=True, gc=False):
    """An item with its keys: those are made before the store is held for it."""

    key: int
    digest: int
    item: Item


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


_DIGESTS = "SELECT key, digest FROM indicator_identity WHERE key IN ({}) AND source = ?"
