"""The named points of a message's way, and what waits there to kill the bot."""

from __future__ import annotations

import asyncio
import os
import signal
from enum import StrEnum

from tests.end_to_end.bot_process import BotProcess


class Point(StrEnum):
    """Where a crash hurts, as the far side can tell."""

    SLACK_STORED = "Slack: stored, the acknowledgement never read"
    SLACK_ACKNOWLEDGED = "Slack: acknowledged"
    SLACK_ASKED = "Slack: asked to post, nothing carried out"
    SLACK_POSTED = "Slack: posted, the answer not given"
    SLACK_ANSWERED = "Slack: posted and answered, the answer not stored"
    MATRIX_HANDED_OVER = "Matrix: news handed over, nothing stored"
    MATRIX_STORED = "Matrix: news stored, asked for more"
    MATRIX_ASKED = "Matrix: asked to send, nothing carried out"
    MATRIX_SENT = "Matrix: sent, the answer not given"
    MATRIX_ANSWERED = "Matrix: sent and answered, the answer not stored"


class Ambush:
    """Waits for the bot at one point and kills it there, once."""

    def __init__(self, bot: BotProcess) -> None:
        self._bot = bot
        self._point: Point | None = None
        self._passing = 0
        self._struck = asyncio.Event()

    def lay(self, point: Point, *, passing: int = 0) -> None:
        """Kill at the next time that the bot is at the point, after letting it pass some times."""
        self._point, self._passing = point, passing
        self._struck.clear()

    def lift(self) -> None:
        """Let it pass everywhere."""
        self._point = None

    def waits_at(self, point: Point) -> bool:
        """Whether the bot will be killed at this point now; counts as one passing where not."""
        if self._point is not point or not self._bot.running:
            return False
        if self._passing > 0:
            self._passing -= 1
            return False
        return True

    def strike(self) -> None:
        """Kill it here and now."""
        os.kill(self._bot.pid, signal.SIGKILL)
        self._point = None
        self._struck.set()

    async def struck(self, within: float = 20.0) -> None:
        """Return when the bot has been killed and is gone; raises TimeoutError."""
        async with asyncio.timeout(within):
            await self._struck.wait()
        await self._bot.ended()
