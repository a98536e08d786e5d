"""What this process has said and changed lately: met again in its room, it settles nothing.

It is known from the moment at which the store knows it. Who meets it between the answer and the
commit waits for the commit: what is read after it, a reaction to it, finds it in the store.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.delivery.explaining import SKEW
from bot.delivery.outcomes import Delivered, Settled
from bot.events import (
    Delivery,
    Edit,
    Event,
    MessageEdited,
    MessageId,
    MessagePosted,
    Reacted,
    RoomId,
)

_REMEMBERED = 5000
"""Messages, and edits, that are known again without asking the store."""

_Deed = tuple[RoomId, MessageId, bool]
"""A message in its room, and whether it was edited there."""


class Ours:
    """The deeds of this process. Asked and told in the event loop alone."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._done: OrderedDict[_Deed, datetime] = OrderedDict()
        self._under_way: dict[_Deed, asyncio.Event] = {}
        """What has landed, and is about to be committed."""

    @contextmanager
    def settling(self, delivery: Delivery | None, settled: Settled | None) -> Iterator[None]:
        """Around the commit that writes down how a delivery ended."""
        deed = _done_by(delivery, settled)
        if deed is None:
            yield
            return
        written = self._under_way[deed] = asyncio.Event()
        try:
            yield
            self._remember(deed)
        finally:
            self._under_way.pop(deed, None)
            written.set()

    async def know(self, event: Event) -> bool:
        """Whether an event tells only of what this process has done, where it stands. Of what is
        not known here the store has to be asked.
        """
        match event:
            case MessagePosted(room=room, message=message, own=str()):
                return await self._when(room, message, edited=False) is not None
            case MessageEdited(room=room, message=message, own=True):
                when = await self._when(room, message, edited=True)
                return when is not None and self._clock() - when <= SKEW
            case Reacted(own=True):
                return True  # nothing follows from it, whoever did it
            case _:
                return False

    async def _when(self, room: RoomId, message: MessageId, *, edited: bool) -> datetime | None:
        """When it was done, None where nothing is known of it."""
        written = self._under_way.get((room, message, edited))
        if written is not None:
            await written.wait()
        return self._done.get((room, message, edited))

    def _remember(self, deed: _Deed) -> None:
        self._done.pop(deed, None)  # the newest stand last
        self._done[deed] = self._clock()
        if len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)


def _done_by(delivery: Delivery | None, settled: Settled | None) -> _Deed | None:
    """What can be met again by that; private answers have no id."""
    if delivery is None or not isinstance(settled, Delivered):
        return None
    if isinstance(delivery.content, Edit):
        return delivery.room, delivery.content.message, True
    return None if settled.message is None else (delivery.room, settled.message, False)
