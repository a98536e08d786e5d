"""How much an import writes at once, and how long others then have the store for themselves."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from bot.indicators.raw import Asking
from bot.indicators.sources import micro


class Pace(NamedTuple):
    """How much is written at once, and how long others then have the store for themselves."""

    written: int
    """Items of one transaction at most;"""
    settled: int
    """rows of one that lie side by side."""
    pause: float
    """Seconds between two transactions;"""
    logged: int = 1000
    """and pages of SQLite's log before they are written round: the bot's own number where it is
    at work, or its commits would have to write round what an import leaves."""


ALONE = Pace(4000, 8000, 0.001, 8000)
BESIDE = Pace(150, 600, 0.012)
"""A process that waits for SQLite's lock tries again after 1, 2, 5, 10 ms …: of its few tries one
has to fall into a pause, so that these are longer than what is between them."""
WITHIN = Pace(250, 1000, 0.003)
"""In the bot itself its own writer takes the units in turn."""


def collect_seldom() -> None:
    """Have Python look for circles once in 300,000 things that are made: an import holds half as
    many, and makes none. As often as it does by itself it took half of the time.
    """
    gc.set_threshold(300_000, 20, 100)


def write_round(session: Session, pages: int) -> None:
    """Have SQLite write its log round at so many pages, on this connection."""
    asking = Asking(session)
    if asking.is_sqlite:
        asking.do(f"PRAGMA wal_autocheckpoint = {pages}")


def is_bot_running(session: Session) -> bool:
    """Whether somebody holds a lease: then the relay is at work on this store."""
    now = micro(datetime.now(UTC))
    return bool(Asking(session).rows("SELECT 1 FROM lease WHERE until > ? LIMIT 1", (now,)))
