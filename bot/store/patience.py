"""A store that is locked, full or gone for a while: what goes on without it, what waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import structlog

from bot.errors import StoreError
from bot.store.runners import Work

log = structlog.get_logger()

_Made = TypeVar("_Made")


@contextmanager
def patience() -> Iterator[None]:
    """What cannot be stored now ends nothing: it is logged, and what follows goes on."""
    try:
        yield
    except StoreError as error:
        log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all


async def insist(work: Callable[[], Awaitable[_Made]], pause: float) -> _Made:
    """What comes of it once the store can be used; `pause`: seconds between two tries."""
    while True:
        with patience():
            return await work()
        await asyncio.sleep(pause)


class Units(Protocol):
    """What carries out units of work: `bot.store.database.Database`, or a patient one."""

    async def run(self, work: Work[_Made]) -> _Made:
        """One that may write."""

    async def read(self, work: Work[_Made]) -> _Made:
        """One that may not."""


class Patient:
    """Carries out units of work of those who could do nothing but wait for the store."""

    def __init__(self, units: Units, pause: float = 1.0) -> None:
        self._units = units
        self._pause = pause

    async def run(self, work: Work[_Made]) -> _Made:
        """Once the store can be written."""
        return await insist(lambda: self._units.run(work), self._pause)

    async def read(self, work: Work[_Made]) -> _Made:
        """Once it can be read."""
        return await insist(lambda: self._units.read(work), self._pause)
