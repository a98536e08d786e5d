"""What was set aside of a source: so much of it is kept, the newest."""

from __future__ import annotations

from typing import Any

from bot.indicators.keys import digest
from bot.indicators.raw import Asking
from bot.indicators.ready import Ready

MOST = 10_000
"""Objects of one source. One whose bad rows are others with each poll would fill the store."""

_LARGEST = 1 << 16
"""Bytes of one that are kept."""


def aside(source: int, each: Ready, now: int) -> tuple[Any, ...]:
    """The row of one, for `SET_ASIDE`."""
    raw = each.raw
    number = digest(f"{each.reason}\0{each.id}\0".encode() + raw)
    return source, number, each.reason, each.id, raw if 0 < len(raw) <= _LARGEST else None, now


def forget_old(asking: Asking, source: int) -> int:
    """How many were forgotten: those that were set aside first."""
    found = asking.rows(_LAST, (source, MOST))
    if not found:
        return 0
    received, digest = found[0]
    return asking.do(_FORGET, (source, received, received, digest))


SET_ASIDE = (
    "INSERT INTO indicator_quarantine (source, digest, reason, ref, raw, received) "
    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest) DO NOTHING"
)
_LAST = (
    "SELECT received, digest FROM indicator_quarantine WHERE source = ? "
    "ORDER BY received DESC, digest DESC LIMIT 1 OFFSET ?"
)
_FORGET = (
    "DELETE FROM indicator_quarantine WHERE source = ? "
    "AND (received < ? OR (received = ? AND digest <= ?))"
)
