"""The canary: asks every account again and again what does not work, and says it in admin rooms.

Each trouble is said once when it begins and once when it is over, also across restarts: what was
said is kept with the account, in the transaction that says it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy.orm import Session

from bot.delivery.lanes import Lanes, utc_now
from bot.delivery.outbox import SAME
from bot.delivery.rules import no_double
from bot.errors import AccountRefused, PlatformError
from bot.events import AccountId, RoomId, account_of
from bot.platforms.base import Platform, Trouble
from bot.store.database import Database
from bot.store.patience import patience
from bot.store.tables import Memory
from bot.tasks.notices import TroubleNotices

log = structlog.get_logger()

PAUSE = 20.0
"""Seconds between two looks: with what a look takes, everybody hears within a minute."""
_LOOK = 20.0
"""Seconds that a look may take."""
_AWAY = timedelta(minutes=1)
"""A network that cannot be reached for less than this is not worth a word."""
_KEY = "canary"
_decode = msgspec.json.Decoder(tuple[Trouble, ...]).decode
UNREACHABLE, SILENT = "unreachable", "not connected"


class Canary:
    """Watches all accounts. `troubles` is what is known to be wrong with each at present."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[AccountId, Platform],
        lanes: Lanes,
        notices: TroubleNotices,
        *,
        clock: Callable[[], datetime] = utc_now,
        doubles: Callable[[RoomId], bool] = no_double,
        rooms: Iterable[RoomId] = (),
    ) -> None:
        """`doubles`: which of the `rooms` are another one."""
        self._doubles = doubles
        self._rooms = tuple(rooms)
        self.troubles: dict[AccountId, tuple[Trouble, ...]] = {}
        self._database = database
        self._platforms = platforms
        self._lanes = lanes
        self._notices = notices
        self._clock = clock
        self._away: dict[AccountId, datetime] = {}
        """Since when an account does not answer."""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            with patience():
                await self.look()
            await asyncio.sleep(PAUSE)

    async def look(self) -> None:
        """Ask every account, and say what is new."""
        found = await asyncio.gather(*(self._ask(account) for account in self._platforms))
        before, self.troubles = self.troubles, dict(zip(self._platforms, found, strict=True))
        for account in self._platforms:
            if account not in before or before[account] != self.troubles[account]:
                await self._tell(account)

    async def _ask(self, account: AccountId) -> tuple[Trouble, ...]:
        platform, known = self._platforms[account], await self._known(account)
        rooms = tuple(each for each in known if each.room is not None)
        try:
            async with asyncio.timeout(_LOOK):
                found = tuple(await platform.probe())
        except AccountRefused as error:
            return (Trouble(error.reason), *rooms)
        except (PlatformError, TimeoutError):
            return self._while_away(account, UNREACHABLE, known)
        if not platform.connected:
            return self._while_away(account, SILENT, known)
        self._away.pop(account, None)
        named = {each.room for each in found}
        barred = tuple(
            Trouble(reason, room)
            for room, reason in self._lanes.barred.items()
            if account_of(room) == account and room not in named
        )
        # their lanes wait ever longer; whoever opens a room wants to see it at once
        self._lanes.wake([each.room for each in barred if each.room], hurry=True)
        doubled = tuple(
            Trouble(SAME, room)
            for room in self._rooms
            if account_of(room) == account and room not in named and self._doubles(room)
        )
        return found + barred + doubled

    def _while_away(
        self, account: AccountId, reason: str, known: tuple[Trouble, ...]
    ) -> tuple[Trouble, ...]:
        """What was known stands, until it can be asked again."""
        now = self._clock()
        if now - self._away.setdefault(account, now) < _AWAY:
            return known
        return (Trouble(reason), *(each for each in known if each.room is not None))

    async def _known(self, account: AccountId) -> tuple[Trouble, ...]:
        if account in self.troubles:
            return self.troubles[account]
        return await self._database.read(lambda session: _said(session, account))

    async def _tell(self, account: AccountId) -> None:
        now_wrong = self.troubles[account]
        ill = {
            each
            for each, troubles in self.troubles.items()
            if any(trouble.room is None for trouble in troubles)
        }

        def work(session: Session) -> tuple[set[str], set[RoomId | None]]:
            before, now = _said(session, account), self._clock()
            begun = [each for each in now_wrong if each not in before]
            over = _subjects(before) - _subjects(now_wrong)
            lanes = self._notices.tell(session, account, begun, over, ill, now)
            kept = msgspec.json.encode(now_wrong).decode()
            session.merge(Memory(account=account, key=_KEY, value=kept))
            return lanes, over

        lanes, over = await self._database.run(work)
        for each in now_wrong:
            log.warning("canary.trouble", account=account, room=each.room, reason=each.reason)
        self._lanes.wake(lanes)
        if None in over:
            await self._lanes.reconnected(account)
        self._lanes.wake([room for room in over if room is not None], hurry=True)


def _said(session: Session, account: AccountId) -> tuple[Trouble, ...]:
    row = session.get(Memory, (account, _KEY))
    return () if row is None else _decode(row.value)


def _subjects(troubles: Sequence[Trouble]) -> set[RoomId | None]:
    """What does not work: rooms, and (None) the account."""
    return {each.room for each in troubles if each.now is None}
