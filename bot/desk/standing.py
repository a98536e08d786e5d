"""Answers that stand where they are shown, as in Slack's Home tab: given anew when they would be
others by now.

Who has opened one is known for two hours and in memory alone: after a restart, or later, it stays
as it was until it is opened again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from bot.events import PersonId
from bot.handler.asked import Asked
from bot.richtext import RichText
from bot.store.database import Database

PAUSE = 10.0
"""Seconds between looks."""
_WATCHED = timedelta(hours=2)
_AGES = timedelta(minutes=10)
"""How long what an answer says of the time (`for 3 min`) may be behind."""

Again = Callable[[Session, Asked, datetime], RichText]
"""What is answered to a question at a moment."""
Give = Callable[[Asked, RichText], Awaitable[None]]


@dataclass(slots=True)
class _Shown:
    """What stands with somebody: as it was answered `at`, since they opened it."""

    asked: Asked
    body: RichText
    at: datetime
    opened: datetime


class Standing:
    """What stands with whom."""

    def __init__(self, database: Database, again: Again, give: Give) -> None:
        self._database = database
        self._again = again
        self._give = give
        self._shown: dict[PersonId, _Shown] = {}

    def note(self, asked: Asked, body: RichText, now: datetime) -> None:
        """Somebody has opened it, and this is shown there."""
        self._shown[asked.author.person] = _Shown(asked, body, now, now)

    async def look(self, now: datetime) -> None:
        """Give anew what is another by now, to those who have opened it lately."""
        for person, shown in list(self._shown.items()):
            if now - shown.opened > _WATCHED:
                del self._shown[person]
                continue
            body = await self._database.read(partial(self._changed, shown, now))
            if body is not None:
                shown.body, shown.at = body, now
                await self._give(shown.asked, body)

    def _changed(self, shown: _Shown, now: datetime, session: Session) -> RichText | None:
        """What it is now; None where it is the same. That time goes by is no change by itself."""
        if now - shown.at < _AGES and self._again(session, shown.asked, shown.at) == shown.body:
            return None
        body = self._again(session, shown.asked, now)
        return None if body == shown.body else body
