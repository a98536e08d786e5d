"""What an audience may see, as STIX and page by page: for those whose own platform reads it.

A page is made of what may be seen alone: neither its length, nor its moments, nor what the next one
is asked for by say anything of the rest. The store's own numbers, which count everything, stay in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from bot.indicators.keys import ref_key
from bot.indicators.named import read_values
from bot.indicators.raw import Asking, Rows
from bot.indicators.sight import Sight
from bot.indicators.stix.markings import TLP, TLP_2
from bot.indicators.stix.patterns.making import pattern_of
from bot.indicators.stix.times import microseconds, timestamp
from bot.sharing.marking import Label, Marking

MOST = 1000
"""Objects of one page."""
_READ = 500
"""Rows that are looked at at once."""
_IDS = {label: each for each, label in TLP_2.items()}
_MADE = ("line--", "misp-attribute--", "team--")
"""What is no STIX as it came, and becomes an indicator here."""
_encode = msgspec.json.Encoder().encode


class _Head(msgspec.Struct):
    type: str = ""
    id: str = ""
    spec_version: str = ""
    modified: str = ""
    created: str = ""
    object_marking_refs: list[str] = []
    granular_markings: list[msgspec.Raw] = []


_head = msgspec.json.Decoder(_Head, strict=False).decode
_whole = msgspec.json.Decoder(dict[str, Any]).decode


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
    for each in _shelved(session, sight, wanted):
        if wanted.fits(each):
            if len(found) == min(wanted.limit, MOST):
                return found, True
            found.append(each)
    return found, False


def _shelved(session: Session, sight: Sight, wanted: Wanted) -> Iterator[Shelved]:
    """All that may be seen from there on."""
    asking = Asking(session)
    moment, _, last = wanted.beyond.partition("-")
    since = int(moment) if moment.isdecimal() else 0
    skipped: list[Shelved] = []
    passed = not last
    for rows in _rows(asking, wanted, since):
        sight.learn(asking, {row[6] for row in rows})
        for each in filter(None, (_object(sight, row) for row in rows)):
            if each.added < since or (wanted.after is not None and each.added <= wanted.after):
                continue
            if passed or each.added > since:
                if not passed:  # what it stood behind is there no more: all of that moment again
                    yield from skipped
                    passed = True
                yield each
            elif each.place == wanted.beyond:
                passed = True
            else:
                skipped.append(each)
    if not passed:
        yield from skipped


def _rows(asking: Asking, wanted: Wanted, since: int) -> Iterator[Rows]:
    """The rows that may be meant, in the order in which they came; by their ids, where those are
    asked for.
    """
    if wanted.ids:
        yield sorted(asking.each(_OF_NUMBERS, _called(asking, wanted.ids)))
        return
    number = _before(asking, max(since, (wanted.after or 0)))
    while rows := asking.rows(_PAGED, (number, _READ)):
        number = rows[-1][0]
        yield rows


def _called(asking: Asking, ids: Iterable[str]) -> list[int]:
    """The objects that leave under these ids, or perhaps do."""
    keys = []
    for each in ids:
        _, dashes, rest = each.partition("--")
        keys += [ref_key(each), *(ref_key(f"{made}{rest}") for made in _MADE if dashes)]
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


def as_stix(row: Sequence[Any], own: Marking) -> bytes | None:
    """An object as STIX: byte for byte if it came so, an indicator made of what came as a row of a
    list, a MISP attribute, or from chat; None for what can be neither.
    """
    ref, kind = row[1], row[2]
    if ref.startswith(_MADE):
        return _made(row, own)
    content = bytes(row[-1])
    if kind.startswith("misp-") or content[:1] != b"{":
        return None
    return content if row[-2] is None else _released(content, own)


def _object(sight: Sight, row: tuple[Any, ...]) -> Shelved | None:
    _, ref, kind, first, received, said, marking, *_ = row
    if not sight.sees(marking, said):
        return None
    own = sight.marked(marking).marking
    if ref.startswith(_MADE):
        content = _made(row, own)
    elif kind.startswith("misp-"):
        content = None
    elif row[-2] is not None:
        content = _released(bytes(row[-1]), own)
    else:
        content = _marked(bytes(row[-1]), own)
    if content is None:
        return None
    head = _head(content)
    version = head.modified or head.created or timestamp(first)
    place = blake2b(f"{head.id} {version}".encode(), digest_size=9).hexdigest()
    return Shelved(
        head.id, head.type, _spec(head), version, received, content, f"{received}-{place}"
    )


def _marked(raw: bytes, own: Marking) -> bytes | None:
    """An object byte for byte, if it bears a marking; with that of its source, if it bears none:
    whoever reads it elsewhere knows nothing of sources. None for what is no object.
    """
    try:
        head = _head(raw)
        if head.object_marking_refs or head.granular_markings or own.label is Label.CLEAR:
            return raw if head.id and head.type else None
        return _encode(_whole(raw) | {"object_marking_refs": [_IDS[_label(own)]]})
    except (msgspec.MsgspecError, RecursionError):
        return None


def _released(raw: bytes, own: Marking) -> bytes | None:
    """An object with the label to which it was released instead of those that it bears. It says
    the same and stays the same version: only who made it makes another (STIX 2.1, 3.6.2).
    """
    try:
        told = _whole(raw)
    except (msgspec.MsgspecError, RecursionError):
        return None
    refs, parts = told.get("object_marking_refs"), told.pop("granular_markings", None)
    kept = [each for each in refs if each not in TLP] if isinstance(refs, list) else []
    told["object_marking_refs"] = [*kept, _IDS[_label(own)]]
    if isinstance(parts, list):
        others = [each for each in parts if isinstance(each, dict) and not _is_label(each)]
        told |= {"granular_markings": others} if others else {}
    return _encode(told)


def _is_label(part: dict[str, Any]) -> bool:
    return part.get("marking_ref") in TLP


def _made(row: Sequence[Any], own: Marking) -> bytes | None:
    """An indicator of what came as a row of a list, a MISP attribute, or from chat."""
    _, ref, _, first, received, _, _, name, confidence, labels, start, end, *rest = row
    revoked, named, *_ = rest
    whole = [each.observable for each in read_values(named) if not each.part]
    pattern = pattern_of(whole[0]) if whole else None
    if pattern is None:
        return None
    told: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{ref.partition('--')[2]}",
        "created": timestamp(first),
        "modified": timestamp(received),
        "name": name or None,
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": timestamp(first if start is None else start),
        "valid_until": None if end is None else timestamp(end),
        "confidence": confidence,
        "labels": msgspec.json.decode(labels) if labels else None,
        "revoked": True if revoked else None,
        "object_marking_refs": [_IDS[_label(own)]],
    }
    return _encode({key: value for key, value in told.items() if value is not None})


def _label(own: Marking) -> Label:
    """TLP cannot say to whom something is releasable: then it stays with who receives it."""
    return max(own.label, Label.AMBER_STRICT) if own.releasable else own.label


def _spec(head: _Head) -> str:
    """Objects of STIX 2.0 bear no version; nor need the observables of 2.1, which have no times."""
    return head.spec_version or ("2.0" if head.created else "2.1")


COLUMNS = (
    "o.id, o.ref, o.kind, o.first, o.received, o.said, o.marking, o.name, o.confidence, "
    "o.labels, o.valid_from, o.valid_until, o.revoked, o.named, o.given, r.raw"
)
"""What `as_stix` reads."""
_WHOLE = f"SELECT {COLUMNS} FROM indicator_object o JOIN indicator_raw r ON r.object = o.id"  # noqa: S608  ours
_PAGED = f"{_WHOLE} WHERE o.id > ? ORDER BY o.id LIMIT ?"
_OF_NUMBERS = f"{_WHOLE} WHERE o.id IN ({{}})"
_OBJECTS = "SELECT object FROM indicator_identity WHERE key IN ({}) AND object IS NOT NULL"
_AT = "SELECT received FROM indicator_object WHERE id >= ? ORDER BY id LIMIT 1"
