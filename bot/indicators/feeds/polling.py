"""One poll of one source: fetched whole and looked at, before anything of it is taken over.

A poll brings items to import, and what to remember so that the next brings only what is new. Where
it raises, nothing is to be remembered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from bot.errors import FeedError
from bot.feeds.fetching import Fetcher, Validators, Way
from bot.feeds.problems import Problem
from bot.feeds.standing import Remembered
from bot.indicators.feeds import misp
from bot.indicators.feeds.contents import Held, Items, count, look_at, reading
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.taxii import Taxii

_MOST_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Poll:
    """What came. `items` may be asked for several times, and is None where nothing has changed;
    `count`: how many things they are.
    """

    remembered: Remembered
    items: Items | None = None
    count: int = 0
    rejected: int = 0
    again: int | None = None
    """Where only what was added comes: how many of them came with the last poll too."""
    listed: int | None = None
    """Where only what has changed comes: how much there is as a whole."""
    proven: bool = False
    """Whether some of what it has is known to be what it should be, whatever comes now."""
    finished: bool = True
    """Whether there is no more to come at once (a part of a MISP feed)."""

    def total(self, before: int) -> int:
        """How much the source has as a whole; `before`: after the last poll."""
        if self.items is None:
            return before
        if self.listed is not None:
            return self.listed
        return self.count if self.again is None else before + max(0, self.count - self.again)


@asynccontextmanager
async def poll(
    source: Source,
    way: Way,
    remembered: Remembered,
    now: datetime,
    held: Held | None = None,
) -> AsyncIterator[Poll]:
    """What a source has to say; its files are gone on leaving. Raises FeedError."""
    async with AsyncExitStack() as stack:
        if source.path is not None:
            found = _from_files(source, source.path, remembered, now, held, stack)
        else:
            fetcher = await stack.enter_async_context(Fetcher(source, way))
            found = await _fetched(source, fetcher, way, remembered, now, held, stack)
        yield await _counted(found)


async def _fetched(
    source: Source,
    fetcher: Fetcher,
    way: Way,
    remembered: Remembered,
    now: datetime,
    held: Held | None,
    stack: AsyncExitStack,
) -> Poll:
    match source.form:
        case "taxii":
            file, turning = await Taxii(fetcher, source, way).poll(remembered.cursor)
            stack.callback(file.close)
            kept = Remembered(cursor=turning.cursor, tail=turning.tail)
            return Poll(kept, reading(source, [file], now, held), again=remembered.tail)
        case "misp":
            return await _misp(source, fetcher, remembered, now, stack)
        case _:
            asked = Validators(remembered.etag, remembered.modified)
            fetched = await fetcher.get(source.url, validators=asked)
            stack.callback(fetched.file.close)
            if fetched.unchanged:
                return Poll(remembered)
            look_at(fetched.file, fetched.mimetype)
            told = fetched.validators
            kept = Remembered(told.etag, told.modified)
            return Poll(kept, reading(source, [fetched.file], now, held))


async def _misp(
    source: Source,
    fetcher: Fetcher,
    remembered: Remembered,
    now: datetime,
    stack: AsyncExitStack,
) -> Poll:
    listed = await misp.manifest(fetcher, source.url)
    found = await misp.gather(fetcher, source.url, listed, remembered.events, stack)
    kept = Remembered(events=found.known)
    if not found.is_news and len(listed) >= len(remembered.events):
        return Poll(kept)
    return Poll(
        kept,
        reading(source, found.files, now),
        finished=len(found.known) == len(listed),
        listed=len(listed),
        proven=found.is_any_good,
    )


def _from_files(
    source: Source,
    path: Path,
    remembered: Remembered,
    now: datetime,
    held: Held | None,
    stack: AsyncExitStack,
) -> Poll:
    """A file, or each of a folder, if any of it has changed: by name, size and time, or where only
    the time is another, by what is in it.
    """
    try:
        paths = sorted(path.iterdir()) if path.is_dir() else [path]
        paths = [each for each in paths if _is_meant(source, each.name) and each.is_file()]
        seen = {each.name: _print(each, remembered.events) for each in paths[:_MOST_FILES]}
        if not path.exists() or not paths:
            raise FeedError(Problem.MISSING)
        if {n: _content(p) for n, p in seen.items()} == {
            n: _content(p) for n, p in remembered.events.items()
        }:
            return Poll(Remembered(events=seen))
        files = [stack.enter_context(each.open("rb")) for each in paths[:_MOST_FILES]]
    except OSError:
        raise FeedError(Problem.MISSING) from None
    return Poll(Remembered(events=seen), reading(source, list(files), now, held))


def _is_meant(source: Source, name: str) -> bool:
    """Whether a file of a folder is one of the source's: MISP's folders have indexes beside."""
    return not (name.startswith(".") or (source.form == "misp" and name in misp.INDEXES))


def _print(path: Path, known: dict[str, str]) -> str:
    """Size, time and a hash of what is in it; read only where size or time are others."""
    stat = path.stat()
    outside = f"{stat.st_size} {stat.st_mtime_ns}"
    old = known.get(path.name, "")
    if old.startswith(f"{outside} "):
        return old
    inside = blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            inside.update(piece)
    return f"{outside} {inside.hexdigest()}"


def _content(printed: str) -> str:
    return printed.rpartition(" ")[2]


async def _counted(found: Poll) -> Poll:
    """With the number of things and of what was set aside: the file is read once for it, in a
    thread. Raises FeedError for one that is nothing of what it should be.
    """
    if found.items is None:
        return found
    if found.listed == 0:
        return found
    things, rejected, is_one_good = await asyncio.to_thread(count, found.items)
    if rejected and not (is_one_good or found.proven):
        raise FeedError(Problem.UNREADABLE)
    return replace(found, count=things, rejected=rejected)
