"""What alerts and people are told of a page. Pure. An alert holds number, severity and link."""

from __future__ import annotations

from collections.abc import Mapping

from bot.store.tables.paging import Page
from bot.times.working import Severity
from bot.words import Words, message

EXERCISE = "EXERCISE"
"""On every line of one, in every language, so that nobody takes it for real."""
_SEVERITIES: Mapping[Severity, str] = {
    Severity.LOW: message("LOW"),
    Severity.MEDIUM: message("MEDIUM"),
    Severity.HIGH: message("HIGH"),
    Severity.CRITICAL: message("CRITICAL"),
}


def severity_words(severity: Severity, words: Words) -> str:
    """How grave it is, as people read it."""
    return words(_SEVERITIES[severity])


def alert_lines(page: Page, link: str | None = None) -> tuple[str, ...]:
    """All that leaves beside chat. In English: it goes to machines as much as to people. `link`:
    where it leads by now.
    """
    link = link or page.link
    lines = [f"{page.number} {page.severity}", *([] if link is None else [link])]
    return tuple(f"{EXERCISE} {each}" for each in lines) if page.drill else tuple(lines)


def marked_exercise(page: Page, text: str) -> str:
    """A text, every line of which says that it is of an exercise where it is."""
    if page.drill is None:
        return text
    return "\n".join(f"{EXERCISE} {line}" for line in text.split("\n"))
