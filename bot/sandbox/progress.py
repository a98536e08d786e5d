"""What the sandbox says in the terminal while it sets itself up."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """One line for each step when it is done, with the seconds it took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long ago all this began."""
        return time.monotonic() - self._began

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A step: told when it ends well, and not at all when it fails."""
        began = time.monotonic()
        yield
        self.say(f"{what} ({time.monotonic() - began:.1f} s)")

    def say(self, words: str) -> None:
        """A line with the time since the beginning in front."""
        print(f"{self.seconds:6.1f} s  {words}", flush=True)  # noqa: T201  the command's output

    def show(self, words: str) -> None:
        """Text as it stands."""
        print(words, flush=True)  # noqa: T201  the command's output

    def complain(self, words: str) -> None:
        """A fault, on standard error."""
        print(f"sandbox: {words}", file=sys.stderr, flush=True)  # noqa: T201  the command's output
