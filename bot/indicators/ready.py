"""Objects as the store takes them: all that can be made of one before the store is held for it.

This is pure, and its own process can do it (`bot.indicators.reader`): nothing here knows a store.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec
from msgspec import Struct

from bot.indicators.keys import digest, network_key, ref_key, tag_key, value_key
from bot.indicators.named import stored_values, values_of
from bot.indicators.observable import Kind
from bot.indicators.things import Link, Rejected, Thing
from bot.sharing.marking import Label, Marking, Releasable

RED = "red"
"""Why something was set aside of which nothing is kept."""
NAME, LABEL, LABELS = 1_000, 200, 200
"""Characters of a name and of a label that are kept to be shown and found, and how many labels: the
bytes of the object have all of it.
"""
_FEW, _SHORT = 8, 400
"""Labels that are remembered as they are kept, and their characters: most objects of a source have
the same."""
_NO_LINKS = frozenset({"created_by"})
"""What nearly every object has, and no answer asks for; it stays in its bytes."""
_encode = msgspec.json.Encoder().encode


class Ready(Struct, array_like=True, gc=False):
    """An object with what its rows hold, as of `Thing`; or, with a `reason`, one that is set aside,
    and then nothing but its id, its version, and such of its bytes as may be kept.
    """

    key: int
    digest: int
    """Of its bytes."""
    id: str
    version: int
    raw: bytes
    reason: str = ""
    kind: str = ""
    label: Label | None = None
    """None: its source's default. Releasable to these:"""
    lists: Releasable = ()
    revoked: bool = False
    name: str = ""
    confidence: int | None = None
    labels: str = ""
    phases: str = ""
    valid_from: int | None = None
    valid_until: int | None = None
    opaque: str = ""
    seen: tuple[int, int, int | None, int | None] | None = None
    """Of what (a key), how often, from when until when."""
    named: str = ""
    statements: tuple[tuple[int, int], ...] = ()
    """Keys of the values that it speaks of, and 1 where that is only a part."""
    networks: tuple[bytes, ...] = ()
    tags: tuple[int, ...] = ()
    links: tuple[tuple[str, int, int], ...] = ()
    """Kind, start, target."""

    @property
    def marking(self) -> Marking | None:
        """How it is marked by itself."""
        return None if self.label is None else Marking(self.label, self.lists)


def ready(item: Thing | Rejected, key: int | None = None, own: int | None = None) -> Ready:
    """An object made ready; `key` and `own`: of its id and bytes, where they are known already."""
    own = digest(item.raw) if own is None else own
    if key is None:
        key = ref_key(item.id) if item.id else own
    if isinstance(item, Rejected):
        return Ready(key, own, item.id, item.version, item.raw, item.reason)
    marking, said = item.marking, item.said
    label = None if marking is None else marking.label
    if label is Label.RED:
        return Ready(key, own, item.id, item.version, b"", RED)
    labels, tags = _labelled(item.labels)
    found = Ready(  # by place: by name it takes twice as long
        key,
        own,
        item.id,
        item.version,
        item.raw,
        "",
        item.kind,
        label,
        () if marking is None else marking.releasable,
        item.revoked,
        _plain(item.name, NAME),
        item.confidence,
        labels,
        _labelled(item.phases)[0],
        item.valid_from,
        item.valid_until,
        item.opaque,
        None if item.seen is None else (ref_key(item.seen.of), *item.seen[1:]),
    )
    if said:
        values = values_of(item)
        found.named = stored_values(item)
        found.statements = tuple([(value_key(each[0]), 1 if each[1] else 0) for each in values])
        found.networks = tuple(
            [network_key(each[0].value) for each in values if each[0].kind is Kind.NETWORK]
        )
        found.tags = tags
    if item.links:
        found.links = tuple([_link(each) for each in item.links if each.kind not in _NO_LINKS])
    return found


def _link(link: Link) -> tuple[str, int, int]:
    return _plain(link.kind, LABEL), ref_key(link.source), ref_key(link.target)


def _labelled(words: tuple[str, ...]) -> tuple[str, tuple[int, ...]]:
    """Labels as they are kept, and what they are found by."""
    if not words:
        return "", ()
    if len(words) <= _FEW and sum(map(len, words)) <= _SHORT:
        return _remembered(words)
    return _kept(words)


def _kept(words: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    texts = [word[:LABEL] for word in words[:LABELS]]
    return _encode(texts).decode(), tuple(set(map(tag_key, texts)))


_remembered = lru_cache(maxsize=2048)(_kept)


def _plain(text: str, longest: int) -> str:
    """A text of a source as it is kept: so long, and without what PostgreSQL takes in no text."""
    return text[:longest].replace("\0", "\ufffd") if len(text) > longest or "\0" in text else text
