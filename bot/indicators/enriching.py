"""Asking a third party about a value: over HTTPS, for JSON, through the guard that feeds have.

    GET https://api.example.org/v1/{type}/{value}
    200 {"summary": "…", "details": {"…": "…"}}

Without `{value}` in its address the value is added as `?type=…&value=…`. 404: it knows nothing.
Whoever answers learns which value somebody asks about, and nothing else: neither who, nor where.
No redirect is followed, for it would tell somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec

from bot.errors import FeedError
from bot.feeds.fetching import Fetcher, Way
from bot.feeds.origin import Secrets
from bot.feeds.problems import Problem
from bot.indicators.feeds.source import Source
from bot.indicators.observable import Observable
from bot.sharing.marking import Label

SECONDS = 10.0
"""How long it may take to answer;"""
LARGEST = 1_000_000
"""the bytes of an answer that are read;"""
_FACTS, _NAME, _TEXT = 8, 40, 300
"""what is told of it: so many facts, characters of a fact's name, of a fact."""
_NO_SECRETS = Secrets()
_NOTHING = frozenset({Problem.MISSING})
_STATUS = frozenset(
    {Problem.MISSING, Problem.REFUSED, Problem.NOT_ACCEPTABLE, Problem.THROTTLED, Problem.FAILING}
)
"""What says that somebody answers there, whatever it is."""


@dataclass(frozen=True, slots=True)
class Enricher:
    """`[enrichers.NAME]`. `ceiling`: how strictly what it is told may be marked at most."""

    name: str
    url: str
    ceiling: Label = Label.CLEAR
    secrets: Secrets = _NO_SECRETS
    ca_file: str | None = None
    internal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What it says: a line, and facts by their names; nothing, where it knows nothing."""

    summary: str = ""
    facts: tuple[tuple[str, str], ...] = ()


async def enquire(enricher: Enricher, value: Observable, way: Way) -> Told:
    """What it says of a value. Raises FeedError."""
    address = address_of(enricher.url, value)
    try:
        async with Fetcher(_source(enricher, address), _bounded(way)) as fetcher:
            fetched = await fetcher.get(address, accept="application/json")
            with fetched.file as file:
                return told(file.read(LARGEST))
    except FeedError as error:
        if error.reason in _NOTHING:
            return Told()
        raise


async def try_out(enricher: Enricher, way: Way) -> None:
    """Whether anybody answers at its address, told of no value. Raises FeedError."""
    parts = urlsplit(enricher.url)
    bare = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
    try:
        async with Fetcher(_source(enricher, bare), _bounded(way)) as fetcher:
            (await fetcher.get(bare)).file.close()
    except FeedError as error:
        if error.reason not in {*_STATUS, Problem.REDIRECTS, Problem.TOO_LARGE}:
            raise


def address_of(url: str, value: Observable) -> str:
    """Where a value is asked about: nothing in the value can lead elsewhere."""
    said = {"{type}": quote(value.kind, safe=""), "{value}": quote(value.value, safe="")}
    if "{value}" not in url:
        url += ("&" if urlsplit(url).query else "?") + "type={type}&value={value}"
    for place, text in said.items():
        url = url.replace(place, text)
    return url


def told(content: bytes) -> Told:
    """What an answer says. Raises FeedError for what is no JSON object."""
    try:
        found = msgspec.json.decode(content) if content.strip() else {}
    except (msgspec.DecodeError, RecursionError):
        raise FeedError(Problem.UNREADABLE) from None
    if not isinstance(found, dict):
        raise FeedError(Problem.UNREADABLE)
    details = found.get("details")
    facts = details if isinstance(details, dict) else found
    kept = [each for each in _facts(facts) if each[0] != "summary"]
    return Told(_line(found.get("summary"), _TEXT), tuple(kept[:_FACTS]))


def _facts(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        parts = value if isinstance(value, list) else [value]
        said = [_line(each, _TEXT) for each in parts[:_FACTS]]
        text = ", ".join(filter(None, said))
        if text:
            yield _line(name, _NAME), text[:_TEXT]


def _line(value: object, longest: int) -> str:
    """A word, a number, a yes or no as one line; nothing of what is more."""
    if not isinstance(value, str | int | float):
        return ""
    text = " ".join(str(value).split())
    shown = "".join(each for each in text if each.isprintable())
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def _source(enricher: Enricher, address: str) -> Source:
    return Source(
        enricher.name, "text", url=address, secrets=enricher.secrets, ca_file=enricher.ca_file,
        internal=enricher.internal,
    )  # fmt: skip


def _bounded(way: Way) -> Way:
    return replace(way, total=SECONDS, idle=SECONDS, most=LARGEST, redirects=0)
