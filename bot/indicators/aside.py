"""What was set aside of a source: so much of it is kept, the newest."""

from __future__ import annotations

from bot.indicators.raw import Asking

MOST = 10_000
"""Objects of one source. One whose bad rows are others with each poll would fill the store."""


def forget_old(asking: Asking, source: int) -> int:
    """How many were forgotten: those that were set aside first."""
    found = asking.rows(_LAST, (source, MOST))
    if not found:
        return 0
    received, digest = found[0]
    return asking.do(_FORGET, (source, received, received, digest))


_LAST = (
    "SELECT received, digest FROM indicator_quarantine WHERE source = ? "
    "ORDER BY received DESC, digest DESC LIMIT 1 OFFSET ?"
)
_FORGET = (
    "DELETE FROM indicator_quarantine WHERE source = ? "
    "AND (received < ? OR (received = ? AND digest <= ?))"
)
