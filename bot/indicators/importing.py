"""Bulk imports: beside a running bot or in one, in batches, with pauses, again at any time.

A batch is looked at in a reading session first: what comes again unchanged costs the writer
nothing, and whole stretches of a file that came before are passed over. What is interrupted is
simply begun again; all that is in already is passed over.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.indicators.ahead import read_ahead
from bot.indicators.aside import forget_old
from bot.indicators.coming import Coming, coming, ready_all, sift
from bot.indicators.counts import Counts
from bot.indicators.findable import Findable, Window, left
from bot.indicators.pace import ALONE, BESIDE, WITHIN, is_bot_running, write_round
from bot.indicators.raw import Asking
from bot.indicators.reader import Reader
from bot.indicators.ready import RED, Ready
from bot.indicators.sources import MOVED, Source, enter, salt, was_read
from bot.indicators.stix.pieces import Stretch
from bot.indicators.stretches import forget, remember
from bot.indicators.taking import take_deferred
from bot.indicators.things import Item
from bot.store import emptying
from bot.store.database import Database
from bot.store.runners import Work

LOOKED_AT = 4000
"""Items that are compared with the store at once;"""
READ = 1500
"""Items of a new source that are read at once;"""
HELD = 4 << 20
"""or so many bytes of them."""
KEPT_BACK = 100_000
"""Objects that are not found yet, at most: some 12 MB, and a few seconds."""


Looked = Sequence[Coming | Ready]
"""What was looked at together; of a source that is new it is ready at once."""
Clock = Callable[[], datetime]
Progress = Callable[[Counts], None]


class Importing:
    """One reading of one source: the units of work that it takes, in turn; it waits for nothing.
    What objects are found by is kept back for many of them (`bot.indicators.findable`).
    """

    def __init__(self, source: Source, items: Iterable[Item | Stretch], clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._items = items
        self._reader = Reader()
        self._worked = 0
        """Looks that were."""
        self._stretches: list[tuple[Stretch, range]] = []
        """Each with the looks that its objects were in."""
        self._amiss: set[int] = set()
        """Looks in which something was not taken in: it has to be looked at again."""
        self._number = 0
        self.pace = ALONE
        self._holder = secrets.token_hex(8)
        self._window = Window()
        self._is_first = False
        self._salt = 0
        self.counts = Counts()

    def begin(self, session: Session) -> None:
        """Hold the source: whoever imported into it until now finds that out and ends."""
        asking = Asking(session)
        before = asking.rows(_BEFORE, (self._source.by, self._source.name))
        self._number = enter(asking, self._source)
        asking.do(
            "UPDATE indicator_source SET holder = ? WHERE id = ?", (self._holder, self._number)
        )
        ((settled, *defaults),) = asking.rows(_BEGUN, (self._number,))
        self._salt = salt(*defaults)
        old = salt(*before[0]) if before else self._salt
        if old != self._salt:  # each is looked at again, should this be broken off too
            forget(asking, self._number)
        for found in left(asking, self._number, settled, old):
            self._window.keep(found)
        self._is_first = not asking.rows(_HAS, (self._number,))

    def looks(self) -> Iterator[Looked]:
        """The items, a number at a time."""
        if self._is_first:
            return read_ahead(self._gathered(READ), self._reader)
        return map(coming, self._gathered(LOOKED_AT))

    def sift(self, session: Session, batch: Looked) -> Looked:
        """What of them is not in the store as it is; of a source that is new nothing is, and what
        it says twice is found when it is taken in.
        """
        if self._is_first:
            return batch
        comes = [each for each in batch if isinstance(each, Coming)]
        return sift(Asking(session), self._number, self._salt, comes, self._window.keys)

    def works(self, looked: Looked, changed: Looked) -> Iterator[Unit]:
        """What is to be done with what was looked at, and what is new of it."""
        counts, look = self.counts, self._worked
        self._worked += 1
        counts.unchanged += len(looked) - len(changed)
        aside = counts.late + counts.quarantined.total()
        if len(self._window.keys) >= KEPT_BACK:
            yield from self.settle()
        ready, written = ready_all(changed), self.pace.written
        for start in range(0, len(ready), written):
            batch = ready[start : start + written]
            if not self._window.keys.isdisjoint([each.key for each in batch]):
                yield from self.settle()
            yield Unit(_with(self._take, batch), self._taken)
        if counts.late + counts.quarantined.total() > aside:
            self._amiss.add(look)

    def settle(self) -> Iterator[Unit]:
        """Write down what was kept back."""
        window, self._window = self._window, Window()
        for rows in window.rows(self._number, self.pace.settled):
            yield Unit(_with(self._settle, rows))
        yield Unit(self._settled)

    def finish(self, session: Session) -> None:
        """It was read whole."""
        asking = Asking(session)
        red = self.counts.quarantined[RED]
        asking.do(
            "UPDATE indicator_source SET red = ?, holder = NULL WHERE id = ?", (red, self._number)
        )
        if not (self.counts.updated or self.counts.withdrawn):
            whole = [each for each, looks in self._stretches if self._amiss.isdisjoint(looks)]
            remember(asking, self._number, whole)
        forget_old(asking, self._number)
        was_read(asking, self._number, self._clock())

    def close(self) -> None:
        """Nothing more is read, whether it was read whole or not."""
        self._reader.close()

    def _gathered(self, size: int) -> Iterator[list[Item]]:
        """So many at once."""
        batch: list[Item] = []
        look = first = held = 0
        for each in self._items:
            if isinstance(each, Stretch):
                self.counts.unchanged += each.objects if each.is_known else 0
                if not each.is_known:
                    self._stretches.append((each, range(first, look + 1)))
                first = look
                continue
            if len(batch) >= size or held >= HELD:
                yield batch
                look += 1
                batch, held = [], 0
            batch.append(each)
            held += len(each.raw)
        if batch:
            yield batch

    def _take(self, session: Session, batch: list[Ready]) -> tuple[Counts, Findable]:
        asking = self._held(session)
        taken = take_deferred(asking, self._source, self._number, batch, self._clock())
        if taken[0].withdrawn:
            emptying.note(session)
        return taken

    def _taken(self, outcome: tuple[Counts, Findable]) -> None:
        counts, found = outcome
        self.counts.add(counts)
        self._window.keep(found)

    def _settle(self, session: Session, rows: tuple[str, Sequence[tuple[int, ...]]]) -> None:
        self._held(session).do_each(*rows)

    def _settled(self, session: Session) -> None:
        asking = self._held(session)
        asking.do(_SETTLED, (self._number,))
        asking.do(MOVED)

    def _held(self, session: Session) -> Asking:
        asking = Asking(session)
        holder = asking.rows("SELECT holder FROM indicator_source WHERE id = ?", (self._number,))
        if holder[0][0] != self._holder:
            raise UserError("another import into the same source has begun: this one ends")
        return asking


class Unit(NamedTuple):
    """A unit of work, and who is told what came of it once it is committed."""

    work: Work[Any]
    done: Callable[[Any], None] = lambda _outcome: None


def import_now(
    database: Database,
    source: Source,
    items: Iterable[Item | Stretch],
    clock: Clock,
    progress: Progress = lambda _counts: None,
) -> Counts:
    """Import, for those who are in no event loop: another process may be running the bot."""
    importing, pause = Importing(source, items, clock), threading.Event()

    def carry_out(units: Iterable[Unit]) -> None:
        for unit in units:
            unit.done(run(unit.work))
            progress(importing.counts)
            pause.wait(importing.pace.pause)

    def keep_pace() -> None:
        pace = BESIDE if database.read_now(is_bot_running) else ALONE
        if importing.pace is not pace:
            importing.pace = pace
            run(_with(write_round, pace.logged))

    with closing(importing), database.bulk() as run:
        run(_with(write_round, importing.pace.logged))
        keep_pace()
        run(importing.begin)
        carry_out(importing.settle())
        for looked in importing.looks():
            keep_pace()
            changed = database.read_now(_with(importing.sift, looked))
            carry_out(importing.works(looked, changed))
            progress(importing.counts)
        carry_out(importing.settle())
        run(importing.finish)
    return importing.counts


async def import_beside(
    database: Database, source: Source, items: Iterable[Item | Stretch], clock: Clock
) -> Counts:
    """Import within a running bot. Reading `items` goes on in a thread."""
    importing = Importing(source, items, clock)
    importing.pace = WITHIN

    async def carry_out(units: Iterator[Unit]) -> None:
        while (unit := await asyncio.to_thread(next, units, None)) is not None:
            unit.done(await database.run(unit.work))
            await asyncio.sleep(WITHIN.pause)

    with closing(importing):
        await database.run(importing.begin)
        await carry_out(importing.settle())
        looks = importing.looks()
        while (looked := await asyncio.to_thread(next, looks, None)) is not None:
            changed = await database.read(_with(importing.sift, looked))
            await carry_out(importing.works(looked, changed))
        await carry_out(importing.settle())
        await database.run(importing.finish)
    return importing.counts


def failed(session: Session, source: Source, reason: str, now: datetime) -> None:
    """A source could not be read: what it last gave stays, and its age is seen."""
    asking = Asking(session)
    was_read(asking, enter(asking, source), now, reason)


def _with(function: Callable[[Session, Any], Any], value: object) -> Callable[[Session], Any]:
    return lambda session: function(session, value)


_BEFORE = "SELECT marking, confidence, ttl FROM indicator_source WHERE kind = ? AND name = ?"
_BEGUN = "SELECT settled, marking, confidence, ttl FROM indicator_source WHERE id = ?"
_HAS = "SELECT 1 FROM indicator_tally WHERE source = ? LIMIT 1"
_SETTLED = (
    "UPDATE indicator_source SET settled = (SELECT last FROM indicator_tide WHERE id = 1) "
    "WHERE id = ?"
)
