"""Silence in the exercise: one text that nobody objects to is adopted, and one is broken from
Matrix, by two steps. What is checked is what stands in the rooms.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.board import Line, Room
from bot.sandbox.deeds import Say
from bot.sandbox.demo import Failed
from bot.sandbox.progress import Progress
from bot.sandbox.server import NotSaid, Stage
from bot.sandbox.world import COALITION, ROOMS, room_of

PATIENCE = 40.0
"""Seconds for an outcome: the period, and what a busy machine adds."""
_ADOPTED = ("amelie", "Block 198.51.100.24 together at 18:00.", "5s")
_BROKEN = ("joris", "Name the port in public tonight.", "60s")
_OBJECTOR, _WHY = "ines", "The port asked for silence until Thursday."
_HANDLE = re.compile(r"\bp-[a-z0-9]{5}\b")


async def play(stage: Stage, progress: Progress, patience: float = PATIENCE) -> None:
    """Play both, and show what came of them. Raises Failed."""
    silence = _Silence(stage, patience, {line.key for line in stage.board.lines()})
    try:
        with progress.step("France proposes; nobody objects for five seconds"):
            await silence.propose(*_ADOPTED)
            adopted = await silence.outcome("adopted", _ADOPTED[1])
        progress.show(adopted.text)
        with progress.step("The Netherlands propose; Portugal objects from Matrix, and confirms"):
            await silence.propose(*_BROKEN)
            await silence.object(_BROKEN[1])
            broken = await silence.outcome("broken", _BROKEN[1])
        progress.show(broken.text)
    except NotSaid as why:
        raise Failed([f"what silence needs could not be said: {why}"]) from why


@dataclass
class _Silence:
    stage: Stage
    patience: float
    before: set[object]

    async def propose(self, person: str, text: str, period: str) -> None:
        """Put a text to all; it stands in every room."""
        await self.stage.do(person, Say(f"/liaison propose --silence {period} {text}"))
        for room in ROOMS:
            await self._until(f"“{text}” in {room.short}", room, lambda line: _is_head(line, text))

    async def object(self, text: str) -> None:
        """Portugal objects, is asked, and says yes."""
        head = await self._until("the proposal", COALITION, lambda line: _is_head(line, text))
        found = _HANDLE.search(head.text)
        if found is None:
            raise Failed(["the proposal has no handle to object to"])
        asked = f"!voice {found[0]} object {_WHY}"
        await self.stage.do(_OBJECTOR, Say(asked))
        room = room_of(_OBJECTOR)
        await self._until("the question back", room, lambda line: line.only_for == _OBJECTOR)
        await self.stage.do(_OBJECTOR, Say("!confirm"))

    async def outcome(self, word: str, text: str) -> Line:
        """What came of it, once in every room, with its word in the first line."""

        def says(line: Line) -> bool:
            first, _, _ = line.text.partition("\n")
            return line.by_bot and line.only_for is None and f" · {word} · " in first

        for room in ROOMS:
            line = await self._until(f"“{text}” {word} in {room.short}", room, says)
            told = [each for each in self._lines(room) if says(each)]
            if len(told) != 1:
                raise Failed([f"{room.short} was told {len(told)} times that it is {word}"])
        return line

    async def _until(self, what: str, room: Room, is_it: Callable[[Line], bool]) -> Line:
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    found = next((line for line in self._lines(room) if is_it(line)), None)
                    if found is not None:
                        return found
                    await self.stage.board.changed()
        except TimeoutError:
            raise Failed([f"{what} is missing, after {self.patience:.0f} s"]) from None

    def _lines(self, room: Room) -> list[Line]:
        return [line for line in self.stage.board.lines(room.key) if line.key not in self.before]


def _is_head(line: Line, text: str) -> bool:
    return (
        line.by_bot
        and line.only_for is None
        and text in line.text
        and bool(_HANDLE.search(line.text))
    )
