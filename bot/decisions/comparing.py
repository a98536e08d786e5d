"""What a new proposal says otherwise than the one that it follows. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from bot.richtext import Inline, Paragraph, RichText, Style, Text

_MOST = 2000
"""Words of either: comparing takes time as their product."""


def difference(old: str, new: str) -> RichText | None:
    """The new words, with what is not there any more struck out and what is new in bold; None
    where they are too long to be compared.
    """
    before, after = old.split(), new.split()
    if max(len(before), len(after)) > _MOST:
        return None
    return RichText((Paragraph(tuple(_pieces(before, after))),))


def _pieces(before: list[str], after: list[str]) -> Iterator[Inline]:
    matched = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matched.get_opcodes():
        if kind == "equal":
            yield Text(" ".join(before[start:end]) + " ")
            continue
        if end > start:
            yield Text(" ".join(before[start:end]), Style.STRIKE)
            yield Text(" ")
        if new_end > new_start:
            yield Text(" ".join(after[new_start:new_end]), Style.BOLD)
            yield Text(" ")
