"""When each message was said, and when each of its copies arrived: taken outside the bot."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

_NUMBER = re.compile(rb"message (\d{7})")


def text_of(number: int) -> str:
    """What is said: about as long as people write, and to be recognised at the far side."""
    return f"message {number:07d}, about as long as people write in a room like this one"


def number_in(body: bytes) -> int | None:
    """Which message a request carries a copy of."""
    found = _NUMBER.search(body)
    return int(found[1]) if found else None


class Stopwatch:
    """Times by `time.perf_counter()`, which on Linux all processes share."""

    def __init__(self) -> None:
        self.took: list[tuple[int, float]] = []
        """Of each copy: the message's number, and the seconds since it was said."""
        self.arrived = 0
        self.asked = 0.0
        """When somebody last asked for something."""
        self._said: dict[int, float] = {}
        self._copies: dict[str, int] = {}
        """The number of the message that a copy is of, by the copy's id."""
        self._reactions: dict[int, int] = {}
        """The number of the last reaction to a message, by the message's own."""
        self._change = asyncio.Event()

    def said(self, number: int) -> None:
        """This goes out now."""
        self._said[number] = time.perf_counter()

    def reacted(self, number: int, about: int) -> None:
        """This is a reaction to that message: its copy says nothing but which copy it is for."""
        self._reactions[about] = number

    def copied(self, number: int | None, copy: str) -> None:
        """A message's copy has this id."""
        if number is not None:
            self._copies[copy] = number

    def reaction_to(self, copy: str) -> int | None:
        """The number of the reaction whose copy goes to a message's copy."""
        return self._reactions.get(self._copies.get(copy, -1))

    def landed(self, number: int | None, arrived: float) -> None:
        """A copy of this arrived at a time."""
        self.arrived += 1
        begun = self._said.get(number) if number is not None else None
        if begun is not None and number is not None:
            self.took.append((number, arrived - begun))
        self._change.set()

    def changed(self) -> None:
        """Something is connected, or is not."""
        self._change.set()

    def clear(self) -> None:
        """Forget what was measured."""
        self.took, self.arrived = [], 0
        self._said.clear()
        self._reactions.clear()

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition; False where it did not come true in time."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._change.clear()
                    await self._change.wait()
        except TimeoutError:
            return False
        return True
