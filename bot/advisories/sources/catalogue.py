"""What one answer or file holds that is no CSAF: a catalogue, or an RSS feed."""

from __future__ import annotations

from collections.abc import Iterable

from bot.advisories.sources.feed import Form
from bot.advisories.sources.gathered import Found, as_found
from bot.advisories.sources.item import Item
from bot.advisories.sources.kev import read_kev
from bot.advisories.sources.refusals import Refused
from bot.errors import FeedError
from bot.feeds.problems import Problem

LARGEST = 50_000_000
"""Bytes of one."""
_HTML = (b"<!doctype html", b"<html", b"<head")


def read_catalogue(form: Form, content: bytes) -> list[Found]:
    """What it has, each once. Raises FeedError for what is none, or is empty."""
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
