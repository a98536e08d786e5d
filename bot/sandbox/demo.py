"""The exercise in the terminal: ransomware at a port, three nations, and what must be true after.

What is checked is read from the networks themselves, not from the bot's database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from bot.sandbox.board import Board, Line, Room
from bot.sandbox.deeds import Deed, Edit, React, Say, Share, TakeBack
from bot.sandbox.exercise import EXERCISE, Act, Edited, Reacted, Said, Scene, Shared, TakenBack
from bot.sandbox.expected import Expected, Shown, quoted, shown, view
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
        self._expected = Expected()

    @property
    def count(self) -> int:
        """How many messages were for everybody."""
        return len(self._expected.shown())

    async def play(self, scene: Scene) -> None:
        """Do what the scene says, and wait until all of it is seen; raises Failed."""
        try:
            await asyncio.gather(
                *(self._stage.do(act.person, self._deed(act)) for act in scene.lines)
            )
        except NotSaid as why:
            raise Failed([f"a line could not be said: {why}"]) from why
        for act in scene.lines:
            self._expected.add(act)
        try:
            async with asyncio.timeout(self._patience):
                while self.missing():
                    await self._stage.board.changed()
        except TimeoutError:
            late = [f"{what}, after {self._patience:.0f} s" for what in self.missing()]
            raise Failed(late) from None

    def missing(self) -> list[str]:
        """What is not there yet, in words."""
        rooms = {room.short: self._shown(room) for room in ROOMS}
        lost = [
            f"{line.quoted} is not in {room}"
            for room, shown in rooms.items()
            for line in self._expected.shown()
            if line not in shown
        ]
        return lost + [
            f"{quoted(said.text)} of {name_of(said.person)} was not answered{_as_meant(said)}"
            for said in self._expected.questions
            if not self._is_answered(said)
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
                f"{room.short} shows a message of {line.author}, who said none"
                for line in shown
                if line.author not in known
            ]
        if faults:
            raise Failed(faults)

    def views(self) -> list[str]:
        """Each room as it stands, one text a room."""
        return [view(room, self._lines(room)) for room in ROOMS]

    def _compare(self, room: Room, source: Room, shown: list[Shown]) -> list[str]:
        """What `room` shows of `source`'s people, against what they said.

        Those who spoke at the same moment may stand in either order in their own room, which
        is then the order everywhere.
        """
        names = {person.name for person in source.people}
        seen = [line for line in shown if line.author in names]
        own = [line for line in self._shown(source) if line.author in names]
        said = [line for line in self._expected.shown() if line.author in names]
        if sorted(seen) == sorted(said) and seen == own:
            return []
        if sorted(seen) != sorted(said):
            numbers = f"{len(seen)} messages of {source.short}, and {len(said)} were said"
            return [f"{room.short} shows {numbers}, or a text or author changed on the way"]
        return [f"{room.short} shows the messages of {source.short} in another order"]

    def _shown(self, room: Room) -> list[Shown]:
        questions = {(name_of(said.person), said.text) for said in self._expected.questions}
        lines = self._lines(room)
        return [
            shown(line, lines)
            for line in lines
            if line.only_for is None and (line.by_bot or (line.author, line.text) not in questions)
        ]

    def _is_answered(self, said: Said) -> bool:
        lines = self._lines(room_of(said.person))
        return any(e.by_bot and e.only_for == said.person and said.told in e.text for e in lines)

    def _lines(self, room: Room) -> list[Line]:
        board: Board = self._stage.board
        return [line for line in board.lines(room.key) if line.key not in self._before]

    def _deed(self, act: Act) -> Deed:
        """What the person does, with the message that it is about as their own room has it."""
        match act:
            case Said(person, text, answers=answers):
                return Say(text, self._find(person, answers) if answers else None)
            case Edited(person, was, text):
                return Edit(self._find(person, was), text)
            case TakenBack(person, text):
                return TakeBack(self._find(person, text))
            case Reacted(person, text, emoji):
                return React(self._find(person, text), emoji)
            case Shared(_, name, content):
                return Share(name, content.encode())

    def _find(self, person: str, text: str) -> str:
        """The id of a line that `missing` has seen in every room."""
        lines = self._lines(room_of(person))
        return next(line.key.message for line in lines if line.text == text)


def _as_meant(said: Said) -> str:
    return f" with “{said.told}”" if said.told else ""
