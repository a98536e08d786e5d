"""MISP feeds: a manifest that says what has changed, and a file for each event."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import BytesIO
from os import SEEK_END
from typing import IO

import msgspec

from bot.errors import FeedError
from bot.feeds.fetching import Fetcher
from bot.feeds.problems import Problem
from bot.indicators.feeds.misp_events import UUID, look_into
from bot.indicators.feeds.misp_file import held_of, members, opened, pass_over

MOST = 500
"""Events of one poll; the others come with the next."""
_MANIFEST = "manifest.json"
INDEXES = frozenset({_MANIFEST, "hashes.csv"})
"""What lies in a feed's folder and is no event."""
_LARGEST = 50_000_000
"""Bytes of a manifest,"""
LISTED = 200_000
"""and the events that it lists: what is known of each is remembered."""
TOGETHER = 1_000_000_000
"""Bytes of the events of one poll, before the one that is one too many."""
_TRIED = "!"


class _Entry(msgspec.Struct):
    timestamp: int | str = 0


_entry = msgspec.json.Decoder(_Entry, strict=False).decode

Known = Mapping[str, str]
"""Of each event that was taken over: its timestamp; of one that could not be read, with a mark."""


def read_manifest(stream: IO[bytes]) -> dict[str, str]:
    """Each event's timestamp. Names that are no uuids are left out, as each becomes a path. Raises
    FeedError.
    """
    window, found = opened(stream), dict[str, str]()
    for name in members(window):
        window.kept = window.at
        pass_over(window)
        entry = held_of(window)
        if not UUID(name):
            continue
        try:
            found[name.lower()] = str(_entry(entry).timestamp)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            raise FeedError(Problem.UNREADABLE) from None
        if len(found) > LISTED:
            raise FeedError(Problem.TOO_LARGE)
    return found


async def manifest(fetcher: Fetcher, url: str) -> dict[str, str]:
    """What the feed at `url` (its folder, or its manifest) says it has. Raises FeedError."""
    fetched = await fetcher.get(f"{base(url)}{_MANIFEST}", most=_LARGEST)
    with fetched.file as file:
        return await asyncio.to_thread(read_manifest, file)


@dataclass(slots=True)
class Gathered:
    """What has changed, fetched: files to be closed; what to remember; whether anything is news."""

    files: list[IO[bytes]] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    is_news: bool = False

    @property
    def is_any_good(self) -> bool:
        """Whether any event of the feed, now or before, could be read."""
        return any(not stamp.endswith(_TRIED) for stamp in self.known.values())


async def gather(
    fetcher: Fetcher, url: str, listed: Known, known: Known, stack: AsyncExitStack
) -> Gathered:
    """Fetch the events that have changed, as many as come together. One that cannot be read is
    given once, to be set aside, and fetched again with each poll. Raises FeedError.
    """
    found = Gathered(known={name: stamp for name, stamp in known.items() if name in listed})
    room = TOGETHER
    for name in changed(listed, known):
        if room < 0:
            break
        file = await event(fetcher, url, name)
        is_good = True
        if file is not None:
            stack.callback(file.close)
            room -= file.seek(0, SEEK_END)
            is_good = await asyncio.to_thread(look_into, file)
        found.known[name] = listed[name] if is_good else _tried(listed[name])
        if is_good or not _was_tried(listed, known, name):
            found.is_news = True
            found.files += [] if file is None else [file]
    return found


def changed(listed: Known, known: Known) -> list[str]:
    """The events to fetch, the oldest first: what is interrupted goes on from there. Those that
    could not be read stand in no other's way.
    """

    def place(name: str) -> tuple[bool, int, str, str]:
        return _was_tried(listed, known, name), len(listed[name]), listed[name], name

    return sorted((n for n, stamp in listed.items() if known.get(n) != stamp), key=place)[:MOST]


def _tried(stamp: str) -> str:
    return stamp + _TRIED


def _was_tried(listed: Known, known: Known, name: str) -> bool:
    """Whether an event, as it is listed, was fetched before and could not be read."""
    return known.get(name) == _tried(listed[name])


async def event(fetcher: Fetcher, url: str, name: str) -> IO[bytes] | None:
    """An event's file, to be closed; None for one that is listed and is not there."""
    try:
        fetched = await fetcher.get(f"{base(url)}{name}.json")
    except FeedError as error:
        if error.reason in {Problem.TOO_LARGE, Problem.BOMB}:
            return BytesIO()  # which is no event either
        if error.reason != Problem.MISSING:
            raise
        return None
    return fetched.file


def base(url: str) -> str:
    """The folder of a feed."""
    return url.removesuffix(_MANIFEST).rstrip("/") + "/"
