"""Turning the pages of a TAXII collection: what to ask next, and when to stop. Pure.

TAXII 2.1, 3.4 and 3.5. Servers differ in whether `added_after` includes its moment, in whether
they give `next`, and for how long that holds; some say `more` for ever, and thousands of objects
may have been added at one moment. So what came before is dropped by its id and version, a poll
begins one page before where the one before it ended, and whoever goes on by the moment asks from
just before it: what else was added at it would be left out by a server that excludes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from bot.errors import FeedError
from bot.feeds.problems import Problem

LIMIT = 1000
"""Objects of a page that we ask for; servers give fewer."""
MOST = 20_000
"""Pages of one poll."""
_KNOWN = 250_000
"""Objects of a poll that are known when they come again: what comes again later than that is found
to be stored already."""
_IDLE = 50
"""Pages of nothing new, with another to follow, that are put up with in a row."""
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)", re.ASCII
)
_FIRST, _LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"


class Page(msgspec.Struct):
    """A TAXII envelope, its objects not yet read."""

    more: bool = False
    next: str | int | None = None
    objects: list[msgspec.Raw] = []


class Named(msgspec.Struct):
    """What tells an object from its other versions."""

    id: str = ""
    modified: str | None = None
    created: str | None = None
    date_added: str | None = None


_page = msgspec.json.Decoder(Page).decode
_named = msgspec.json.Decoder(Named, strict=False).decode


def read_page(content: bytes) -> Page:
    """Raises FeedError for what is no envelope. An empty answer is an empty page."""
    try:
        return _page(content) if content.strip() else Page()
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise FeedError(Problem.UNREADABLE) from None


@dataclass(slots=True)
class Turning:
    """Where one poll of a collection stands. `cursor`: from where the next poll begins."""

    cursor: str = ""
    limit: int = LIMIT
    pages: int = 0
    done: bool = False
    tail: int = 0
    """How many objects the next poll gets again: those behind `cursor`."""
    _after: str = field(init=False)
    _next: str | None = None
    _known: dict[bytes, None] = field(default_factory=dict)
    _taken: int = 0
    _idle: int = 0
    _largest: int = 0
    """Objects of the largest page until now."""
    _turned: list[tuple[str, int]] = field(default_factory=list)
    """Of the last two pages that had something new: their last moments, verbatim, and how much had
    been taken by then."""

    def __post_init__(self) -> None:
        self._after = self.cursor

    def question(self) -> dict[str, str]:
        """The parameters of the request for the next page: with `next` the same filters."""
        asked = {"limit": str(self.limit)}
        if self._after:
            asked["added_after"] = self._after
        if self._next is not None:
            asked["next"] = self._next
        return asked

    def forget_next(self) -> bool:
        """`next` was refused: go on by the moment, which holds for ever. False: there is nothing to
        forget.
        """
        if self._next is None:
            return False
        self._next = None
        if self._idle:
            self._enlarge()
        else:
            self._after = just_before(self._last) or self._after
        return True

    def take(self, page: Page, headers: Mapping[str, str]) -> list[msgspec.Raw]:
        """What is new of a page. Raises FeedError where pages repeat or do not end."""
        self.pages += 1
        if self.pages > MOST:
            raise FeedError(Problem.ENDLESS)
        new = [raw for raw in page.objects if self._is_new(raw)]
        following = None if page.next in {None, ""} else str(page.next)
        last = headers.get(_LAST) or headers.get(_FIRST) or ""
        self._idle = 0 if new else self._idle + 1
        if not page.more or not (page.objects or following):  # nothing more, whatever it says
            self._end(len(new))
        elif following is not None:
            self._follow(following)
        else:
            self._next = None
            self._step(len(page.objects), last)
        if new:
            self._turned = [*self._turned[-1:], (last, self._taken)]
        self._largest = max(self._largest, len(page.objects))
        return new

    @property
    def _last(self) -> str:
        """The last moment of the last page that had something new."""
        return self._turned[-1][0] if self._turned else ""

    def _follow(self, following: str) -> None:
        if self._idle and (following == self._next or self._idle > _IDLE):
            raise FeedError(Problem.REPEATS)
        self._next = following

    def _step(self, size: int, last: str) -> None:
        """Go on by the moment: from just before the last one, until nothing new comes from there;
        then from that moment itself, unless more may have been added at it than a page holds.
        """
        if not self._idle and last and just_before(last) != self._after:
            self._after = just_before(last)
        elif not self._idle or size >= self._largest:
            self._enlarge()
        elif self._after != last:
            self._after = last
        else:
            self._end(0)

    def _enlarge(self) -> None:
        """More was added at one moment than a page holds: once with larger pages."""
        if self.limit > LIMIT:
            raise FeedError(Problem.CROWDED)
        self.limit = LIMIT * 20

    def _end(self, new: int) -> None:
        """The next poll begins behind the last page but one that had something new."""
        self.done = True
        kept = self._turned if new else self._turned[:-1]
        moment, taken = kept[-1] if kept else ("", 0)
        self.tail = self._taken - (taken if moment else 0)
        self.cursor = moment or self.cursor

    def _is_new(self, raw: msgspec.Raw) -> bool:
        try:
            named = _named(raw)
            key = f"{named.id}\n{named.modified or named.created or ''}".encode()
        except (msgspec.MsgspecError, RecursionError):
            named, key = Named(), b""
        digest = blake2b(key if named.id else bytes(raw), digest_size=12).digest()
        if digest in self._known:
            return False
        if len(self._known) >= _KNOWN:
            del self._known[next(iter(self._known))]
        self._known[digest] = None
        self._taken += 1
        return True


def just_before(moment: str) -> str:
    """A moment one less in its last digit; itself where it cannot be read."""
    found = _MOMENT.fullmatch(moment)
    if found is None:
        return moment
    second, digits, zone = found.groups(default="")
    unit = 10 ** len(digits)
    try:
        at = datetime.fromisoformat(second)
        if not int(digits or 0):
            at -= timedelta(seconds=1)
    except (ValueError, OverflowError):
        return moment
    fraction = f".{(int(digits) - 1) % unit:0{len(digits)}d}" if digits else ""
    return f"{at.isoformat()}{fraction}{zone}"
