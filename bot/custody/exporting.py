"""The audit, row by row, as it leaves the store: everything that a row's hash covers is in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.store.tables import Audit

_AT_ONCE = 1000

Json = dict[str, object]


def export(session: Session, since: datetime) -> Iterator[Json]:
    """Every row from a moment on: the sealed ones in the chain's order, then those that are not
    sealed yet, without number, previous and hash.
    """
    rows = select(*Audit.__table__.columns).where(Audit.at >= since)
    for part in (
        rows.where(Audit.number.is_not(None)).order_by(Audit.number),
        rows.where(Audit.number.is_(None)).order_by(Audit.seq),
    ):
        for row in session.execute(part.execution_options(yield_per=_AT_ONCE)):
            yield _json(row)


def _json(row: Row[Any]) -> Json:
    return {
        "at": precise(row.at),
        "who": row.who,
        "team": row.team,
        "action": row.action,
        "object": row.object,
        "rule": row.rule,
        "outcome": row.outcome,
        "previous": _hex(row.previous),
        "hash": _hex(row.hash),
        "originator": row.originator,
        "number": row.number,
        "seq": row.seq,
    }


def precise(moment: datetime) -> str:
    """A time to the microsecond, in UTC: as exact as the hash needs it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
