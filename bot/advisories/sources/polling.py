"""One reading of one feed of advisories, from the web or from files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from bot.advisories.sources.csaf.reading import read_csaf
from bot.advisories.sources.feed import Feed, Form
from bot.advisories.sources.gathered import READ, Found, Gathered, as_found
from bot.advisories.sources.hashing import check_hash
from bot.advisories.sources.item import Item
from bot.advisories.sources.kev import read_kev
from bot.advisories.sources.listing import read_list
from bot.advisories.sources.refusals import Refusal, Refused
from bot.errors import FeedError
from bot.feeds.fetching import Fetcher, Validators, Way
from bot.feeds.problems import Problem
from bot.feeds.standing import Remembered

_LARGEST = 50_000_000
"""Bytes of a catalogue or an RSS feed."""
_MOST_FILES = 10_000
_HTML = (b"<!doctype html", b"<html", b"<head")


async def gather(feed: Feed, way: Way, remembered: Remembered) -> Gathered:
    """What is new in a feed. Raises FeedError; then nothing is to be remembered."""
    if feed.path is not None:
        return await asyncio.to_thread(_from_files, feed.form, feed.path, remembered)
    async with Fetcher(feed, way) as fetcher:
        if feed.form == "csaf":
            from bot.advisories.sources.provider import Provider  # noqa: PLC0415  see below

            return await Provider(fetcher, feed, remembered).read()
        asked = Validators(remembered.etag, remembered.modified)
        fetched = await fetcher.get(feed.url, validators=asked, most=_LARGEST)
        with fetched.file as file:
            if fetched.unchanged:
                return Gathered(remembered, listed=remembered.tail)
            content = file.read()
    found = await asyncio.to_thread(_read, feed.form, content)
    told = fetched.validators
    kept = Remembered(told.etag, told.modified, READ, tail=len(found))
    return Gathered(kept, found, len(found))


def _read(form: Form, content: bytes) -> list[Found]:
    """A catalogue or an RSS feed. Raises FeedError for what is none, or is empty."""
    if form == "kev" and content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML):
        raise FeedError(Problem.WEB_PAGE)
    try:
        read: Iterable[Item | Refused]
        if form == "kev":
            read = read_kev(content)
        else:  # its library takes memory, and most have no such feed
            from bot.advisories.sources.rss import read_rss  # noqa: PLC0415

            read = read_rss(content)
        found = [as_found("", each) for each in read]
    except Refused:
        raise FeedError(Problem.UNREADABLE) from None
    if form == "kev" and not any(each.item for each in found):
        raise FeedError(Problem.UNREADABLE)
    once = {each.place: each for each in reversed(found)}
    return list(once.values())[::-1]


def _from_files(form: Form, path: Path, remembered: Remembered) -> Gathered:
    """A file, or each of a folder and those below it; only what is other than before."""
    try:
        paths = sorted(_files(path)) if path.is_dir() else [path]
        seen: dict[str, str] = {}
        found: list[Found] = []
        for each in paths[:_MOST_FILES]:
            name = each.name if each == path else str(each.relative_to(path))
            stat = each.stat()
            printed = f"{stat.st_size} {stat.st_mtime_ns}"
            old = remembered.events.get(name, "")
            if old.startswith(f"{printed} "):
                seen[name] = old
                continue
            with each.open("rb") as file:
                content = file.read(_LARGEST)
            seen[name] = f"{printed} {blake2b(content, digest_size=16).hexdigest()}"
            if seen[name].rpartition(" ")[2] != old.rpartition(" ")[2]:
                found += _of_file(form, name, content, _hashes(each))
    except OSError:
        raise FeedError(Problem.MISSING) from None
    if not paths:
        raise FeedError(Problem.MISSING)
    return Gathered(Remembered(cursor=READ, events=seen), found, len(seen))


def _files(folder: Path) -> list[Path]:
    found = (each for each in folder.rglob("*") if not each.name.startswith("."))
    return [each for each in found if each.is_file()]


def _hashes(file: Path) -> list[bytes]:
    """The files of hashes beside a document."""
    beside = [file.with_name(file.name + ending) for ending in (".sha512", ".sha256")]
    return [each.read_bytes()[:4096] for each in beside if each.is_file()]


def _of_file(form: Form, name: str, content: bytes, hashes: Iterable[bytes]) -> list[Found]:
    if form != "csaf":
        return _read(form, content)
    if not name.endswith(".json"):  # hashes and signatures lie beside documents
        return []
    try:
        for each in hashes:
            check_hash(content, each)
        return [as_found(name, read_csaf(content))]
    except Refused as error:
        listed = error.reason is Refusal.UNREADABLE and _is_list(content)
        return [] if listed else [as_found(name, error)]


def _is_list(content: bytes) -> bool:
    """Whether a file is a provider's metadata or feed, which lie among its documents."""
    try:
        return read_list(content) is not None
    except FeedError:
        return False
