"""The bot as a process of its own, as an operator would run it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import bot

_TETHER = Path(__file__).with_name("tether.py")
_ROOT = Path(bot.__file__).parents[1]
READY = "ready:"
DRAIN = 10.0
"""Seconds in which `run` drains what is in flight after SIGTERM, as its interface says."""


class ChildEnded(RuntimeError):
    """The process ended though nobody asked it to; the text ends with the last lines of its log."""


class Child:
    """`python -m bot ARGUMENT…`, tied to this process: it ends with it, however that ends."""

    def __init__(self, arguments: Sequence[str], log: Path, *, module: str = "bot") -> None:
        self._arguments = (module, *arguments)
        self._log = log
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[str] | None = None

    @property
    def pid(self) -> int | None:
        """The process, None while there is none."""
        return self._process.pid if self._process else None

    async def start(self, seconds: float = 60.0) -> str:
        """Start it; its `ready:` line. Raises ChildEnded, also when it does not come in time."""
        self._ready = asyncio.get_running_loop().create_future()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                str(_TETHER),
                *self._arguments,
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                cwd=self._log.parent,
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
                start_new_session=True,  # Ctrl-C is for the parent, which ends it in order
            )
        self._reader = asyncio.create_task(self._read(self._process, self._ready))
        ended = asyncio.create_task(self._process.wait())
        either: set[asyncio.Future[Any]] = {ended, self._ready}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if self._ready.done():
            return self._ready.result()
        if self._process.returncode is not None:
            raise self._ended()
        await self.stop()
        raise ChildEnded(f"the bot was not ready within {seconds:.0f} s{self._last_lines()}")

    async def ended(self) -> None:
        """Wait until it ends of itself, which raises ChildEnded."""
        assert self._process is not None
        await self._process.wait()
        raise self._ended()

    async def stop(self) -> None:
        """SIGTERM, time to drain, and only then by force; does nothing where it has ended."""
        process, reader = self._process, self._reader
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(DRAIN):
                    await process.wait()
            except TimeoutError:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if reader:
            await reader
        if process.stdin:
            process.stdin.close()

    async def _read(self, process: Process, ready: asyncio.Future[str]) -> None:
        assert process.stdout is not None
        async for raw in process.stdout:
            line = raw.decode(errors="replace").strip()
            if line.startswith(READY) and not ready.done():
                ready.set_result(line)

    def _ended(self) -> ChildEnded:
        assert self._process is not None
        status = self._process.returncode
        return ChildEnded(f"the bot ended with exit status {status}{self._last_lines()}")

    def _last_lines(self, count: int = 8) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace").strip()
        lines = [f"  {line}" for line in text.splitlines()[-count:]]
        told = "\n".join(lines) if lines else "  (nothing)"
        return f"; the last lines of {self._log}:\n{told}"
