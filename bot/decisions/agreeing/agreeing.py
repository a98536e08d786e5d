"""All of a series in one pass: each entry is shown to those who compare, who then name the entries
with which a row does not agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.decisions.agreeing.decided import Decided
from bot.decisions.agreeing.spoken import Spoken
from bot.decisions.agreeing.tasked import Tasked
from bot.store.tables.decisions import Ledger


def disagreement(session: Session, series: str) -> int | None:
    """The first entry of a series with which something that people are shown does not agree. The
    chain has been verified.
    """
    decided, spoken, tasked = Decided(), Spoken(), Tasked()
    for row in _entries(session, series):
        if not (spoken.take(row) or tasked.take(row)):
            decided.take(row)
    every = (decided, spoken, tasked)
    return min((at for each in every for at in each.wrong(session, series)), default=None)


def _entries(session: Session, series: str) -> Iterable[Row[Any]]:
    return session.connection().execute(_ENTRIES, {"series": series})


_ENTRIES: Executable = (
    select(Ledger.entry, Ledger.ref, Ledger.number, Ledger.kind, Ledger.body, Ledger.text)
    .where(Ledger.series == bindparam("series"))
    .order_by(Ledger.entry)
    .execution_options(yield_per=2000)
)
