"""The exercise finds what went wrong, each fault in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.sandbox import demo
from bot.sandbox.board import Button, Key, Line
from bot.sandbox.demo import Failed, play
from bot.sandbox.exercise import EXERCISE, Edited, Reacted, Said, Shared, TakenBack
from bot.sandbox.progress import Progress
from tests.bot.sandbox.fake_stage import START, FakeStage

PATIENCE = 0.2


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "QUIET", 0.01)


def _play(stage: FakeStage) -> int:
    return asyncio.run(play(stage, Progress(), PATIENCE))


def _faults(stage: FakeStage) -> str:
    with pytest.raises(Failed) as raised:
        _play(stage)
    return "\n".join(raised.value.faults)


def test_all_is_well_where_each_line_lands_once(capsys: pytest.CaptureFixture[str]) -> None:
    acts = [act for scene in EXERCISE for act in scene.lines]
    shared = sum(isinstance(act, Shared) for act in acts)
    assert _play(FakeStage()) == sum(isinstance(a, Said) and not a.private for a in acts) + shared
    told = capsys.readouterr().out
    assert "→ Tomás Ferreira: Cranes 3 to 9 run again." in told
    assert "· Liaison, only for Amélie Rousseau: All rooms are up." in told


def test_the_exercise_has_what_is_hard() -> None:
    acts = [act for scene in EXERCISE for act in scene.lines]
    lines = [act for act in acts if isinstance(act, Said)]
    texts = [said.text for said in lines if not said.private]
    assert 8 <= len(texts) <= 15
    assert {type(act) for act in acts} == {Said, Edited, TakenBack, Reacted, Shared}
    assert any(said.answers for said in lines)
    assert len(set(texts)) == len(texts) - 1, "one text is said twice, by two people"
    asked = {said.text for said in lines if said.private}
    ioc = "ioc 198.51.100[.]24"
    assert asked == {"!status", "/liaison status", f"/liaison {ioc}", f"!{ioc}"}
    assert any(len(scene.lines) == 3 for scene in EXERCISE)


class Ignorant(FakeStage):
    """Knows nothing of any value."""

    async def answer(self, room: str, person: str, text: str, *more: Any, **others: Any) -> None:
        await super().answer(room, person, text.replace(": known", ": nothing"), *more, **others)


def test_an_answer_that_knows_nothing_of_the_example_is_told() -> None:
    faults = _faults(Ignorant())
    assert "of Rui Almeida was not answered with “: known”" in faults
    assert "of Joris de Vries was not answered with" in faults


class Bent(FakeStage):
    """Does something wrong to each line that the bot puts into alpha."""

    def __init__(self, bend: Callable[[Line], list[Line]]) -> None:
        super().__init__()
        whole = self.board.put

        def put(line: Line) -> None:
            wrong = line.by_bot and line.key.room == "alpha" and not line.only_for
            for each in bend(line) if wrong else [line]:
                whole(each)

        self.board.put = put  # type: ignore[method-assign]  # the fault under test


def test_a_line_that_is_lost_is_told() -> None:
    stage = Bent(lambda line: [] if "Rotterdam" in line.text else [line])
    assert "“Two shippers in Rotterdam" in _faults(stage)


def test_a_line_that_comes_twice_is_told() -> None:
    twice = Bent(
        lambda line: (
            [line, replace(line, key=Key("alpha", f"{line.key.message}again"))]
            if "Rotterdam" in line.text
            else [line]
        )
    )
    assert "alpha shows 5 messages of bravo, and 4 were said" in _faults(twice)


def test_a_changed_text_is_told() -> None:
    bent = Bent(lambda line: [replace(line, text=line.text.replace("&", "&amp;"))])
    assert "“Manual operation" in _faults(bent)


def test_a_wrong_author_is_told() -> None:
    bent = Bent(lambda line: [replace(line, author="Liaison")])
    assert "of Tomás Ferreira is not in alpha" in _faults(bent)


@pytest.mark.parametrize(
    ("bend", "words"),
    [
        (lambda line: replace(line, edited=False), "(edited) is not in alpha"),
        (lambda line: replace(line, answers=None), "(answering “Two shippers in Rotterdam"),
        (lambda line: replace(line, reactions=()), "(with 👀) is not in alpha"),
        (lambda line: replace(line, files=line.files[1:]), "“cranes.txt” of Rui Almeida"),
        (
            lambda line: (
                replace(line, taken_back=False, text="Wrong window, sorry.")
                if line.taken_back
                else line
            ),
            "what was taken back of Saskia Bakker is not in alpha",
        ),
    ],
)
def test_what_does_not_come_over_is_told(bend: Callable[[Line], Line], words: str) -> None:
    assert words in _faults(Bent(lambda line: [bend(line)]))


def test_another_order_is_told() -> None:
    held: list[Line] = []

    def swap(line: Line) -> list[Line]:
        if "Ransom note" in line.text:
            held.append(line)
        if "We take the lead" not in line.text:
            return [] if line in held else [line]
        return [line, *held]

    patient = Bent(swap)
    exercise = demo.Exercise(patient, PATIENCE, frozenset())

    async def rehearse() -> None:
        for said in (EXERCISE[0].lines[0], EXERCISE[2].lines[2]):
            assert isinstance(said, Said)
            await patient.say(said.person, said.text)
            exercise._expected.add(said)
        exercise.check()

    with pytest.raises(Failed, match="alpha shows the messages of Matrix in another order"):
        asyncio.run(rehearse())


def test_a_command_that_is_relayed_is_told() -> None:
    class Leaky(FakeStage):
        async def answer(self, room: str, person: str, text: str, *buttons: Button) -> None:
            await super().answer(room, person, text)
            if room == "coalition":
                line = Line(Key("bravo", "leak"), "Inês Carvalho", START, "!status", by_bot=True)
                self.board.put(line)

    assert "bravo shows 8 messages of Matrix, and 7 were said" in _faults(Leaky())


def test_an_answer_that_never_comes_is_told() -> None:
    class Silent(FakeStage):
        async def answer(self, room: str, person: str, text: str, *buttons: Button) -> None:
            if room != "alpha":
                await super().answer(room, person, text)

    assert "“/liaison status” of Amélie Rousseau was not answered" in _faults(Silent())


def test_what_cannot_be_said_is_told() -> None:
    stage = FakeStage()
    stage.refuse = "The homeserver does not answer."
    assert "could not be said: The homeserver does not answer." in _faults(stage)
