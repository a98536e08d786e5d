"""A TAXII 2.1 client: finds the collection, turns its pages, spools what is new as a bundle."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from typing import IO, Any

import msgspec
from yarl import URL

from bot.errors import FeedError
from bot.feeds.fetching import Fetched, Fetcher, Way
from bot.feeds.problems import Problem
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.taxii_pages import Turning, read_page

ACCEPT = "application/taxii+json;version=2.1"
_OLD = ("application/vnd.oasis.taxii+json", "version=2.0")
_PAGE = 64_000_000
"""Bytes of a page: it is read as a whole."""
_ABOUT = 2_000_000
"""Bytes of what a server says of itself, which is read into memory whole."""
_MOST_ROOTS = 50


class Taxii:
    """Polls the collection of a source."""

    def __init__(self, fetcher: Fetcher, source: Source, way: Way) -> None:
        self._fetcher = fetcher
        self._source = source
        self._way = way

    async def poll(self, cursor: str) -> tuple[IO[bytes], Turning]:
        """What was added since `cursor`: a bundle, and where the next poll goes on.

        Raises FeedError; then nothing of it is to be taken over.
        """
        objects = await self._objects()
        turning, count = Turning(cursor), 0
        bundle: IO[bytes] = tempfile.TemporaryFile(dir=self._way.folder)  # noqa: SIM115  handed on
        try:
            bundle.write(b'{"type":"bundle","objects":[')
            while not turning.done:
                fetched = await self._page(objects, turning)
                count = await asyncio.to_thread(_add, fetched, turning, bundle, count)
                self._look_at_size(bundle)
            bundle.write(b"]}")
            bundle.seek(0)
        except BaseException:
            bundle.close()
            raise
        return bundle, turning

    def _look_at_size(self, bundle: IO[bytes]) -> None:
        if bundle.tell() > self._way.most:
            raise FeedError(Problem.TOO_LARGE)

    async def _page(self, objects: URL, turning: Turning) -> Fetched:
        try:
            return await self._get(objects.update_query(turning.question()))
        except FeedError as error:
            expired = error.reason in {Problem.FAILING, Problem.MISSING}
            if not (expired and turning.forget_next()):
                raise
            return await self._get(objects.update_query(turning.question()))

    async def _objects(self) -> URL:
        """Where the collection's objects are. Raises FeedError."""
        url = URL(self._source.url)
        parts = [part for part in url.path.split("/") if part]
        if "collections" in parts[-3:-1]:
            collection = parts[: len(parts) - (parts[-1] == "objects")]
            return _below(url.with_path(f"/{'/'.join(collection)}"), "objects")
        told = await self._json(url)
        if isinstance(told.get("api_roots"), list):
            roots = [each for each in told["api_roots"] if isinstance(each, str)][:_MOST_ROOTS]
            default = told.get("default")
            ordered = dict.fromkeys([*([default] if default in roots else []), *roots])
            return await self._in_one_of([url.join(URL(each)) for each in ordered])
        if "versions" in told:
            return await self._in_one_of([url])
        raise FeedError(Problem.UNREADABLE)

    async def _in_one_of(self, roots: list[URL]) -> URL:
        """By id, alias or title; without any, the only one that can be read."""
        found: list[URL] = []
        problem = FeedError(Problem.COLLECTION)
        for root in roots:
            try:
                told = await self._json(_below(root, "collections"))
            except FeedError as error:  # one root that is closed to us hides no other
                problem = error
                continue
            found.extend(
                _below(root, "collections", str(each["id"]), "objects")
                for each in _collections(told)
                if self._is_meant(each)
            )
        if len(found) == 1 or (found and self._source.collection):
            return found[0]
        raise FeedError(Problem.COLLECTION) if found else problem

    def _is_meant(self, collection: dict[str, Any]) -> bool:
        wanted = self._source.collection
        if not wanted:
            return collection.get("can_read") is not False
        names = (collection.get("id"), collection.get("alias"), collection.get("title"))
        return wanted.lower() in {str(name).lower() for name in names if name}

    async def _json(self, url: URL) -> dict[str, Any]:
        fetched = await self._get(url, _ABOUT)
        with fetched.file as file:
            try:
                told = msgspec.json.decode(file.read())
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                raise FeedError(Problem.UNREADABLE) from None
        if not isinstance(told, dict):
            raise FeedError(Problem.UNREADABLE)
        return told

    async def _get(self, url: URL, most: int = _PAGE) -> Fetched:
        try:
            fetched = await self._fetcher.get(str(url), accept=ACCEPT, most=most)
        except FeedError as error:
            if error.reason == Problem.NOT_ACCEPTABLE:
                raise FeedError(Problem.OLD_TAXII) from None
            raise
        kind = fetched.headers.get("Content-Type", "").lower().replace(" ", "")
        problem = None
        if kind.startswith(_OLD[0]) or _OLD[1] in kind:
            problem = Problem.OLD_TAXII
        elif "html" in kind:
            problem = Problem.WEB_PAGE
        elif "json" not in kind:
            problem = Problem.UNREADABLE
        if problem is not None:
            fetched.file.close()
            raise FeedError(problem)
        return fetched


def _add(fetched: Fetched, turning: Turning, bundle: IO[bytes], count: int) -> int:
    """Write what is new of a page behind so many objects; how many it are then. It is done in a
    thread: a page may hold thousands, and nothing else waits for it. Raises FeedError.
    """
    with fetched.file as file:
        for raw in turning.take(read_page(file.read()), fetched.headers):
            bundle.write(b",\n" if count else b"\n")
            bundle.write(raw)
            count += 1
    return count


def _below(url: URL, *parts: str) -> URL:
    """TAXII's addresses end in a slash (2.1, 3.2)."""
    for part in parts:
        url = url / part
    return url.with_path(url.path.rstrip("/") + "/")


def _collections(told: dict[str, Any]) -> Iterable[dict[str, Any]]:
    found = told.get("collections")
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, dict) and each.get("id"))
