"""What can be pressed on a message, in words: for networks where reactions stand for buttons."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Control
from bot.richtext import Inline, Paragraph, RichText, Style, Text


def with_twins(body: RichText, controls: Sequence[Control]) -> RichText:
    """The body, and below it each control with what one types instead: ✅ confirm · 👀 details."""
    if not controls:
        return body
    parts: list[Inline] = []
    for control in controls:
        parts.append(Text(f"{' · ' if parts else ''}{control.emoji} "))
        parts.append(Text(control.call, Style.CODE))
    return RichText((*body.blocks, Paragraph(tuple(parts))))
