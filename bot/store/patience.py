"""A store that is locked, full or gone for a while: what goes on without it, what waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import structlog

from bot.errors import StoreError

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
