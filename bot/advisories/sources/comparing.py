"""What a revision changed, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.advisories.showing import severity_words
from bot.advisories.sources.item import Item
from bot.words import Words

_NAMED = 8


def compact(item: Item) -> Item:
    """What is kept of an item to compare the next revision with."""
    return Item(
        identity=item.identity, name=item.name, title=item.title, severity=item.severity,
        label=item.label, cves=item.cves, vendors=item.vendors, products=item.products,
        sectors=item.sectors, ransomware=item.ransomware, version=item.version,
        references=item.references[:1], updated=item.updated, withdrawn=item.withdrawn,
    )  # fmt: skip


def is_changed(before: Item, after: Item) -> bool:
    """Whether there is anything to be told: a date alone is nothing."""
    old, new = compact(before), compact(after)
    return any(
        getattr(old, each) != getattr(new, each)
        for each in (
            "title", "severity", "label", "cves", "products", "ransomware", "version", "withdrawn",
        )
    )  # fmt: skip


def changes(before: Item, after: Item, words: Words) -> list[str]:
    """What is different, a line each; what the author says of it last."""
    return list(_changes(before, after, words))


def _changes(before: Item, after: Item, words: Words) -> Iterator[str]:
    if after.withdrawn and not before.withdrawn:
        yield words("Its publisher has withdrawn it.")
    if after.ransomware and not before.ransomware:
        yield words("Ransomware is known to use it now.")
    if before.severity != after.severity and after.severity is not None:
        was = "—" if before.severity is None else severity_words(before.severity, words)
        yield words("Severity: {old} → {new}", old=was, new=severity_words(after.severity, words))
    if before.title != after.title:
        yield words("Title: {title}", title=after.title)
    yield from _listed(words("CVE"), before.cves, after.cves)
    yield from _listed(words("Products"), before.products, after.products)
    if before.version != after.version and before.version and not before.identity.startswith("rss"):
        yield words("Version: {old} → {new}", old=before.version, new=after.version)
    yield from after.changed


def _listed(what: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    for sign, these, those in (("+", after, before), ("-", before, after)):
        other = set(those)
        found = [each for each in these if each not in other]
        if found:
            more = f" … {len(found) - _NAMED}" if len(found) > _NAMED else ""
            yield f"{what} {sign} {', '.join(found[:_NAMED])}{more}"
