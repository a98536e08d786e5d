"""Where a provider of CSAF keeps its documents: its metadata, ROLIE feeds, directories. Pure.

CSAF 2.0 and 2.1, chapter 7. Real lists break the rules (CISA's `changes.csv` is out of order in
425 of 2,379 lines), so every line is read, and the latest date of a file counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from yarl import URL

from bot.advisories.sources.csaf.marked import label_named
from bot.errors import FeedError
from bot.feeds.problems import Problem
from bot.sharing.marking import Label

WELL_KNOWN = "/.well-known/csaf/provider-metadata.json"
INDEX, CHANGES = "index.txt", "changes.csv"
MOST = 50_000
"""Documents of one list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document that is listed. `stamp`: when it was last changed, "" where that is not said;
    `hash`, `signature`: where these are, "" where none is named.
    """

    address: str
    stamp: str = ""
    hash: str = ""
    signature: str = ""
    label: Label | None = None
    """Of the list."""


class Rolie(msgspec.Struct):
    """A feed as metadata name it."""

    url: str = ""
    tlp_label: str = ""


class Feeds(msgspec.Struct):
    """`/distributions[]/rolie`"""

    feeds: list[Rolie] = []


class Folder(msgspec.Struct):
    """`/distributions[]/directory` (2.1)"""

    url: str = ""
    tlp_label: str = ""


class Distribution(msgspec.Struct):
    """`/distributions[]`; a `directory_url` is of 2.0."""

    rolie: Feeds | None = None
    directory: Folder | None = None
    directory_url: str = ""


class Key(msgspec.Struct):
    """`/public_openpgp_keys[]`"""

    url: str = ""
    fingerprint: str = ""


class Metadata(msgspec.Struct):
    """`provider-metadata.json`"""

    distributions: list[Distribution]
    public_openpgp_keys: list[Key] = []


class Link(msgspec.Struct):
    """Of an entry."""

    rel: str = ""
    href: str = ""


class Content(msgspec.Struct):
    """Where the document is."""

    src: str = ""


class RolieEntry(msgspec.Struct):
    """`/feed/entry[]`"""

    link: list[Link] = []
    content: Content = msgspec.field(default_factory=Content)
    updated: str = ""


class RolieBody(msgspec.Struct):
    """`/feed`"""

    entry: list[RolieEntry] = []
    link: list[Link] = []


class RolieFeed(msgspec.Struct):
    """A ROLIE feed (RFC 8322) as JSON."""

    feed: RolieBody


class _Kind(msgspec.Struct):
    """By what a file is told from others."""

    distributions: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    feed: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    document: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def read_list(content: bytes) -> Metadata | RolieFeed | None:
    """Metadata, a feed, or None for what is a document itself. Raises FeedError."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        kind = msgspec.json.decode(content, type=_Kind)
        if kind.distributions is not msgspec.UNSET:
            return msgspec.json.decode(content, type=Metadata)
        if kind.feed is not msgspec.UNSET:
            return msgspec.json.decode(content, type=RolieFeed)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise FeedError(Problem.UNREADABLE) from None
    if kind.document is msgspec.UNSET:
        raise FeedError(Problem.UNREADABLE)
    return None


def entries_of(feed: RolieFeed, base: str, label: Label | None) -> Iterator[Entry]:
    """The documents of a ROLIE feed; `base`: its own address."""
    for each in feed.feed.entry[:MOST]:
        links = {link.rel: link.href for link in reversed(each.link) if link.rel != "hash"}
        hashes = [link.href for link in each.link if link.rel == "hash"]
        address = each.content.src or links.get("self", "")
        if address:
            best = next((one for one in hashes if one.endswith(".sha512")), "")
            chosen = best or next(iter(hashes), "")
            yield Entry(
                joined(base, address), each.updated, joined(base, chosen),
                joined(base, links.get("signature", "")), label,
            )  # fmt: skip


def following(feed: RolieFeed, base: str) -> str:
    """The next page of a feed, "" where there is none (RFC 5005)."""
    return joined(base, next((link.href for link in feed.feed.link if link.rel == "next"), ""))


def read_changes(text: str) -> dict[str, str]:
    """Each file of a directory, with the latest date that is said of it."""
    found: dict[str, str] = {}
    for row in csv.reader(text.splitlines()):
        name = row[0].strip() if row else ""
        if not _is_file(name):
            continue
        stamp = row[1].strip() if len(row) > 1 else ""
        if name not in found or _moment(stamp) > _moment(found[name]):
            found[name] = stamp
        if len(found) >= MOST:
            break
    return found


def read_index(text: str) -> list[str]:
    """The files of a directory."""
    names = (line.strip().strip('"') for line in text.splitlines())
    return list(dict.fromkeys(name for name in names if _is_file(name)))[:MOST]


def directory_entries(
    folder: str, changes: dict[str, str], index: list[str], label: Label | None
) -> list[Entry]:
    """The documents of a directory, those that changed last first."""
    every = dict.fromkeys(index, "") | changes
    order = sorted(every, key=lambda name: _moment(every[name]), reverse=True)
    return [Entry(joined(folder, name), every[name], label=label) for name in order]


def newest_first(entries: list[Entry]) -> list[Entry]:
    """Each address once, the last changed first."""
    once = {each.address: each for each in reversed(entries)}
    return sorted(once.values(), key=lambda each: _moment(each.stamp), reverse=True)


def labelled(text: str) -> Label | None:
    """The label of a list."""
    return label_named(text)


def joined(base: str, address: str) -> str:
    """An address from where it was said; "" where it is none."""
    if not address:
        return ""
    try:
        return str(URL(base).join(URL(address)))
    except ValueError:
        return ""


def _is_file(name: str) -> bool:
    return name.endswith(".json") and name.isprintable() and ".." not in name and "//" not in name


def _moment(stamp: str) -> float:
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except (ValueError, OverflowError):
        return 0.0
