"""SIGKILL while people edit, react, take back and answer: in the end all rooms agree."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from bot.sandbox.slack import sockets
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, CLO, EVE, coalition
from tests.end_to_end.killing import Killing
from tests.end_to_end.looks import agree
from tests.end_to_end.mixture import Mixture


@pytest.mark.timeout(120)
def test_killed_while_people_edit_react_delete_and_answer_all_rooms_agree(
    tmp_path: Path, synapse: Synapse, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Slack says it again for five minutes; of a deletion that it gave up nobody can know
    monkeypatch.setattr(sockets, "RETRIES", 20)

    async def play() -> None:
        async with coalition(tmp_path, synapse, seed=seed) as whole:
            random = Random(seed)
            mixture = Mixture(whole, random)
            await whole.bot.start()
            await Killing(whole, mixture, random).run(messages=60, kills=3)
            await agree(whole, 40.0)
            for person in (ADA, CLO, EVE):  # all before them has been taken in
                await whole.say(person, f"the last of {person}")
            await agree(whole, 20.0)
            assert not any(room.workspace.sockets()["given_up"] for room in whole.rooms.values())
            assert set(mixture.done) == {"answer", "edit", "delete", "react", "unreact", "file"}

    asyncio.run(play())
