"""MISP feeds: a manifest that says what has changed, and a file for each event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO

import msgspec

from bot.errors import FeedError
from bot.feeds.fetching import Fetcher
from bot.feeds.problems import Problem
from bot.indicators.feeds.misp_events import UUID

MOST = 500
"""Events of one poll; the others come with the next."""
_MANIFEST = "manifest.json"
_LARGEST = 200_000_000
"""Bytes of a manifest or event: they are read as a whole."""


class _Entry(msgspec.Struct):
    timestamp: int | str = 0


_manifest = msgspec.json.Decoder(dict[str, _Entry], strict=False).decode

Known = Mapping[str, str]
"""Of each event that was taken over: its timestamp."""


def read_manifest(stream: IO[bytes]) -> dict[str, str]:
    """Each event's timestamp. Names that are no uuids are left out, as each becomes a path."""
    try:
        found = _manifest(stream.read())
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise FeedError(Problem.UNREADABLE) from None
    return {name.lower(): str(entry.timestamp) for name, entry in found.items() if UUID(name)}


async def manifest(fetcher: Fetcher, url: str) -> dict[str, str]:
    """What the feed at `url` (its folder, or its manifest) says it has. Raises FeedError."""
    fetched = await fetcher.get(f"{base(url)}{_MANIFEST}", most=_LARGEST)
    with fetched.file as file:
        return read_manifest(file)


def changed(listed: Known, known: Known) -> list[str]:
    """The events to fetch, the oldest first: what is interrupted goes on from there."""
    found = [name for name, stamp in listed.items() if known.get(name) != stamp]
    return sorted(found, key=lambda name: (len(listed[name]), listed[name], name))[:MOST]


async def event(fetcher: Fetcher, url: str, name: str) -> IO[bytes] | None:
    """An event's file, to be closed; None for one that is listed and is not there."""
    try:
        fetched = await fetcher.get(f"{base(url)}{name}.json", most=_LARGEST)
    except FeedError as error:
        if error.reason != Problem.MISSING:
            raise
        return None
    return fetched.file


def base(url: str) -> str:
    """The folder of a feed."""
    return url.removesuffix(_MANIFEST).rstrip("/") + "/"
