"""Turning the pages of a TAXII collection: what to ask next, and when to stop. Pure.

TAXII 2.1, 3.4 and 3.5. Servers differ in whether `added_after` includes its moment, in whether
they give `next`, and for how long that holds; some say `more` for ever. So what came before is
dropped by its id and version, a page of nothing but such is the last, and a poll begins one page
before where the one before it ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from bot.errors import FeedError
from bot.indicators.feeds.problems import Problem

LIMIT = 1000
"""Objects of a page that we ask for; servers give fewer."""
MOST = 20_000
"""Pages of one poll."""
_EMPTY = 50
"""Empty pages with another to follow that are put up with."""
_FIRST, _LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"


class Page(msgspec.Struct):
    """A TAXII envelope, its objects not yet read."""

    more: bool = False
    next: str | None = None
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
    _known: set[bytes] = field(default_factory=set)
    _empty: int = 0
    _taken: int = 0
    _latest: str = ""
    """The last moment of the page that was taken before, verbatim."""

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
        self._after = self._latest or self._after
        return True

    def take(self, page: Page, headers: Mapping[str, str]) -> list[msgspec.Raw]:
        """What is new of a page. Raises FeedError where pages repeat or do not end."""
        self.pages += 1
        if self.pages > MOST:
            raise FeedError(Problem.ENDLESS)
        new = [raw for raw in page.objects if self._is_new(raw)]
        self._taken += len(new)
        last = headers.get(_LAST) or headers.get(_FIRST) or ""
        if not page.more:
            self._end(len(new))
        elif not page.objects and not page.next:
            self._end(0)  # nothing more is there, whatever it says
        elif not page.objects and self._empty < _EMPTY:
            self._empty += 1  # all of it was filtered away
            self._next = page.next
        elif not new:
            self._repeated()
        else:
            self._turn(page.next, last)
        return new

    def _turn(self, following: str | None, last: str) -> None:
        if not following:
            if not last or last == self._after:
                raise FeedError(Problem.REPEATS)
            self._after = last
        self._next = following or None
        self._latest = last or self._latest

    def _end(self, new: int) -> None:
        self.done = True
        self.tail = new if self._latest else self._taken
        self.cursor = self._latest or self.cursor

    def _repeated(self) -> None:
        """A page of nothing new, and more to come: once with larger pages, for many objects may
        have been added at one moment.
        """
        if self._next is not None or self.limit > LIMIT:
            raise FeedError(Problem.REPEATS)
        self.limit = LIMIT * 20

    def _is_new(self, raw: msgspec.Raw) -> bool:
        try:
            named = _named(raw)
            key = f"{named.id}\n{named.modified or named.created or ''}".encode()
        except (msgspec.MsgspecError, RecursionError):
            named, key = Named(), b""
        digest = blake2b(key if named.id else bytes(raw), digest_size=12).digest()
        if digest in self._known:
            return False
        self._known.add(digest)
        return True
