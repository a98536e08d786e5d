"""Reads objects in a process of its own: run by path, with the folder that `bot` is in.

It takes batches of objects on its standard input and gives back what was made of them, until its
input ends, as it does when whoever began it ends. It has no store, no network and no secrets, and
keeps nothing from one batch to the next.
"""

from __future__ import annotations

import gc
import resource
import signal
import sys

sys.path.insert(0, sys.argv[1])

from bot.indicators.frames import answer

_MEMORY = 1 << 30
"""Bytes of addresses that it may have: a third of it is what Python and libraries map."""


def main() -> None:
    """Read until there is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when whoever began it does
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    gc.set_threshold(100_000, 20, 100)
    while answer(sys.stdin.buffer, sys.stdout.buffer):
        pass


if __name__ == "__main__":
    main()
