"""Ends contributions that no second team has answered in time, and tells who wanted them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.indicators import people
from bot.store.database import Database
from bot.words import Words
from commands.indicators.saying import shown
from commands.indicators.seconding import tell_contributor
from commands.registry import House

PAUSE = 60.0
"""Seconds between looks: what waits for a week need not end to the second."""


class Lapses:
    """The part that ends them; `look` is called again and again."""

    def __init__(
        self,
        database: Database,
        house: House,
        wake: Callable[[Collection[str]], None],
        words: Words,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._house = house
        self._wake = wake
        self._words = words
        self._clock = clock

    async def look(self) -> None:
        """End what has had its time."""
        now = self._clock()
        if await self._database.read(lambda session: bool(people.lapsed(session, now))):
            self._wake(await self._database.run(lambda session: self._end(session, now)))

    def _end(self, session: Session, now: datetime) -> set[str]:
        """In one transaction with the word of it."""
        lanes: set[str] = set()
        for each in people.lapsed(session, now):
            people.close(session, each.handle, None, now, agreed=False)
            text = self._words(
                "{label} Not added: {value}\nNo second team has agreed in {days} days. "
                "“contribute” asks them again.",
                label=each.marked.marking.label, value=shown(each.value), days=people.LASTS.days,
            )  # fmt: skip
            told = tell_contributor(session, self._house, each, text, now)
            lanes |= outbox.put(session, told, now)
        return lanes
