"""Markup inside a line: which of `*`, `_` and `~` begin and end a style, in linear time.

Slack marks whole words only: what stands beside a letter or digit is no mark, so that
`snake_case_x` and `2*3*4` stay what they are (https://slack.com/help/articles/202288908).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.richtext import Style

MRKDWN = {"*": int(Style.BOLD), "_": int(Style.ITALIC), "~": int(Style.STRIKE)}
MARKDOWN = (
    MRKDWN
    | {"**": int(Style.BOLD), "__": int(Style.BOLD), "~~": int(Style.STRIKE)}
    | {"*": int(Style.ITALIC)}
)
"""The marks of a `markdown` block."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that may begin or end a style: the place of its token, and what stands beside it."""

    place: int
    text: str
    before: str
    after: str


def styles(marks: Sequence[Mark], meaning: dict[str, int]) -> dict[int, int]:
    """By place, the style that changes there; the places of the marks that are none are absent."""
    open_at: dict[str, int] = {}
    opened: list[Mark] = []
    changes: dict[int, int] = {}
    for mark in marks:
        place = open_at.get(mark.text)
        if place is not None and _closes(mark) and opened[place].place + 1 < mark.place:
            changes[opened[place].place] = changes[mark.place] = meaning[mark.text]
            for dropped in opened[place:]:
                open_at.pop(dropped.text, None)
            del opened[place:]
        elif place is None and _opens(mark):
            open_at[mark.text] = len(opened)
            opened.append(mark)
    return changes


def _opens(mark: Mark) -> bool:
    inside = mark.after and not mark.after.isspace() and mark.after != mark.text[0]
    beside = mark.before.isalnum() or mark.before in {mark.text[0], "/", "\\"}
    return bool(inside) and not beside


def _closes(mark: Mark) -> bool:
    inside = mark.before and not mark.before.isspace() and mark.before != mark.text[0]
    return bool(inside) and not (mark.after.isalnum() or mark.after == mark.text[0])
