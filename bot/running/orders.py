"""What the running bot is told from outside: to end, or to read its configuration again."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

import structlog

from bot.running import reloading
from bot.running.reloading import Reload
from bot.store.database import Database
from bot.store.patience import patience
from config.settings import Settings

log = structlog.get_logger()

_LOOK = 1.0
"""Seconds between looks whether `liaison reload` was said."""


class Orders:
    """Outlives the houses that are built one after the other."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.over = asyncio.Event()
        """This house is to be left: for good, or for one that is built on other settings."""
        self.reload: Reload | None = None
        """The other settings, until the house that is built on them has told so."""
        self._hangup = asyncio.Event()

    def listen(self) -> None:
        """SIGTERM and SIGINT: the first drains, the second leaves at once, since what is committed
        is safe anyway. SIGHUP reloads.
        """

        def told() -> None:
            if self.stop.is_set():
                os._exit(130)
            log.info("run.draining")
            self.stop.set()
            self.over.set()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told)
        loop.add_signal_handler(signal.SIGHUP, self._hangup.set)

    async def heed(self, database: Database, settings: Settings) -> None:
        """Read the configuration again whenever that is asked for, until others are to hold."""
        while True:
            with patience():
                asked = await database.read(reloading.request_of)
                if asked is not None or self._hangup.is_set():
                    self._hangup.clear()
                    self.reload = await reloading.read_anew(settings, database, asked or "")
            if self.reload is not None:
                self.over.set()
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._hangup.wait()
