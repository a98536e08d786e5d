"""The exercise in the terminal: ransomware at a port, three nations, and what must be true after.

What is checked is read from the networks themselves, not from the bot's database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from bot.sandbox.board import Board, Line, Room
from bot.sandbox.exercise import EXERCISE, Said, Scene
from bot.sandbox.progress import Progress
from bot.sandbox.server import NotSaid, Stage
from bot.sandbox.world import ROOMS, name_of, room_of

PATIENCE = 20.0
"""Seconds for all of a step to land."""
QUIET = 0.5
"""Seconds without any change after which nothing more is expected."""


class Failed(Exception):
    """The exercise did not go as it must; one line for each fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


async def play(stage: Stage, progress: Progress, patience: float = PATIENCE) -> int:
    """Play the exercise and check it; the number of messages. Raises Failed."""
    before = {line.key for line in stage.board.lines()}
    exercise = Exercise(stage, patience, frozenset(before))
    try:
        for scene in EXERCISE:
            with progress.step(scene.what):
                await exercise.play(scene)
        with progress.step("Nothing comes twice"):
            await _quiet(stage.board)
        exercise.check()
    finally:
        for words in exercise.views():
            progress.show(words)
    return exercise.count


async def _quiet(board: Board) -> None:
    """Return when nothing has changed for a while: a double would come late."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while True:
                async with asyncio.timeout(QUIET):
                    await board.changed()


class Exercise:
    """What was said so far, and what each room must show for it. `before` is not looked at."""

    def __init__(self, stage: Stage, patience: float, before: frozenset[object]) -> None:
        self._stage = stage
        self._patience = patience
        self._before = before
        self._said: list[Said] = []
        self._answers: list[Said] = []

    @property
    def count(self) -> int:
        """How many messages were for everybody."""
        return len(self._said)

    async def play(self, scene: Scene) -> None:
        """Say the lines, and wait until all that must be seen is seen; raises Failed."""
        try:
            await asyncio.gather(*(self._stage.say(said.person, said.text) for said in scene.lines))
        except NotSaid as why:
            raise Failed([f"a line could not be said: {why}"]) from why
        for said in scene.lines:
            (self._answers if said.private else self._said).append(said)
        try:
            async with asyncio.timeout(self._patience):
                while self.missing():
                    await self._stage.board.changed()
        except TimeoutError:
            late = [f"{what}, after {self._patience:.0f} s" for what in self.missing()]
            raise Failed(late) from None

    def missing(self) -> list[str]:
        """What is not there yet, in words."""
        shown = {room.short: self._shown(room) for room in ROOMS}
        lost = [
            f"{_quoted(said)} is not in {room}"
            for room in shown
            for said in self._said
            if _as_shown(said) not in shown[room]
        ]
        return lost + [
            f"{_quoted(said)} was not answered"
            for said in self._answers
            if not self._answer_to(said.person)
        ]

    def check(self) -> None:
        """Each message once and in order in every room, and answers with who asked, or Failed."""
        faults = self.missing()
        for room in ROOMS:
            shown = self._shown(room)
            for source in ROOMS:
                faults += self._compare(room, source, shown)
            known = {name_of(person.key) for place in ROOMS for person in place.people}
            faults += [
                f"{room.short} shows a message of {author}, who said none"
                for author, _ in shown
                if author not in known
            ]
        if faults:
            raise Failed(faults)

    def views(self) -> list[str]:
        """Each room as it stands, one text a room."""
        return [self._view(room) for room in ROOMS]

    def _compare(self, room: Room, source: Room, shown: list[tuple[str, str]]) -> list[str]:
        """What `room` shows of `source`'s people, against what they said.

        Those who spoke at the same moment may stand in either order in their own room, which
        is then the order everywhere.
        """
        names = {person.name for person in source.people}
        seen = [line for line in shown if line[0] in names]
        own = [line for line in self._shown(source) if line[0] in names]
        said = [_as_shown(line) for line in self._said if room_of(line.person) == source]
        if sorted(seen) == sorted(said) and seen == own:
            return []
        if sorted(seen) != sorted(said):
            numbers = f"{len(seen)} messages of {source.short}, and {len(said)} were said"
            return [f"{room.short} shows {numbers}, or a text or author changed on the way"]
        return [f"{room.short} shows the messages of {source.short} in another order"]

    def _shown(self, room: Room) -> list[tuple[str, str]]:
        commands = {(name_of(said.person), said.text) for said in self._answers}
        return [
            (line.author, line.text)
            for line in self._lines(room)
            if line.only_for is None and (line.by_bot or (line.author, line.text) not in commands)
        ]

    def _answer_to(self, person: str) -> bool:
        return any(line.by_bot and line.only_for == person for line in self._lines(room_of(person)))

    def _lines(self, room: Room) -> list[Line]:
        board: Board = self._stage.board
        return [line for line in board.lines(room.key) if line.key not in self._before]

    def _view(self, room: Room) -> str:
        lines = [f"\n{room.title} · {room.about}"]
        for line in self._lines(room):
            first, *more = line.text.splitlines() or [""]
            mark = "→" if line.by_bot else " "
            who = line.author
            if line.only_for:
                reader = name_of(line.only_for)
                mark, who = "·", who if who == reader else f"{who}, only for {reader}"
            lines.append(f"  {mark} {who}: {first}")
            lines += [f"      {rest}" for rest in more]
        return "\n".join(lines)


def _as_shown(said: Said) -> tuple[str, str]:
    return name_of(said.person), said.text


def _quoted(said: Said) -> str:
    return f"“{said.text.splitlines()[0]}” of {name_of(said.person)}"
