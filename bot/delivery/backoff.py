"""How long to wait before trying again: pure."""

from __future__ import annotations

_FIRST = 1.0
_LONGEST = 60.0


def pause(attempt: int, chance: float, *, retry_after: float | None = None) -> float:
    """Seconds to wait after the `attempt`-th failure (from 1).

    Doubles from one second to a minute, with jitter: `chance` in [0, 1) picks a point in the
    upper half, so that many lanes do not come back at the same instant. What the network asked
    for (`retry_after`) is never undercut.
    """
    whole = min(_FIRST * 2.0 ** min(attempt - 1, 10), _LONGEST)
    return max(whole * (0.5 + chance / 2), retry_after or 0.0)
