"""Events whose key has not come: kept, asked for again, told of, and read late."""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec
import structlog

from bot.platforms.matrix.crypto.book import Book, HeldEvent
from bot.platforms.matrix.crypto.keystore import Keystore
from bot.platforms.matrix.crypto.mailbox import Asked
from bot.platforms.matrix.crypto.ring import Closed, Opened, Ring
from bot.platforms.matrix.envelope import RoomEvent, decode

log = structlog.get_logger()

PATIENCE = 60.0
"""Seconds that a key may take before the other rooms are told that something is missing."""
KEPT = 7 * 86_400.0
"""Seconds for which a key is waited for."""
_MOST = 1_000
"""Events that wait at a time: an attacker can send any number of them."""

LINE, SILENT = "line", "silent"


@dataclass(frozen=True, slots=True)
class Late:
    """An event that waited. `opened` is None where its key is still missing, and the other rooms
    are to be told so; `told`: they were told before.
    """

    room: str
    event: RoomEvent
    opened: Opened | None
    told: bool


class Waiting:
    """What waits for its key, in the order in which it came."""

    def __init__(self, keystore: Keystore, ring: Ring) -> None:
        self._keystore = keystore
        self._ring = ring
        self._held: list[HeldEvent] | None = None
        self._came: set[tuple[str, str]] = set()
        self._gone: list[int] = []
        self._told: dict[int, str] = {}

    async def hold(self, room: str, event: RoomEvent, closed: Closed) -> bool:
        """Keep an event until its key comes; False where there are too many."""
        held = await self._all()
        if len(held) >= _MOST:
            log.warning("events.too_many_wait")
            return False
        raw = msgspec.json.encode(event)
        name, sender = str(event.event_id), str(event.sender)
        added = await self._keystore.run(
            lambda book: book.hold(name, room, closed.session, sender, closed.peer, raw)
        )
        if added is not None:
            held.append(added)
        return True

    def came(self, room: str, session: str) -> None:
        """A key has come."""
        self._came.add((room, session))

    async def asked(self) -> dict[tuple[str, str], Asked]:
        """The sessions that are waited for, and by whom they were made."""
        found: dict[tuple[str, str], Asked] = {}
        for held in await self._all():
            found.setdefault((held.room, held.session), Asked(held.sender, held.peer))
        return found

    async def due(self) -> float:
        """Seconds until there is something to tell, infinite where there is not."""
        since = [held.since for held in await self._all() if not held.told]
        return max(0.0, min(since) + PATIENCE - time.time()) if since else float("inf")

    async def settle(self) -> None:
        """What `late` gave has been committed: it is forgotten, or known to have been told."""
        gone, told = self._gone, self._told
        if not gone and not told:
            return

        def work(book: Book) -> list[HeldEvent]:
            for number, how in told.items():
                book.note_told(number, how)
            book.let_go(gone)
            return book.held()

        self._held = await self._keystore.run(work)
        self._gone, self._told = [], {}

    async def late(self) -> list[Late]:
        """What can be read now, and what is missing for too long; to be followed by `settle`."""
        held = await self._all()
        came, self._came = self._came, set()
        found: list[Late] = []
        gaps = {(each.room, each.session) for each in held if each.told == LINE}
        for each in held:
            gap = (each.room, each.session)
            if gap in came and await self._is_settled(each, found):
                continue
            if not each.told and time.time() - each.since >= PATIENCE:
                self._told[each.number] = SILENT if gap in gaps else LINE
                event = None if gap in gaps else await self._event(each)
                if event is not None:
                    found.append(Late(each.room, event, None, told=False))
                gaps.add(gap)
        return found

    async def _is_settled(self, held: HeldEvent, found: list[Late]) -> bool:
        """Whether an event waits no more, now that a key has come; if it is read, it is found."""
        event = await self._event(held)
        read = None if event is None else await self._ring.read(held.room, event)
        if isinstance(read, Closed) and read.session:
            return False
        self._gone.append(held.number)
        if event is not None and isinstance(read, Opened):
            found.append(Late(held.room, event, read, held.told == LINE))
        return True

    async def _event(self, held: HeldEvent) -> RoomEvent | None:
        return decode(await self._keystore.run(lambda book: book.held_raw(held.number)))

    async def _all(self) -> list[HeldEvent]:
        if self._held is None:
            held = await self._keystore.run(_swept)
            if self._held is None:
                self._held = held
            # what came while we were not there to read it, or was read and not committed
            self._came |= {(held.room, held.session) for held in self._held}
        return self._held


def _swept(book: Book) -> list[HeldEvent]:
    book.sweep(held=KEPT)
    return book.held()
