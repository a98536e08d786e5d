"""`liaison sandbox` from the outside: what it prints, how it ends, and what stays behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from bot.sandbox import entrance
from bot.sandbox.synapse import synapse_is_installed

with_synapse = pytest.mark.skipif(
    not synapse_is_installed(), reason="matrix-synapse is not installed (the extra `sandbox`)"
)
pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def _sandbox(folder: Path, *options: str) -> AsyncIterator[Process]:
    """The command as a process, with everything temporary below `folder`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "sandbox", "--port", "0", *options),
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _ready(process: Process) -> str:
    """The page's address, once it is announced."""
    assert process.stdout
    async for line in process.stdout:
        found = re.search(r"ready: (http://\S+)", line.decode())
        if found:
            return found[1]
    assert process.stderr
    raise AssertionError((await process.stderr.read()).decode())


def _children(process: Process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def _left(children: list[psutil.Process]) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(children, timeout=10)
    return [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


@with_synapse
def test_ctrl_c_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    async def play() -> None:
        async with _sandbox(tmp_path) as process:
            await _ready(process)
            children = _children(process)
            assert len(children) >= 2
            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), 20) == 0
        assert _left(children) == []
        assert list(tmp_path.iterdir()) == []

    asyncio.run(play())


@with_synapse
def test_told_to_end_while_it_sets_up_it_leaves_nothing(tmp_path: Path) -> None:
    async def play() -> None:
        async with _sandbox(tmp_path) as process:
            assert process.stdout
            await process.stdout.readline()  # the first step: Synapse is being started
            children = _children(process)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 20) == 0
        assert _left(children) == []
        assert list(tmp_path.iterdir()) == []

    asyncio.run(play())


@with_synapse
def test_a_bot_that_dies_ends_it_with_the_last_lines_of_its_log(tmp_path: Path) -> None:
    async def play() -> None:
        async with _sandbox(tmp_path) as process:
            await _ready(process)
            children = _children(process)
            bot = next(one for one in children if "run" in one.cmdline())
            bot.kill()
            _, err = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 1
        assert "sandbox: the bot ended with exit status -9; the last lines of" in err.decode()
        assert "Traceback" not in err.decode()
        assert _left(children) == []

    asyncio.run(play())


@with_synapse
def test_the_demo_plays_twice_in_a_kept_folder_with_the_same_rooms(tmp_path: Path) -> None:
    async def demo() -> str:
        async with _sandbox(tmp_path, "--demo", "--keep", str(tmp_path / "kept")) as process:
            out, err = await process.communicate()
        told = out.decode()
        assert (process.returncode, err) == (0, b"")
        step = r"^ +[0-9.]+ s  Synapse: a Matrix homeserver \([0-9.]+ s\)$"
        assert re.search(step, told, re.MULTILINE)
        assert told.endswith("demo: 15 messages, each once and in order in every room\n")
        settings = (tmp_path / "kept/liaison.toml").read_text(encoding="utf-8")
        rooms = re.search(r"^rooms = .*$", settings, re.MULTILINE)
        assert rooms
        return rooms[0]

    assert asyncio.run(demo()) == asyncio.run(demo())


def test_without_synapse_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(entrance, "synapse_is_installed", lambda: False)
    assert asyncio.run(entrance.sandbox(port=0, demo=False, keep=None)) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def _synapse_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "synapse_is_installed", lambda: True)


@pytest.mark.usefixtures("_synapse_is_there")
def test_a_port_that_is_taken_is_said_before_anything_is_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert asyncio.run(entrance.sandbox(port=port, demo=False, keep=None)) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"sandbox: port {port} cannot be used")
    assert "--port" in told.err
    assert told.out == ""


@pytest.mark.usefixtures("_synapse_is_there")
def test_a_folder_that_another_sandbox_uses_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileLock(tmp_path / "sandbox.lock"):
        assert asyncio.run(entrance.sandbox(port=0, demo=True, keep=tmp_path)) == 3
    assert "another sandbox uses" in capsys.readouterr().err


@pytest.mark.usefixtures("_synapse_is_there")
@pytest.mark.parametrize("what", ["a file", "rubbish"])
def test_a_folder_that_cannot_be_used_is_refused_in_a_line(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "kept"
    if what == "a file":
        place.write_text("not a folder", encoding="utf-8")
    else:
        place.mkdir()
        (place / "sandbox.json").write_text("rubbish", encoding="utf-8")
    assert asyncio.run(entrance.sandbox(port=0, demo=True, keep=place)) == 2
    told = capsys.readouterr().err
    assert told.startswith("sandbox: ")
    assert told.count("\n") == 1
