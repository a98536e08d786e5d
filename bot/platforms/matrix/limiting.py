"""How much of what was missed is handed out: the newest of it, as far as `catch_up` reaches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.events import LeftOut, RoomId
from bot.platforms.base import CatchUp
from bot.platforms.matrix.envelope import RoomEvent, as_object, decode
from bot.platforms.matrix.feed import Past

COUNTED = 20
"""Pages beyond the limit that are read for no more than to count what is left out."""
_LARGEST = 2**53
"""What JSON of Matrix can hold (appendix “Canonical JSON”)."""
_SAID = frozenset({"m.room.message", "m.room.encrypted", "m.sticker", "m.poll.start"})


@dataclass(slots=True)
class Tally:
    """Takes what was missed page by page, the newest first, until the limit is reached."""

    me: str
    most: int
    oldest: float
    now: float
    """Milliseconds, as `origin_server_ts`."""
    full: bool = False
    more: bool = False
    """Not all that is left out was counted."""
    _count: int = 0
    _left: list[float] = field(default_factory=list)

    @classmethod
    def within(cls, limit: CatchUp, me: str) -> Tally:
        """A tally of now."""
        now = datetime.now(UTC).timestamp()
        return cls(me, limit.messages, (now - limit.age.total_seconds()) * 1000, now * 1000)

    def first_of(self, page: Sequence[RoomEvent | None]) -> int:
        """Where in a page (the oldest first) that begins which is handed out; its length where
        nothing is.
        """
        first = len(page)
        for index, moment in reversed(list(enumerate(_moments(page, self.now)))):
            said = self._is_said(page[index])
            beyond = moment < self.oldest or (said and self._count == self.most)
            self.full = self.full or beyond
            if not self.full:
                first, self._count = index, self._count + said
            elif said:
                self._left.append(moment)
        return first

    def left_out(self, room: RoomId, since: str) -> LeftOut | None:
        """What is told of it, None where nothing was left out; `since`: where the gap begins."""
        if not self._left:
            return None
        first = datetime.fromtimestamp(min(self._left) / 1000, UTC)
        last = datetime.fromtimestamp(max(self._left) / 1000, UTC)
        return LeftOut(room, f"after {since}", len(self._left), first, last, self.more)

    def _is_said(self, event: RoomEvent | None) -> bool:
        if event is None or event.type not in _SAID or event.sender == self.me:
            return False
        relation = as_object(as_object(event.content).get("m.relates_to"))
        return relation.get("rel_type") != "m.replace"


async def beginning(
    back: Callable[[str], Awaitable[Past]], tally: Tally, since: str, until: str, entry: str | None
) -> tuple[str | None, str | None]:
    """Where in a gap that begins which is handed out: a position, and the event that is the first
    (None: all that follows); no position where nothing is.

    `back` gives the page before a position, not beyond `since`; `entry` is the event with which
    the bot came in, before which nothing is its business.
    """
    position, beyond = until, 0
    found: tuple[str | None, str | None] = (None, None)
    while True:
        page = (await back(position)).page
        events = [decode(raw) for raw in reversed(page.chunk)]
        ids = [None if event is None else event.event_id for event in events]
        came = entry is not None and entry in ids
        first = tally.first_of(events[ids.index(entry) :] if came else events)
        first += ids.index(entry) if came else 0
        before = None if came else page.next_after(position)
        named = [found for found in ids[first:] if isinstance(found, str)]
        if named:
            found = page.end or since, named[0]
        beyond += tally.full
        if before is None or beyond > COUNTED:
            tally.more = before is not None
            return found if tally.full else (since, entry)
        position = before


def _moments(page: Sequence[RoomEvent | None], now: float) -> list[float]:
    """When each was said, at the latest: what comes after something of a time is no older,
    whatever its sender's clock said.
    """
    found: list[float] = []
    latest: float | None = None
    for event in page:
        told = None if event is None else event.origin_server_ts
        if isinstance(told, int) and told >= 0:
            latest = min(max(latest or 0.0, float(min(told, _LARGEST))), now)
        found.append(now if latest is None else latest)
    return found
