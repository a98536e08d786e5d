"""MISP's warning lists as their package has them: read as streams, each entry as its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import ijson  # type: ignore[import-untyped]

from bot.indicators.keys import in_order, network_key
from bot.indicators.observable import Kind
from bot.indicators.raw import chunks
from bot.indicators.warned import entry_key

PACKAGE = "pymispwarninglists"

_ABOUT: dict[str, tuple[Kind, ...]] = {
    "ip-src": (Kind.IPV4, Kind.IPV6, Kind.NETWORK),
    "domain": (Kind.DOMAIN, Kind.URL),
    "hostname": (Kind.DOMAIN, Kind.URL),
    "url": (Kind.URL,),
    "email-src": (Kind.EMAIL,),
    "email-dst": (Kind.EMAIL,),
    "md5": (Kind.MD5,),
    "sha1": (Kind.SHA1,),
    "sha256": (Kind.SHA256,),
    "sha512": (Kind.SHA512,),
    "AS": (Kind.ASN,),
    "btc": (Kind.BITCOIN,),
    "filename": (Kind.FILE_NAME,),
    "vulnerability": (Kind.CVE,),
}
_LIKE = {"ip-dst": "ip-src", "domain|ip": "domain", "uri": "url", "link": "url"}


class Brought(NamedTuple):
    """One list as the package has it; `below`: a domain on it stands for those below it."""

    slug: str
    name: str
    kinds: tuple[str, ...]
    below: bool
    is_networks: bool
    file: Path
    coming: str
    """What its row is called until it is whole: by whom it is brought, for there may be two."""


def lists(most: int | None, own: str) -> Iterator[Brought]:
    """The lists, the shortest first; `most`: bytes of a file; `own`: a word of who brings them."""
    folder = Path(str(resources.files(PACKAGE))) / "data" / "misp-warninglists" / "lists"
    files = sorted((file.stat().st_size, file) for file in folder.glob("*/list.json"))
    for size, file in files:
        found = _head(file.parent.name, file, own) if most is None or size <= most else None
        if found is not None:
            yield found


def keys_of(brought: Brought) -> Iterator[list[int] | list[bytes]]:
    """The keys of a list's entries, many at once and sorted."""
    make = _network if brought.is_networks else _entry
    with brought.file.open("rb") as stream:
        for entries in chunks(ijson.items(stream, "list.item"), _SORTED):
            keys = [key for each in entries if (key := make(str(each))) is not None]
            yield sorted(keys) if brought.is_networks else in_order(keys, int)


def _head(slug: str, file: Path, own: str) -> Brought | None:
    """What a list is; None for one of regular expressions (there are two, of telephone numbers and
    of addresses such as abuse@), which is no list of values.
    """
    head: dict[str, str] = {}
    attributes: list[str] = []
    with file.open("rb") as stream:
        for prefix, event, value in ijson.parse(stream):
            if event == "string" and prefix == "matching_attributes.item":
                attributes.append(value)
            elif event == "string" and not prefix.startswith("list"):
                head[prefix] = value
    kind = head.get("type")
    if kind == "regex":
        return None
    is_below = kind in {"hostname", "substring"}
    name = head.get("name", slug)
    kinds, coming = _kinds(attributes), f"{slug}/{own}"
    return Brought(slug, name, kinds, is_below, kind == "cidr", file, coming)


def _entry(text: str) -> Any:
    return entry_key(text.strip().lstrip("."))


def _network(text: str) -> Any:
    try:
        return network_key(text.strip())
    except ValueError:
        return None


def _kinds(attributes: Iterable[str]) -> tuple[str, ...]:
    """What MISP's types of attributes are here; a list without any is about everything."""
    found: set[str] = set()
    names = list(attributes)
    for name in names:
        for part in (name, *name.split("|")):
            found.update(_ABOUT.get(_LIKE.get(part, part), ()))
        if "ip" in name.split("|"):
            found.update(_ABOUT["ip-src"])
    return tuple(sorted(found)) if names else tuple(Kind)


_SORTED = 100_000
"""Entries that are sorted at once: some 10 MB."""
