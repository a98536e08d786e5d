"""An advisory in the exercise: written and sealed in France, posted a few seconds ahead,
acknowledged on both networks, and its board. What is checked is what stands in the rooms.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.advisories.states import EMOJI, Ack
from bot.sandbox.board import Line, Room
from bot.sandbox.deeds import Press, Say
from bot.sandbox.demo import PATIENCE, Failed
from bot.sandbox.progress import Progress
from bot.sandbox.server import NotSaid, Stage
from bot.sandbox.world import BRAVO, COALITION, ROOMS, name_of, room_of

_AUTHOR, _SEALER = "amelie", "karim"
_TITLE = "Patch the terminal gateway"
_DRAFT = (
    "advisory draft --kind alert --severity high --marking TLP:GREEN --affected "
    f'"Terminal gateway before 4.2" --actions "Patch to 4.2 tonight." {_TITLE}\n'
    "The note came in by the gateway."
)
_AHEAD = "in 3s"
_NUMBER = re.compile(r"[A-Z]+-\d{4}-\d{3}")
_WORDS = (("joris", BRAVO, "Received"), ("ines", COALITION, EMOJI[Ack.FIXED]))
"""Who says what, by which button or reaction."""
_DONE = "Acknowledged: 2 of"


async def play(stage: Stage, progress: Progress, patience: float = PATIENCE) -> str:
    """Play it, and show it; the board, as its author is shown it. Raises Failed."""
    advisory = _Advisory(stage, patience, {line.key for line in stage.board.lines()})
    try:
        with progress.step("An advisory is written in Slack, and sealed by somebody else"):
            ref = await advisory.draft()
        with progress.step(f"It is to be posted {_AHEAD}, and is in every room"):
            posts = await advisory.post(ref)
        progress.show(posts[ROOMS[0].key].text)
        with progress.step("A button in Slack and a reaction in Matrix acknowledge it"):
            await advisory.acknowledge(posts)
        with progress.step("Its author looks at the board"):
            board = await advisory.board(posts)
    except NotSaid as why:
        raise Failed([f"what the advisory needs could not be done: {why}"]) from why
    progress.show(board)
    return board


@dataclass
class _Advisory:
    stage: Stage
    patience: float
    before: set[object]

    async def draft(self) -> str:
        """The handle of what Amélie wrote and Karim sealed."""
        drafted = await self._ask(_AUTHOR, _DRAFT, "is a draft.")
        ref = drafted.partition(" ")[0]
        await self._ask(_SEALER, f"advisory seal {ref}", "sealed by all.")
        return ref

    async def post(self, ref: str) -> dict[str, Line]:
        """Its post in each room."""
        await self._ask(_AUTHOR, f"advisory post {ref} {_AHEAD}", "It is posted")
        return {
            room.key: await self._until(f"its post in {room.short}", partial(self._post, room))
            for room in ROOMS
        }

    async def acknowledge(self, posts: dict[str, Line]) -> None:
        """Two teams say how it stands with them; every post says so."""
        for person, room, label in _WORDS:
            what = f"the button {label} in {room.short}"
            line = await self._until(what, partial(self._with_button, room, label))
            button = next(each.id for each in line.buttons if label in each.label)
            await self.stage.do(person, Press(posts[room.key].key.message, button))
        for room in ROOMS:
            what = f"two acknowledgements in {room.short}"
            await self._until(what, partial(self._acknowledged, room))

    async def board(self, posts: dict[str, Line]) -> str:
        """What its author is shown."""
        found = _NUMBER.search(posts[room_of(_AUTHOR).key].text)
        number = "" if found is None else found[0]
        return await self._ask(_AUTHOR, f"advisory status {number}", "1 received, 1 fixed")

    async def _ask(self, person: str, text: str, says: str) -> str:
        """What a person is told alone, and says that."""
        await self.stage.do(person, Say(f"/liaison {text}"))
        what = f"“{says}” for {name_of(person)}"
        return (await self._until(what, partial(self._told, person, says))).text

    async def _until(self, what: str, look: Callable[[], Line | None]) -> Line:
        try:
            async with asyncio.timeout(self.patience):
                while (line := look()) is None:
                    await self.stage.board.changed()
                return line
        except TimeoutError:
            raise Failed([f"{what} is missing, after {self.patience:.0f} s"]) from None

    def _told(self, person: str, says: str) -> Line | None:
        return next(
            (
                line
                for line in self._lines(room_of(person))
                if line.by_bot and line.only_for == person and says in line.text
            ),
            None,
        )

    def _post(self, room: Room) -> Line | None:
        return next(
            (
                line
                for line in self._lines(room)
                if line.by_bot and line.only_for is None and _NUMBER.search(line.text)
            ),
            None,
        )

    def _acknowledged(self, room: Room) -> Line | None:
        line = self._post(room)
        return line if line and _DONE in line.text else None

    def _with_button(self, room: Room, label: str) -> Line | None:
        line = self._post(room)
        return line if line and any(label in each.label for each in line.buttons) else None

    def _lines(self, room: Room) -> list[Line]:
        return [line for line in self.stage.board.lines(room.key) if line.key not in self.before]
