"""People talk while the bot is killed and started, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from tests.end_to_end.coalition import Coalition, until
from tests.end_to_end.points import Point
from tests.end_to_end.traffic import Traffic

_LONGEST_LIFE = 1.0
"""Seconds after its start within which the bot is killed at the latest."""
_BEHIND = 50
"""It lives until it is no more messages behind: what is read of a room's past has a limit."""
_AT_A_POINT = 0.5
"""How many of the deaths are at a named point, if the bot comes there in time."""


def _nothing(_kills: int, _said: int) -> None:
    """Where nobody wants to know how far it is."""


@dataclass(slots=True)
class Killing:
    """Kills by chance from a seed, while `traffic` goes on; at the end the bot runs."""

    whole: Coalition
    traffic: Traffic
    random: Random
    tell: Callable[[int, int], None] = _nothing

    async def run(self, *, messages: int, kills: int) -> None:
        """Let so many messages be said around so many deaths."""
        for kill in range(kills):
            lines = messages * (kill + 1) // (kills + 1) - messages * kill // (kills + 1)
            away = min(lines, self.random.randrange(4))
            talking = asyncio.create_task(self.traffic.say(lines - away))
            await self._kill_once(talking)
            await talking
            await self.traffic.say(away)  # nobody knows that the bot is away
            await self.whole.bot.start()
            await until(self._is_near, 60.0)
            self.tell(kill + 1, self.traffic.count)
        await self.traffic.say(messages - self.traffic.count)

    def _is_near(self) -> bool:
        return self.whole.store.messages >= self.traffic.count - _BEHIND

    async def _kill_once(self, talking: asyncio.Task[None]) -> None:
        seconds = self.random.random() * _LONGEST_LIFE
        if self.random.random() < _AT_A_POINT:
            point = self.random.choice(list(Point))
            self.whole.ambush.lay(point, passing=self.random.randrange(6))
            with suppress(TimeoutError):
                await self.whole.ambush.struck(_LONGEST_LIFE)
            self.whole.ambush.lift()
        else:
            await asyncio.wait([talking], timeout=seconds)
        await self.whole.bot.kill()
