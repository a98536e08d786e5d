"""A process that carries out what is due and is killed at its N-th statement or commit:
`python -m tests.bot.schedules.doomed URL NOW N`.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import event

from bot.store.database import open_database
from tests.bot.schedules.life import Life
from tests.clock import Clock


def main(url: str, now: str, number: int) -> None:
    database = open_database(url)
    life = Life(database, Clock(datetime.fromisoformat(now)))
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit"):
        event.listen(database.engine, name, count)
    life.look()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
