"""The ledger as others read it: an entry a line of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.decisions.ledger.form import moment
from bot.store.decision_tables import Ledger

_PAGE = 2000
_encode = msgspec.json.Encoder().encode


def lines(session: Session, series: Iterable[str]) -> Iterator[bytes]:
    """Every entry of some series, in order; read page by page. Texts and salts are there unless
    they were erased, so that whoever has the export can verify the commitments.
    """
    for name in series:
        for row in rows(session, name):
            yield _encode(entry(row)) + b"\n"


def entry(row: Row[Any]) -> dict[str, Any]:
    """An entry with everything that its hash covers, in the hash's own forms."""
    return {
        "series": row.series,
        "entry": row.entry,
        "ref": row.ref,
        "number": row.number,
        "kind": row.kind,
        "at": moment(row.at),
        "body": msgspec.Raw(row.body.encode()),
        "commitment": None if row.commitment is None else row.commitment.hex(),
        "salt": None if row.salt is None else row.salt.hex(),
        "text": row.text,
        "previous": row.previous.hex(),
        "hash": row.hash.hex(),
    }


def rows(session: Session, series: str) -> Iterator[Row[Any]]:
    """The rows of a series in order, page by page."""
    after = 0
    while True:
        where = {"series": series, "after": after}
        page = session.connection().execute(_ENTRIES, where).all()
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].entry


_ENTRIES = (
    select(*Ledger.__table__.columns)
    .where(Ledger.series == bindparam("series"), Ledger.entry > bindparam("after"))
    .order_by(Ledger.entry)
    .limit(_PAGE)
)
