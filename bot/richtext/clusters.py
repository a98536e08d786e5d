"""Characters as people see them: where text may be cut without breaking one."""

from __future__ import annotations

import unicodedata

_LONGEST = 256
"""Code points of one seen character at most; what claims to be longer is no writing."""

_JOINER = "\u200d"
_EXTENDING = frozenset({"Mn", "Me", "Mc"})


def boundary(text: str, place: int, *, forward: bool = False) -> int:
    """The nearest place at or before `place` (or after, `forward`) between two seen characters.

    The extended grapheme clusters of Unicode Standard Annex 29, without its rules for prepended
    marks and Indic conjuncts.
    """
    step = 1 if forward else -1
    for near in range(place, place + step * _LONGEST, step):
        if near <= 0 or near >= len(text) or not _holds_together(text, near):
            return max(0, min(near, len(text)))
    return place


def _holds_together(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if after < "\u0300":
        return before == "\r" and after == "\n"
    return (
        unicodedata.category(after) in _EXTENDING
        or after in (_JOINER, "\u200c")
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or "\U000e0020" <= after <= "\U000e007f"
        or (before == _JOINER and unicodedata.category(after) == "So")
        or (_is_flag_half(after) and _flags_before(text, place) % 2 == 1)
        or _is_syllable(before, after)
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> int:
    count = 0
    while place > count and _is_flag_half(text[place - count - 1]):
        count += 1
    return count


def _is_syllable(before: str, after: str) -> bool:
    """Whether two parts of a Korean syllable belong together (rules GB6 to GB8)."""
    leading, vowel = "\u1100" <= before <= "\u115f", "\u1160" <= before <= "\u11a7"
    block, trailing = "\uac00" <= before <= "\ud7a3", "\u11a8" <= before <= "\u11ff"
    open_block = block and (ord(before) - 0xAC00) % 28 == 0
    if "\u1100" <= after <= "\u115f" or "\uac00" <= after <= "\ud7a3":
        return leading
    if "\u1160" <= after <= "\u11a7":
        return leading or vowel or open_block
    return "\u11a8" <= after <= "\u11ff" and (vowel or trailing or block)
