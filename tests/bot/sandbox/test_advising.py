"""The advisory of the exercise: all is well, or what is missing is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.sandbox.advising import play
from bot.sandbox.board import Button, Key, Line
from bot.sandbox.deeds import Deed, Press, Say
from bot.sandbox.demo import Failed
from bot.sandbox.progress import Progress
from bot.sandbox.world import ROOMS, room_of
from tests.bot.sandbox.fake_stage import START, FakeStage

WRENCH = "\N{WRENCH}"
POST = "TLP:GREEN · HIGH · alert · RANSOMWARE-2026-001\nAcknowledged: {n} of 4"
ANSWERS = {
    "draft": "a-7kq2 is a draft.",
    "seal": "a-7kq2: sealed by all.",
    "post": "It is posted soon",
    "status": "RANSOMWARE-2026-001: released\n1 received, 1 fixed, 2 silent",
}


class Newsroom(FakeStage):
    """A bot that knows of advisories; `lost`: a room that gets none."""

    def __init__(self, lost: str = "") -> None:
        super().__init__()
        self.lost = lost
        self.words = 0

    async def do(self, person: str, deed: Deed) -> None:
        """As asked."""
        match deed:
            case Say(text):
                word = text.split()[2]
                self.said.append((person, word))
                await self.answer(room_of(person).key, person, ANSWERS[word])
                if word == "post":
                    self.show()
            case Press(message, button):
                assert message == "post"
                self.said.append((person, button))
                self.words += 1
                self.show()

    def show(self) -> None:
        """The posts as they stand."""
        for room in ROOMS:
            if room.key == self.lost:
                continue
            button = Button("press-0", "Received") if room.menu else Button(WRENCH, WRENCH)
            line = Line(Key(room.key, "post"), "Liaison", START, POST.format(n=self.words), True)
            self.board.put(replace(line, buttons=(button,)))


def test_two_teams_acknowledge_what_was_posted_and_the_board_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage = Newsroom()
    assert asyncio.run(play(stage, Progress(), 5.0)).endswith("1 received, 1 fixed, 2 silent")
    assert stage.said == [
        ("amelie", "draft"), ("karim", "seal"), ("amelie", "post"), ("joris", "press-0"),
        ("ines", WRENCH), ("amelie", "status"),
    ]  # fmt: skip
    assert "1 received, 1 fixed, 2 silent" in capsys.readouterr().out


def test_a_room_that_does_not_get_it_is_told() -> None:
    with pytest.raises(Failed, match="its post in bravo is missing"):
        asyncio.run(play(Newsroom(lost="bravo"), Progress(), 0.2))
