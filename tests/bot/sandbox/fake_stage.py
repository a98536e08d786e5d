"""A coalition in memory for the page's tests: whatever is said lands everywhere at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.sandbox.board import Board, Copy, Key, Line, Way
from bot.sandbox.server import NotSaid, Page
from bot.sandbox.world import ROOMS, TITLE, name_of, room_of

START = datetime(2026, 11, 23, 14, 3, 22, tzinfo=UTC)


class FakeStage:
    """Plays the bot and all networks; `carry` is the state that copies end in."""

    title = TITLE

    def __init__(self) -> None:
        self.board = Board(ROOMS)
        self.said: list[tuple[str, str]] = []
        self.carry = "delivered"
        self.refuse = ""
        self.page: Page | None = None
        self._ways: dict[Key, Way] = {}
        self._count = 0

    async def say(self, person: str, text: str) -> None:
        """Land at once in every room, or raise NotSaid while `refuse` holds a reason."""
        if self.refuse:
            raise NotSaid(self.refuse)
        self.said.append((person, text))
        room, name = room_of(person), name_of(person)
        key = self._key(room.key)
        if text.startswith(("/", "!")):
            await self.answer(room.key, person, "All rooms are up.")
            return
        self.board.put(Line(key, name, self._now(), text))
        await self._carry(key, name, text)

    async def answer(self, room: str, person: str, text: str) -> None:
        """A private answer of the bot."""
        line = Line(self._key(room), "Liaison", self._now(), text, by_bot=True, only_for=person)
        self.board.put(line)

    async def finish(self) -> None:
        """Every copy that waits is delivered after all."""
        self.carry = "delivered"
        await self.carry_again()

    async def carry_again(self) -> None:
        """Every copy that is not delivered goes the way of `carry`."""
        for key, way in list(self._ways.items()):
            line = next(line for line in self.board.lines() if line.key == key)
            if any(copy.state != "delivered" for copy in way.copies):
                await self._carry(key, line.author, line.text)

    async def _carry(self, key: Key, name: str, text: str) -> None:
        copies = []
        for room in ROOMS:
            if room.key == key.room:
                continue
            there = self._key(room.key)
            delivery = f"d{key.message}{room.key}"
            landed = self.carry == "delivered"
            reason = "channel_not_found" if self.carry == "dead" else None
            copies.append(
                Copy(delivery, room.key, self.carry, there.message if landed else None, reason)
            )
            if landed:
                self._ways[there] = Way(seen=True, origin=key, arrival=delivery)
                self.board.put(Line(there, name, self._now(), text, by_bot=True))
        self._ways[key] = Way(seen=True, copies=tuple(copies))
        self.board.settle(dict(self._ways))

    def _key(self, room: str) -> Key:
        self._count += 1
        return Key(room, f"m{self._count}")

    def _now(self) -> datetime:
        return START + timedelta(seconds=self._count)
