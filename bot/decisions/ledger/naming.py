"""Which key signs the heads of a series, as its own chain says: an entry whenever it is another.

So what an earlier key has signed is held against that key for ever. And nobody can sign old heads
anew with a key of their own: the entry that names the right one lies under heads that were told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.decisions.ledger.writing import append
from bot.store.tables.decisions import Ledger

KEY = "key"
"""The kind of the entry, and of what it is about."""
Named = Sequence[tuple[int, bytes]]
"""The entries that name a key, each with it, in their order."""


class _Body(msgspec.Struct):
    key: str


_body = msgspec.json.Decoder(_Body).decode


def name_key(session: Session, series: str, public: bytes, now: datetime) -> None:
    """Put on record that this key signs from now on, unless the chain says so already."""
    known = named(session, series)
    if not known or known[-1][1] != public:
        reference = numbering.begin(session, KEY, "x", series, now)
        append(session, reference, KEY, {"key": public.hex()}, now)


def named(session: Session, series: str) -> Named:
    """The keys that a chain names."""
    found = session.connection().execute(_NAMED, {"series": series})
    return [(entry, bytes.fromhex(_body(body).key)) for entry, body in found]


def key_at(known: Named, entry: int) -> bytes | None:
    """The key that a head has to be signed by: the last one named up to it; of heads from before
    any was, the first. None where the chain names none.
    """
    before = [key for at, key in known if at <= entry]
    return before[-1] if before else next((key for _, key in known), None)


_NAMED = (
    select(Ledger.entry, Ledger.body)
    .where(Ledger.series == bindparam("series"), Ledger.kind == KEY)
    .order_by(Ledger.entry)
)
