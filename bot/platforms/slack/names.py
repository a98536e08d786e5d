"""People's shown names: remembered within a limit, looked up without making anyone wait long."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

import structlog

from bot.errors import PlatformError

log = structlog.get_logger()

MOST = 5_000
"""Names that are remembered; the one not asked for the longest goes first."""
PATIENCE = 2.0
"""Seconds that a message waits for the names in it."""
PAUSE = 60.0
"""Seconds until a name that could not be had is asked for again."""
_AT_ONCE = 20
"""Look-ups for one message; a message that mentions more shows the others by id."""


T = TypeVar("T")


class Names(Generic[T]):
    """The shown names of a workspace's people by user id, or what else is known of ids."""

    def __init__(
        self,
        look_up: Callable[[str], Awaitable[T | None]],
        *,
        most: int = MOST,
        patience: float = PATIENCE,
        pause: float = PAUSE,
        enough: Callable[[T], bool] = lambda _name: True,
    ) -> None:
        """`look_up` asks the network, and raises `PlatformError`. Of what is known and not
        `enough` it is asked again.
        """
        self._look_up = look_up
        self._enough = enough
        self._most = most
        self._patience = patience
        self._pause = pause
        self._known: OrderedDict[str, T] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._asked: dict[str, asyncio.Task[None]] = {}
        self._slow_until = 0.0

    def get(self, user: str) -> T | None:
        """The name, where it is remembered."""
        name = self._known.get(user)
        if name is not None:
            self._known.move_to_end(user)
        return name

    def keep(self, user: str, name: T) -> None:
        """Remember a name."""
        self._known[user] = name
        self._known.move_to_end(user)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    async def learn(self, users: Iterable[str]) -> None:
        """Look up those that are not known, for as long as patience lasts; never fails.

        After a look-up that was slow nobody waits for a while: names come later, messages now.
        """
        now = asyncio.get_running_loop().time()
        asked = [task for user in users if (task := self._ask(user, now))][:_AT_ONCE]
        if not asked or now < self._slow_until:
            return
        _, late = await asyncio.wait(asked, timeout=self._patience)
        if late:
            self._slow_until = asyncio.get_running_loop().time() + self._pause

    def _ask(self, user: str, now: float) -> asyncio.Task[None] | None:
        known = self._known.get(user)
        if (known is not None and self._enough(known)) or self._unknown.get(user, 0.0) > now:
            return None
        if user not in self._asked and len(self._asked) < _AT_ONCE:
            task = asyncio.create_task(self._fetch(user))
            self._asked[user] = task
            task.add_done_callback(lambda _task: self._asked.pop(user, None))
        return self._asked.get(user)

    async def _fetch(self, user: str) -> None:
        try:
            name = await self._look_up(user)
        except PlatformError as error:
            log.info("name.not_found", reason=error.reason)
            name = None
        if name is not None:
            self.keep(user, name)
        if name is not None and self._enough(name):
            self._unknown.pop(user, None)
            return
        self._unknown[user] = asyncio.get_running_loop().time() + self._pause
        self._unknown.move_to_end(user)
        if len(self._unknown) > self._most:
            self._unknown.popitem(last=False)

    async def close(self) -> None:
        """Stop every look-up."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
