"""Reading a provider of CSAF: its lists first, then the documents that are new or were changed.

Whatever the address leads to is followed: metadata, a ROLIE feed, a directory, a document, or a
site that keeps its metadata where they are looked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b

from pysequoia import Cert
from yarl import URL

from bot.advisories.sources import listing, proving
from bot.advisories.sources.csaf.reading import LARGEST, read_csaf
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.gathered import FIRST, READ, Found, Gathered, as_found
from bot.advisories.sources.hashing import check_hash
from bot.advisories.sources.listing import Entry, Metadata, RolieFeed
from bot.advisories.sources.refusals import Refusal, Refused
from bot.errors import FeedError
from bot.feeds.fetching import Fetched, Fetcher, Validators
from bot.feeds.problems import Problem
from bot.feeds.standing import Remembered
from bot.feeds.timing import SOON
from bot.sharing.marking import Label

AT_ONCE = 2500
"""Documents of one reading; the others come with the next."""
_TOGETHER = 4
_LISTS = 50
"""Feeds, pages and directories of one provider."""
_LIST_SIZE = 100_000_000
_BIG = 256 * 1024
"""Bytes of a document that is read beside, so that nothing waits for it."""
_ALONE = frozenset(
    {
        Problem.MISSING, Problem.REFUSED, Problem.TOO_LARGE, Problem.PRIVATE, Problem.ADDRESS,
        Problem.INSECURE, Problem.REDIRECTS, Problem.BOMB, Problem.UNREADABLE, Problem.WEB_PAGE,
    }
)  # fmt: skip
"""Troubles of one document, which say nothing of the others."""
_PAUSE = timedelta(minutes=1)
_MARK = "="
"""Before the address of a list, among what is remembered of documents."""


class Provider:
    """One reading of a provider."""

    def __init__(self, fetcher: Fetcher, feed: Feed, remembered: Remembered) -> None:
        self._fetcher = fetcher
        self._feed = feed
        self._known = remembered.events
        self._cursor = remembered.cursor
        self._lists: dict[str, str] = {}
        self._entries: list[Entry] = []
        self._unchanged = False
        self._keys: list[listing.Key] = []
        self._certs: list[Cert] | None = None
        self._beside: dict[str, str] = {}
        """Of each directory: which kind of hash it keeps, "" for none."""
        self._found: list[Found] = []
        self._stamps: dict[str, str] = {}

    async def read(self) -> Gathered:
        """What is new. Raises FeedError where not even its lists can be read, or nothing of it."""
        await self._look(self._feed.url)
        entries = listing.newest_first(self._entries)
        new = [each for each in entries if self._known.get(each.address, None) != each.stamp]
        wait = SOON if len(new) > AT_ONCE else None
        trouble = await self._fetch(new[:AT_ONCE])
        if trouble is not None:
            if not self._found:
                raise trouble
            wait = max(_PAUSE, timedelta(seconds=trouble.retry_after or 0))
        kept = self._kept(entries) | self._stamps
        unread = wait is not None
        cursor = FIRST if unread and self._cursor != READ else READ
        # while something is unread its lists are read again, so that it is found again
        lists = {} if unread else self._lists
        remembered = Remembered(cursor=cursor, events=kept | lists)
        whole = not unread and not self._unchanged
        there = frozenset(each.address for each in entries) if whole else None
        return Gathered(remembered, self._found, len(kept), wait, there)

    def _kept(self, entries: Iterable[Entry]) -> dict[str, str]:
        """What is remembered of documents that are still listed; of all where a list is as it was,
        and so was not read.
        """
        listed = {each.address for each in entries}
        return {
            address: stamp
            for address, stamp in self._known.items()
            if not address.startswith(_MARK) and (self._unchanged or address in listed)
        }

    async def _look(self, address: str) -> None:
        """Whatever is there."""
        if address.endswith("/") and await self._directory(address, None):
            return
        fetched = await self._list(address, well_known=True)
        if fetched is None:
            return
        content = _content(fetched)
        read = listing.read_list(content)
        if isinstance(read, Metadata):
            await self._metadata(read, fetched.address)
        elif isinstance(read, RolieFeed):
            await self._rolie(read, fetched.address, None)
        else:
            stamp = f"{fetched.validators.etag}{fetched.validators.modified}"
            printed = blake2b(content, digest_size=16).hexdigest()
            self._entries.append(Entry(fetched.address, stamp or printed))

    async def _list(self, address: str, *, well_known: bool = False) -> Fetched | None:
        """A list, None where it is as it was; `well_known`: where a site says nothing of it,
        look where metadata are kept.
        """
        etag, _, modified = self._known.get(_MARK + address, "").partition("\n")
        fetched: Fetched | None = None
        try:
            fetched = await self._fetcher.get(
                address, validators=Validators(etag, modified), most=_LIST_SIZE
            )
        except FeedError as error:
            if not well_known or error.reason != Problem.MISSING:
                raise
        page = fetched is not None and "html" in fetched.mimetype
        if (fetched is None or page) and well_known:
            if fetched is not None:
                fetched.file.close()
            return await self._list(str(URL(address).origin()) + listing.WELL_KNOWN)
        if fetched is None or page:
            raise FeedError(Problem.WEB_PAGE)
        if fetched.unchanged:
            fetched.file.close()
            self._unchanged = True
            self._lists[_MARK + address] = self._known[_MARK + address]
            return None
        return self._noted(address, fetched)

    def _noted(self, address: str, fetched: Fetched) -> Fetched:
        """A ROLIE feed or directory that is as it was brings nothing; metadata lead to others, and
        are read each time.
        """
        told = fetched.validators
        if (told.etag or told.modified) and not address.endswith("metadata.json"):
            self._lists[_MARK + address] = f"{told.etag}\n{told.modified}"
        return fetched

    async def _metadata(self, read: Metadata, base: str) -> None:
        self._keys = read.public_openpgp_keys[:20]
        self._lists.pop(_MARK + self._feed.url, None)
        lists = [
            (listing.joined(base, feed.url), listing.labelled(feed.tlp_label))
            for each in read.distributions
            if each.rolie is not None
            for feed in each.rolie.feeds
        ]
        for address, label in lists[:_LISTS]:
            fetched = await self._list(address)
            if fetched is not None:
                feed = listing.read_list(_content(fetched))
                if not isinstance(feed, RolieFeed):
                    raise FeedError(Problem.UNREADABLE)
                await self._rolie(feed, fetched.address, label)
        if not lists:
            await self._folders(read, base)

    async def _folders(self, read: Metadata, base: str) -> None:
        """The directories, where there is no feed that says the same."""
        for each in read.distributions[:_LISTS]:
            folder, label = each.directory_url, None
            if each.directory is not None:
                folder, label = each.directory.url, listing.labelled(each.directory.tlp_label)
            address = listing.joined(base, folder)
            if address and not await self._directory(address.rstrip("/") + "/", label):
                raise FeedError(Problem.MISSING)

    async def _rolie(self, feed: RolieFeed, address: str, label: Label | None) -> None:
        for _ in range(_LISTS):
            self._entries.extend(listing.entries_of(feed, address, label))
            address = listing.following(feed, address)
            if not address:
                return
            content = _content(await self._fetcher.get(address, most=_LIST_SIZE))
            read = listing.read_list(content)
            if not isinstance(read, RolieFeed):
                raise FeedError(Problem.UNREADABLE)
            feed = read
        raise FeedError(Problem.ENDLESS)

    async def _directory(self, folder: str, label: Label | None) -> bool:
        """The documents of a directory; False where it is none."""
        texts: dict[str, str] = {}
        there = False
        for name in (listing.CHANGES, listing.INDEX):
            try:
                fetched = await self._list(folder + name)
            except FeedError as error:
                if error.reason not in {Problem.MISSING, Problem.WEB_PAGE}:
                    raise
                continue
            there = True
            if fetched is not None:
                texts[name] = _content(fetched).decode("utf-8", "replace")
        changes = listing.read_changes(texts.get(listing.CHANGES, ""))
        index = listing.read_index(texts.get(listing.INDEX, ""))
        for each in listing.directory_entries(folder, changes, index, label):
            # what only the index names is what it was: nothing says that it has changed
            stamp = each.stamp or self._known.get(each.address, "")
            self._entries.append(replace(each, stamp=stamp))
        self._beside.setdefault(folder, ".sha512")
        return there

    async def _fetch(self, entries: list[Entry]) -> FeedError | None:
        """The documents, a few at once; what ended it, where something did."""
        waiting = iter(entries)
        troubles: list[FeedError] = []

        async def work() -> None:
            for entry in waiting:
                if troubles:
                    return
                try:
                    found = await self._document(entry)
                except FeedError as error:
                    troubles.append(error)
                    return
                self._found.append(found)
                if found.refusal is not Refusal.UNFETCHED:
                    self._stamps[entry.address] = entry.stamp

        await asyncio.gather(*(work() for _ in range(_TOGETHER)))
        return troubles[0] if troubles else None

    async def _document(self, entry: Entry) -> Found:
        """One document. Raises FeedError for what is wrong with all of them."""
        try:
            content = _content(await self._fetcher.get(entry.address, most=LARGEST))
            await self._prove(entry, content)
            if len(content) > _BIG:
                item = await asyncio.to_thread(read_csaf, content, entry.label)
            else:
                item = read_csaf(content, entry.label)
        except Refused as error:
            return as_found(entry.address, error)
        except FeedError as error:
            if error.reason not in _ALONE:
                raise
            large = error.reason == Problem.TOO_LARGE
            refusal = Refusal.TOO_LARGE if large else Refusal.UNFETCHED
            return Found(entry.address, None, refusal)
        return as_found(entry.address, item)

    async def _prove(self, entry: Entry, content: bytes) -> None:
        """Raise Refused where a hash or signature that is given is of something else."""
        async for told in self._hashes(entry):
            check_hash(content, told)
        signature = entry.signature
        if not signature and not entry.hash and self._keys:
            signature = f"{entry.address}.asc"
        if not signature or not self._keys:
            return
        made = await self._beside_it(signature, demanded=bool(entry.signature))
        if made is not None:
            proving.check_signature(content, made, await self._certificates())

    async def _hashes(self, entry: Entry) -> AsyncIterator[bytes]:
        if entry.hash:
            told = await self._beside_it(entry.hash, demanded=True)
            if told is not None:
                yield told
            return
        folder = next((each for each in self._beside if entry.address.startswith(each)), None)
        if folder is None or not self._beside[folder]:
            return
        for ending in dict.fromkeys((self._beside[folder], ".sha256")):
            told = await self._beside_it(entry.address + ending, demanded=False)
            if told is not None:
                self._beside[folder] = ending
                yield told
                return
        self._beside[folder] = ""  # it keeps none

    async def _beside_it(self, address: str, *, demanded: bool) -> bytes | None:
        """A hash or signature; None where there is none and it was not promised."""
        try:
            return _content(await self._fetcher.get(address, most=proving.LARGEST))
        except FeedError as error:
            if error.reason == Problem.MISSING and not demanded:
                return None
            raise

    async def _certificates(self) -> list[Cert]:
        if self._certs is None:
            found = []
            for key in self._keys:
                try:
                    content = _content(await self._fetcher.get(key.url, most=proving.LARGEST))
                except FeedError:  # another of its keys may do
                    continue
                cert = proving.read_key(content, key.fingerprint)
                if cert is not None:
                    found.append(cert)
            self._certs = found
        return self._certs


def _content(fetched: Fetched) -> bytes:
    with fetched.file as file:
        return file.read()
