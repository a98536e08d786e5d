"""One reading of one feed of advisories, from the web or from files."""

from __future__ import annotations

import asyncio

from bot.advisories.sources.catalogue import LARGEST, read_catalogue
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.folder import from_files
from bot.advisories.sources.gathered import READ, Gathered
from bot.feeds.fetching import Fetcher, Validators, Way
from bot.feeds.standing import Remembered


async def gather(feed: Feed, way: Way, remembered: Remembered) -> Gathered:
    """What is new in a feed. Raises FeedError; then nothing is to be remembered."""
    if feed.path is not None:
        return await asyncio.to_thread(from_files, feed.form, feed.path, remembered)
    async with Fetcher(feed, way) as fetcher:
        if feed.form == "csaf":
            # what checks signatures takes memory, and most have no such feed
            from bot.advisories.sources.provider import Provider  # noqa: PLC0415

            return await Provider(fetcher, feed, remembered).read()
        asked = Validators(remembered.etag, remembered.modified)
        fetched = await fetcher.get(feed.url, validators=asked, most=LARGEST)
        with fetched.file as file:
            if fetched.unchanged:
                return Gathered(remembered, listed=remembered.tail)
            content = file.read()
    found = await asyncio.to_thread(read_catalogue, feed.form, content)
    told = fetched.validators
    kept = Remembered(told.etag, told.modified, READ, tail=len(found))
    return Gathered(kept, found, len(found), there=frozenset(each.place for each in found))
