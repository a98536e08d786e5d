"""The processes of a benchmark: the far side, the bot, and the clients without a bot."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.measures import peak, resident

_ROOT = Path(__file__).parents[2]
_READY = 60.0


class Far:
    """The far side, spoken to line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = str(self._line()["url"])

    def __call__(self, do: str, **arguments: Any) -> Any:
        """Have something done, and wait for its end."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the far side has ended")
        return json.loads(line)


class Bot:
    """A running bot: how long it took to be ready, and what it holds."""

    def __init__(self, process: subprocess.Popen[str], ready: float) -> None:
        self.id = process.pid
        self.ready = ready
        """Seconds from the start of the process to `ready:`,"""
        self.busy = self.seconds
        """and those of the processor until then."""

    @property
    def memory(self) -> float:
        """Resident memory now, in MB."""
        return resident(self.id)

    @property
    def peak(self) -> float:
        """The most that it ever was, in MB."""
        return peak(self.id)

    def forget_peak(self) -> None:
        """From now on `peak` is of what follows (proc(5), `clear_refs`)."""
        Path(f"/proc/{self.id}/clear_refs").write_text("5")

    @property
    def seconds(self) -> float:
        """Processor time so far."""
        ticks = Path(f"/proc/{self.id}/stat").read_text().rpartition(")")[2].split()
        return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def far_side() -> Iterator[Far]:
    """The networks, in a process of their own."""
    with _started(["-m", "tests.benchmarks.far_side"], stdin=True) as process:
        yield Far(process)


@contextlib.contextmanager
def bot(settings: Path) -> Iterator[Bot]:
    """`liaison run`, once it is ready."""
    begun = time.perf_counter()
    with _started(["-m", "bot", "run", "--config", str(settings)], log=settings.parent) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("ready:"):
                break
        else:
            said = (settings.parent / "stderr").read_text(encoding="utf-8")[-2000:]
            raise RuntimeError(f"the bot did not become ready: {said}")
        yield Bot(process, time.perf_counter() - begun)


@contextlib.contextmanager
def without_bot(url: str, channels: int) -> Iterator[None]:
    """slack_sdk and nio joined directly: what every bot on them takes at least."""
    words = ["-m", "tests.benchmarks.direct", url, str(channels)]
    with _started(words) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield


@contextlib.contextmanager
def _started(
    words: Sequence[str], *, stdin: bool = False, log: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context((log / "stderr").open("a")) if log else None
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=_ROOT,
            text=True,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
