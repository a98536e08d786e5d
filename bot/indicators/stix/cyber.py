"""Cyber observables: what an object that *is* a value says, and what it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.indicators.stix.hashes import OF_ONE_FILE
from bot.indicators.stix.patterns.kinds import Normal, kinds_of, read_value
from bot.indicators.things import Said

_VALUES = {
    "ipv4-addr": "value",
    "ipv6-addr": "value",
    "domain-name": "value",
    "url": "value",
    "email-addr": "value",
    "mac-addr": "value",
    "autonomous-system": "number",
    "mutex": "name",
    "windows-registry-key": "key",
    "file": "name",
    "directory": "path",
    "process": "name",
    "cryptocurrency-wallet": "value",
}
TYPES = frozenset(_VALUES) | {
    "artifact", "email-message", "network-traffic", "software", "user-account", "x509-certificate"
}  # fmt: skip
MOST = 10_000
"""Values of one object that are read."""
_IMPHASH = ("extensions", "windows-pebinary-ext", "imphash")


def said_by(of: Mapping[str, Any], normal: Normal, file: int = 1) -> Iterator[Said | None]:
    """What a cyber observable says; None for each value that is none of its kind.

    `file` is the number that its hashes get if it is a file.
    """
    type_ = str(of.get("type"))
    if type_ in _VALUES:
        yield from _said(type_, (_VALUES[type_],), of.get(_VALUES[type_]), normal)
    hashes = of.get("hashes")
    for name, value in hashes.items() if isinstance(hashes, dict) else ():
        for each in _said(type_, ("hashes", name), value, normal):
            own = type_ == "file" and each is not None and each.observable.kind in OF_ONE_FILE
            yield each._replace(file=file) if own and each is not None else each
    if type_ == "file":
        yield from _said(type_, _IMPHASH, _inner(of, _IMPHASH), normal)


def observed(of: Mapping[str, Any], normal: Normal) -> Iterator[Said | None]:
    """What an `observed-data` object says whose observables are within it, as in STIX 2.0."""
    objects = of.get("objects")
    within = objects.values() if isinstance(objects, dict) else ()
    for number, each in enumerate(within, 1):
        if isinstance(each, dict):
            yield from said_by(each, normal, number)


def _said(type_: str, steps: tuple[str, ...], value: Any, normal: Normal) -> Iterator[Said | None]:
    kinds = kinds_of(type_, steps)
    if kinds and isinstance(value, str | int) and not isinstance(value, bool):
        found = read_value(kinds, str(value), normal)
        yield None if found is None else Said(found)


def _inner(of: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        of = of.get(step) if isinstance(of, dict) else None
    return of
