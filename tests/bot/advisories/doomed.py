"""A process that posts the advisories that are due and is killed at its N-th statement or commit:
`python -m tests.bot.advisories.doomed URL NOW N`.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import event

from bot.store.database import Database, open_database
from tests.bot.advisories.newsroom import Publisher
from tests.bot.advisories.posting import life
from tests.clock import Clock


def main(url: str, now: str, number: int) -> None:
    database: Database = open_database(url)
    publisher = Publisher()
    publisher.alliance.open()
    scheduler = life(database, Clock(datetime.fromisoformat(now)), publisher)
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit"):
        event.listen(database.engine, name, count)
    scheduler.look()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
