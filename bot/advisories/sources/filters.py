"""Which items are meant: by product, vendor, severity, sector, and use by ransomware. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.advisories.sources.item import Item
from bot.times.working import Severity

_WORD = re.compile(r"[^\W_]+(?:\.[0-9]+)*")
UNSAID = Severity.MEDIUM
"""How grave something counts of which nobody says it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted: all that is said has to fit, and of a list one. An empty list wants all."""

    severity: Severity = Severity.LOW
    vendors: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    ransomware: bool = False


def wants(wanted: Filter, item: Item, *, ransomware: bool | None = None) -> bool:
    """Whether an item is wanted; `ransomware`: what other sources know of its CVEs."""
    if not (item.severity or UNSAID).reaches(wanted.severity):
        return False
    if wanted.ransomware and not (item.ransomware or ransomware):
        return False
    if wanted.vendors and not _any_named(wanted.vendors, item.vendors or (_text(item),)):
        return False
    if wanted.sectors and not _any_named(wanted.sectors, item.sectors):
        return False
    return not wanted.products or bool(matched(wanted.products, item))


def matched(names: Iterable[str], item: Item) -> list[str]:
    """Those of these names of products that an item is about: whole words of its products, with
    their vendor or without; of its title and summary where it names no products.
    """
    within = _products(item)
    return [name for name in names if (wanted := _folded(name).strip()) and f" {wanted} " in within]


def lines_of(text: str) -> tuple[str, ...]:
    """What a team runs: a product a line, as `Microsoft Exchange Server`; `#` begins a comment."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def _any_named(wanted: Iterable[str], names: Iterable[str]) -> bool:
    within = " | ".join(map(_folded, names))
    return any(f" {folded} " in within for each in wanted if (folded := _folded(each).strip()))


def _products(item: Item) -> str:
    if not item.products:
        return _folded(_text(item))
    names = list(map(_folded, item.products))
    vendors = list(map(_folded, item.vendors[:3]))
    whole = [vendor.rstrip() + name for vendor in vendors for name in names]
    return "|".join([*names, *whole])


def _text(item: Item) -> str:
    return f"{item.title}\n{item.summary[:4000]}"


def _folded(text: str) -> str:
    """Its words in lower case, each between blanks."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return f" {' '.join(_WORD.findall(plain))} "
