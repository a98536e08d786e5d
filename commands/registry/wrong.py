"""What was wrong, in words: nothing of what somebody typed can be clicked on where it is told."""

from __future__ import annotations

from bot.errors import UserError
from bot.indicators.observables import defang_links
from bot.words import Words


def wrong(error: UserError, words: Words) -> str:
    """What the person is told who made a mistake, in their language."""
    shown = {
        name: defang_links(value) if isinstance(value, str) else value
        for name, value in error.values.items()
    }
    return words(error.words, **shown)
