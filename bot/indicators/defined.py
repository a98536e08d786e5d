"""What a source has defined before: markings come once, and what they mark comes again."""

from __future__ import annotations

import msgspec
from sqlalchemy.orm import Session

from bot.indicators.keys import ref_key
from bot.indicators.raw import Asking
from bot.indicators.sources import Source
from bot.indicators.stix.markings import is_statement


def has_defined(session: Session, source: Source, ref: str) -> bool:
    """Whether something is a statement, which restricts nobody, by what the source gave last."""
    rows = Asking(session).rows(_DEFINED, (ref_key(ref), source.by, source.name, ref))
    return bool(rows) and is_statement(msgspec.json.decode(bytes(rows[0][0])))


_DEFINED = (
    "SELECT r.raw FROM indicator_identity i JOIN indicator_source s ON s.id = i.source "
    "JOIN indicator_object o ON o.id = i.object JOIN indicator_raw r ON r.object = o.id "
    "WHERE i.key = ? AND s.kind = ? AND s.name = ? AND o.ref = ? AND NOT o.revoked"
)
