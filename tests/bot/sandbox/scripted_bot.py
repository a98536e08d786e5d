"""Plays `python -m bot` for the tests of its keeper: does what its first argument says."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType


def main() -> int:
    asked = sys.argv[1]
    end = threading.Event()

    def drain(_number: int, _frame: FrameType | None) -> None:
        print("draining", file=sys.stderr, flush=True)
        end.set()

    signal.signal(signal.SIGTERM, drain)
    if asked == "refused":
        print("liaison.toml: teams.a: expected a table", file=sys.stderr)
        return 2
    if asked == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("something else first")
    print("ready: 1 channels, 3 rooms", flush=True)
    while not end.wait(0.05):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
