"""The bot's process: started, waited for, and never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bot.sandbox import child as module
from bot.sandbox.child import Child, ChildEnded

SCRIPT = "tests.bot.sandbox.scripted_bot"


def _child(asked: str, folder: Path) -> Child:
    return Child([asked], folder / "bot.log", module=SCRIPT)


def test_it_is_ready_when_it_says_so_and_drains_when_asked(tmp_path: Path) -> None:
    async def play() -> None:
        child = _child("run", tmp_path)
        assert await child.start(20) == "ready: 1 channels, 3 rooms"
        pid = child.pid
        assert pid is not None
        await child.stop()
        assert not psutil.pid_exists(pid)
        await child.stop()

    asyncio.run(play())
    assert (tmp_path / "bot.log").read_text(encoding="utf-8") == "draining\n"


def test_one_that_ends_early_is_told_with_its_last_lines(tmp_path: Path) -> None:
    async def play() -> None:
        with pytest.raises(ChildEnded, match="status 2") as raised:
            await _child("refused", tmp_path).start(20)
        assert "liaison.toml: teams.a: expected a table" in str(raised.value)
        assert "bot.log" in str(raised.value)

    asyncio.run(play())


def test_one_that_dies_later_is_noticed(tmp_path: Path) -> None:
    async def play() -> None:
        child = _child("run", tmp_path)
        await child.start(20)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(ChildEnded, match="status -9"):
            await asyncio.wait_for(child.ended(), 30)
        await child.stop()

    asyncio.run(play())


def test_one_that_does_not_drain_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DRAIN", 0.2)

    async def play() -> None:
        child = _child("deaf", tmp_path)
        await child.start(20)
        pid = child.pid
        assert pid is not None
        await child.stop()
        assert not psutil.pid_exists(pid)

    asyncio.run(play())


def test_it_ends_when_its_keeper_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio; from pathlib import Path; from bot.sandbox.child import Child\n"
        "async def main():\n"
        f"    child = Child(['run'], Path({str(tmp_path / 'bot.log')!r}), module={SCRIPT!r})\n"
        "    await child.start(); print(child.pid, flush=True); await child.ended()\n"
        "asyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout
        bot = psutil.Process(int(keeper.stdout.readline()))
        keeper.kill()
        psutil.wait_procs([bot], timeout=10)
        assert not bot.is_running() or bot.status() == psutil.STATUS_ZOMBIE
