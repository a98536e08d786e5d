"""What came of a source, in files: read as what it should be, counted, and told from a web page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from bot.errors import FeedError
from bot.feeds.problems import Problem
from bot.indicators.feeds.misp_events import read_event
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.tables import read_csv
from bot.indicators.feeds.texts import read_text
from bot.indicators.observables import normal
from bot.indicators.stix.pieces import Stretch
from bot.indicators.stix.reading import read_bundle, unread_bundle
from bot.indicators.things import Item, Rejected, Thing, Unread

Items = Callable[[], Iterator[Item | Stretch]]
"""Reads what came, each time from its beginning."""
_HTML = (b"<!doctype html", b"<html", b"<head")


@dataclass(frozen=True, slots=True)
class Held:
    """What the store has of a source: stretches of files of which all is in it (see
    `bot.indicators.stretches`), and whether a marking is a statement that it defined before.
    """

    stretches: Mapping[bytes, int] = field(default_factory=dict)
    has_defined: Callable[[str], bool] | None = None


def reading(
    source: Source, files: list[IO[bytes]], now: datetime, held: Held | None = None
) -> Items:
    """Reads the files, each from its beginning."""
    of_it = held or Held()

    def items() -> Iterator[Item | Stretch]:
        for file in files:
            file.seek(0)
            match source.form:
                case "csv":
                    yield from read_csv(file, source, now)
                case "text":
                    yield from read_text(file, source, now)
                case "misp":
                    yield from _event(file)
                case "stix":
                    yield from unread_bundle(file, normal, of_it.stretches, of_it.has_defined)
                case _:
                    yield from read_bundle(file, normal, before=of_it.has_defined)

    return items


def _event(file: IO[bytes]) -> Iterator[Item]:
    """An event, set aside if it is none: there are others beside it."""
    try:
        yield from read_event(file)
    except FeedError as error:
        yield Rejected(error.reason)


def count(items: Items) -> tuple[int, int, bool]:
    """How many things they are, how many were set aside, and whether any is what it should be. Of
    what is not read yet only as much is read as shows that.
    """
    things = rejected = 0
    is_one_good = False
    for each in items():
        if isinstance(each, Stretch):
            things += each.objects if each.is_known else 0
            is_one_good |= each.is_known
            continue
        found: Item = each
        if isinstance(each, Unread) and not (is_one_good and each.id):
            found = each.read()
        is_one_good |= isinstance(found, Thing)
        if isinstance(found, Rejected):
            rejected += 1
        else:
            things += 1
    return things, rejected, is_one_good


def look_at(file: IO[bytes], mimetype: str) -> None:
    """Raises FeedError for a web page, whatever it says that it is."""
    head = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    file.seek(0)
    if mimetype in {"text/html", "application/xhtml+xml"} or head.startswith(_HTML):
        raise FeedError(Problem.WEB_PAGE)
