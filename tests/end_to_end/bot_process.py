"""The bot as a process of its own, which is started, killed and started again on one store."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path

import bot.sandbox.tether

_ROOT = Path(bot.__file__).parents[1]
_TETHER = Path(bot.sandbox.tether.__file__)
"""Runs `python -m bot …` so that it ends with the tests, however those end."""
READY_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run of a command ended."""

    status: int
    out: str
    err: str


class BotProcess:
    """`liaison run` on one configuration file."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.log = config.with_name("bot.log")
        self.out: list[str] = []
        """What the present run has written on standard output."""
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._spoke = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """The process, which must be running."""
        assert self._process is not None
        return self._process.pid

    @property
    def ready(self) -> bool:
        """Whether it has said so."""
        return any(line.startswith("ready: ") for line in self.out)

    async def launch(self) -> None:
        """Start it, and do not wait for it to be ready."""
        assert not self.running
        self.out, self._spoke = [], asyncio.Event()
        with self.log.open("ab") as log:
            self._process = await _spawn(self.config, "run", stdout=PIPE, stderr=log)
        self._reader = asyncio.create_task(self._read(self._process))

    async def start(self) -> str:
        """Start it; its `ready:` line."""
        await self.launch()
        await self.until_ready()
        return self.out[-1]

    async def until_ready(self) -> None:
        """Wait for its `ready:` line; raises AssertionError when it ends instead."""
        async with asyncio.timeout(READY_WITHIN):
            while not self.ready:
                assert not self._reader.done() if self._reader else False, self.last_lines()
                self._spoke.clear()
                await self._spoke.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it, by its id; nothing where it has ended."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """SIGTERM; its exit status. It has 15 seconds, then it is killed."""
        self.send(signal.SIGTERM)
        try:
            return await self.ended(15.0)
        except TimeoutError:
            await self.kill()
            raise

    async def ended(self, within: float = 15.0) -> int:
        """Its exit status, once it has ended; raises TimeoutError."""
        assert self._process is not None
        async with asyncio.timeout(within):
            status = await self._process.wait()
        if self._reader is not None:
            await self._reader
        if self._process.stdin is not None:
            self._process.stdin.close()
        return status

    def last_lines(self, count: int = 12) -> str:
        """The end of its log, for a failing test."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        async for raw in process.stdout:
            self.out.append(raw.decode(errors="replace").rstrip("\n"))
            self._spoke.set()
        self._spoke.set()


async def command(config: Path, *words: str, within: float = 30.0) -> Ended:
    """Run one `liaison WORD…` to its end."""
    process = await _spawn(config, *words, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(within):
            assert process.stdout is not None
            assert process.stderr is not None
            out, err, status = await asyncio.gather(
                process.stdout.read(), process.stderr.read(), process.wait()
            )
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if process.stdin is not None:
            process.stdin.close()
    return Ended(status, out.decode(), err.decode())


async def begun(config: Path, *words: str) -> Process:
    """One `liaison WORD…` that goes on, for those who end it before its time."""
    with config.with_name("command.log").open("ab") as log:
        return await _spawn(config, *words, stdout=log, stderr=log)


async def _spawn(config: Path, *words: str, stdout: object, stderr: object) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        str(_TETHER),
        "bot",
        *words,
        "--config",
        str(config),
        stdin=PIPE,
        stdout=stdout,  # type: ignore[arg-type]  # a file or PIPE, which the stubs keep private
        stderr=stderr,  # type: ignore[arg-type]  # as above
        cwd=config.parent,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
