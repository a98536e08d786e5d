"""Which name a mistyped word was meant to be."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

LIKELY = 0.75
"""difflib's ratio from which a word is taken for a slip of the finger: `icoc` and `ioc` have 0.86,
`stauts` and `status` 0.83, `hello` and `help` 0.67."""
POSSIBLE = 0.6
"""For "did you mean", where it is certain that a command was meant: difflib's own default."""
_LONGEST = 40


def closest(word: str, names: Collection[str], cutoff: float = POSSIBLE) -> str | None:
    """The name that `word` is likeliest to be a slip for, None where it resembles none.

    Beside difflib's ratio, which judges short words too hard: letters in another order (`oic`),
    one letter for another (`iox`).
    """
    if len(word) > _LONGEST:
        return None
    ordered = sorted(names)
    for name in ordered:
        if _slipped(word, name):
            return name
    return next(iter(get_close_matches(word, ordered, 1, cutoff)), None)


def _slipped(word: str, name: str) -> bool:
    if len(word) != len(name) or len(word) < 3:
        return False
    differing = sum(a != b for a, b in zip(word, name, strict=True))
    return differing <= 1 or sorted(word) == sorted(name)
