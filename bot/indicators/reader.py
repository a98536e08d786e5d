"""A process that reads objects for a large import: the other core's half of the work.

It only saves time. What it cannot tell, or does not tell in time, is read as if there were none,
and when it ends, for whatever reason, the import goes on without it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import structlog

import bot
from bot.indicators.frames import Found, ask

log = structlog.get_logger()

LONGEST = 60.0
"""Seconds that it may take for one batch: it takes a tenth of one."""
_PROGRAM = Path(__file__).with_name("reader_process.py")
_FOLDER = Path(bot.__file__).parents[1]
_PIPE = 1 << 20
"""Bytes: as many as Linux gives to anybody."""
_TOLD = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")
"""Of the environment: where Python and its libraries are, and no secrets."""


class Reader:
    """The process; begun when it is first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_over = not _has_two_cores()
        self._lock = threading.Lock()

    @property
    def is_over(self) -> bool:
        """Whether there is none, and will be none."""
        return self._is_over

    def read(self, raws: Sequence[bytes]) -> Found:
        """What was made of each; None for all of them where it ended. From one thread at a time."""
        found: Found | None = None
        with suppress(OSError, ValueError, msgspec.MsgspecError):  # closed pipes are a ValueError
            found = self._ask(raws)
        if found is None or len(found) != len(raws):
            self._end()
            return [None] * len(raws)
        return found

    def close(self) -> None:
        """Let it end; from any thread."""
        with self._lock:
            self._is_over, process = True, self._process
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was not written yet
                    assert pipe is not None
                    pipe.close()

    def _ask(self, raws: Sequence[bytes]) -> Found | None:
        process = self._begun()
        if process is None:
            return None
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Timer(LONGEST, process.kill)
        late.start()
        try:
            return ask(raws, process.stdin, process.stdout)
        finally:
            late.cancel()

    def _begun(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._process is None and not self._is_over:
                self._process = subprocess.Popen(  # noqa: S603  our own program
                    [sys.executable, "-P", str(_PROGRAM), str(_FOLDER)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env={name: os.environ[name] for name in _TOLD if name in os.environ},
                )  # fmt: skip
                for pipe in (self._process.stdin, self._process.stdout):
                    _widen(pipe)
            return None if self._is_over else self._process

    def _end(self) -> None:
        if not self._is_over:
            log.warning("import.reader_ended")
        self.close()


def _widen(pipe: IO[bytes] | None) -> None:
    """Have a pipe hold a whole batch: whoever writes a piece at a time has to wait for Python's
    lock before each.
    """
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # its user has many pipes
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _has_two_cores() -> bool:
    return len(os.sched_getaffinity(0)) > 1 if hasattr(os, "sched_getaffinity") else True
