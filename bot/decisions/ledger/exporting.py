"""The ledger as others read it: an entry a line of JSON."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.decisions.ledger.form import moment
from bot.decisions.ledger.writing import BALLOT
from bot.store.tables.decisions import Decision, Ledger

_PAGE = 2000
_encode = msgspec.json.Encoder().encode


def lines(
    session: Session,
    series: Iterable[str],
    withheld: Container[str] = (),
    released: Mapping[str, datetime] = MappingProxyType({}),
) -> Iterator[bytes]:
    """Every entry of some series, in order; read page by page. Texts and salts are there unless
    they were erased, so that whoever has the export can verify the commitments; the votes of a
    ballot that is closed stay so until it ends. `withheld`: handles of decisions whose entries are
    there by their hashes alone, so that the chain can be followed; `released`: of those that the
    readers know by a release alone, when that was: what others said before is there so too.
    """
    ballots = sealed_ballots(session)
    for name in series:
        for row in rows(session, name):
            if row.ref in withheld or _is_of_others(row, released):
                yield _encode(_hashes(row)) + b"\n"
                continue
            found = entry(row)
            if row.kind == BALLOT and row.ref in ballots:
                found |= {"text": None, "salt": None}
            yield _encode(found) + b"\n"


def _is_of_others(row: Row[Any], released: Mapping[str, datetime]) -> bool:
    """Whether an entry says more than what was released."""
    return row.ref in released and row.kind not in OWN and row.at < released[row.ref]


OWN = frozenset({"opened", "action", "corrected", "released", "redacted"})
"""The kinds of entries of who decides, with nothing of what others said to it."""


def sealed_ballots(session: Session) -> frozenset[str]:
    """The decisions whose closed ballots have not ended."""
    found = select(Decision.ref).join(Ledger, Ledger.ref == Decision.ref)
    running = found.where(Decision.state == "open", Ledger.kind == BALLOT).distinct()
    return frozenset(session.execute(running).scalars())


def _hashes(row: Row[Any]) -> dict[str, Any]:
    return {
        "series": row.series,
        "entry": row.entry,
        "withheld": True,
        "previous": row.previous.hex(),
        "hash": row.hash.hex(),
    }


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


class Unreadable(Exception):
    """A row holds what none of ours does: a text where bytes belong, no time where one does."""


def rows(session: Session, series: str) -> Iterator[Row[Any]]:
    """The rows of a series in order, page by page. Raises Unreadable where the next one cannot be
    read at all.
    """
    after, most = 0, _PAGE
    while True:
        where = {"series": series, "after": after, "most": most}
        try:
            page = session.connection().execute(_ENTRIES, where).all()
        except (TypeError, ValueError, OverflowError, DBAPIError) as error:
            if isinstance(error, DBAPIError) and "decode" not in str(error.orig).lower():
                raise  # the database's own trouble
            if most == 1:
                raise Unreadable from error
            most = 1  # to come as far as can be
            continue
        yield from page
        if len(page) < most:
            return
        after = page[-1].entry


_ENTRIES = (
    select(*Ledger.__table__.columns)
    .where(Ledger.series == bindparam("series"), Ledger.entry > bindparam("after"))
    .order_by(Ledger.entry)
    .limit(bindparam("most"))
)
