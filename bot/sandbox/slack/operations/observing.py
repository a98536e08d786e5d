"""What arrived, and waiting for it."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.slack.operations.base import Operations
from bot.sandbox.slack.shapes import placed_json
from bot.sandbox.slack.stage import Call, Ephemeral, Interaction
from bot.sandbox.slack.things import Json


class Observing(Operations):
    """Reading back what the bot did."""

    def messages(self, channel: str) -> list[Json]:
        """Every message of a room as it stands, replies too, oldest first, metadata included."""
        place = self._channel(channel)
        world = self.world
        return [
            placed_json(world, place, message, metadata=True)
            for message in list(place.messages.values())
        ]

    def texts(self, channel: str, *, bot: bool = True) -> list[str]:
        """The texts of a room, oldest first; `bot`: only what apps said."""
        found = self._channel(channel).messages.values()
        return [message.text for message in found if bool(message.app) or not bot]

    def said(self, channel: str) -> int:
        """How many messages were ever said in a room, forgotten and deleted ones included."""
        return self._channel(channel).said

    def whispers(self, user: str = "") -> list[Ephemeral]:
        """What a person, or anybody, was shown privately."""
        return [shown for shown in self.stage.ephemerals if user in {"", shown.user}]

    def calls(self, method: str = "") -> list[Call]:
        """The requests that arrived, oldest first."""
        return [call for call in self.stage.calls if method in {"", call.method}]

    def call_count(self, method: str) -> int:
        """How many requests to a method ever arrived."""
        return self.stage.counts[method]

    def interaction(self, id: str) -> Interaction:  # noqa: A002  the field's own name
        """What became of a command, press, shortcut or submission."""
        return self.stage.interactions[id]

    def sockets(self) -> dict[str, int]:
        """Sockets open, envelopes waiting, acknowledged and given up."""
        board = self._board
        return {
            "open": len(board.sockets),
            "pending": len(board.pending),
            "acknowledged": board.acknowledged,
            "given_up": len(board.given_up),
        }

    def views(self, user: str = "") -> list[Json]:
        """The modals and home tabs that stand open."""
        found = self.world.views.values()
        return [{"id": v.id, "user": v.user} | v.body for v in found if user in {"", v.user}]

    async def until(self, condition: Callable[[], bool], within: float = 30.0) -> None:
        """Return when the condition holds; raises TimeoutError."""
        await self.stage.until(condition, within)

    async def connected(self, sockets: int = 1, within: float = 30.0) -> None:
        """Return when at least so many sockets are open; raises TimeoutError."""
        await self.until(lambda: len(self._board.sockets) >= sockets, within)

    async def arrived(self, channel: str, count: int, within: float = 30.0) -> list[str]:
        """The apps' texts of a room once there are at least `count`; raises TimeoutError."""
        await self.until(lambda: len(self.texts(channel)) >= count, within)
        return self.texts(channel)

    async def quiet(self, within: float = 30.0) -> None:
        """Return when every envelope is acknowledged or given up; raises TimeoutError."""
        await self.until(lambda: not self._board.pending, within)

    async def settled(self, id: str, within: float = 30.0) -> Interaction:  # noqa: A002  as above
        """An interaction once it is acknowledged or has failed; raises TimeoutError."""
        await self.until(lambda: self.interaction(id).state != "sent", within)
        return self.interaction(id)
