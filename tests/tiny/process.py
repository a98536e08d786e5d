"""The whole bot as a process, on the tiny network."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.cli import main
from tests.tiny.server import TOKEN

_ROOT = Path(__file__).parents[2]


@dataclass
class Household:
    """A folder with a configuration, and what is needed to run the bot on it."""

    folder: Path
    site: Path
    port: int
    rooms: Sequence[str]
    token: str = TOKEN
    extra: str = ""
    store: str = "sqlite:///liaison.db"
    environment: dict[str, str] = field(default_factory=dict)

    def write(self) -> Path:
        """Write the configuration: one channel with all rooms but `adm`, which is for admins."""
        rooms = ", ".join(f'"tiny:here/{room}"' for room in self.rooms if room != "adm")
        admins = '"tiny:here/adm"' if "adm" in self.rooms else ""
        path = self.folder / "liaison.toml"
        path.write_text(
            f"[liaison]\nadmin_rooms = [{admins}]\n"
            f'[store]\nurl = "{self.store}"\n'
            f'[tiny.here]\nport = {self.port}\ntoken = "env:TINY"\n'
            f'[channels.port]\nceiling = "TLP:CLEAR"\nrooms = [{rooms}]\n' + self.extra
        )
        return path

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        """Start `python -m bot` with these words."""
        environment = {
            **os.environ,
            "PYTHONPATH": f"{_ROOT}{os.pathsep}{self.site}",
            "TINY": self.token,
            **self.environment,
        }
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "--config", str(self.write()), *words,
            cwd=self.folder, env=environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def say(self, *words: str) -> tuple[int, str, str]:
        """Carry out one word of the command line; exit status, output, errors."""
        process = await self.start(*words)
        async with asyncio.timeout(30):
            out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    async def ask(self, *words: str) -> tuple[int, str, str]:
        """As `say`, in this process: for words that only look."""
        out, err = io.StringIO(), io.StringIO()

        def carry_out() -> int:
            with redirect_stdout(out), redirect_stderr(err):
                return main(["--config", str(self.write()), *words])

        return await asyncio.to_thread(carry_out), out.getvalue(), err.getvalue()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        """`run`, from its `ready:` on; ended by SIGTERM unless it has ended before."""
        process = await self.start("run")
        run = Running(process)
        collecting = asyncio.create_task(run.collect())
        try:
            await run.ready()
            yield run
        finally:
            with suppress(ProcessLookupError):
                if process.returncode is None:
                    process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(30):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
            await collecting


class Running:
    """A running bot."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.errors = ""
        self.first_line = ""
        self._spoke = asyncio.Event()

    async def ready(self) -> None:
        """Wait for the line that says so; a bot that ends before has no such line."""
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            self.first_line = (await self.process.stdout.readline()).decode()

    async def collect(self) -> None:
        """Keep what it logs."""
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.errors += line.decode()
            self._spoke.set()

    async def said(self, text: str) -> None:
        """Wait until this stands on its standard error."""
        async with asyncio.timeout(20):
            while text not in self.errors:
                self._spoke.clear()
                await self._spoke.wait()

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; the exit status."""
        self.process.send_signal(number)
        async with asyncio.timeout(30):
            return await self.process.wait()
