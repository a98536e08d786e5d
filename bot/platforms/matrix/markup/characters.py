"""Which characters can be kept, and how a name is shown."""

from __future__ import annotations

import html
import re

LONGEST_NAME = 100
"""Characters of a name that are shown."""

_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LOST_SPACE = re.compile(r"(?m)^ | (?= )| $")


def storable(text: str) -> str:
    """The text with U+FFFD for what no UTF-8 or no database can hold: half pairs, null bytes."""
    return _UNSTORABLE.sub("\ufffd", text)


def shown_name(name: str) -> str:
    """A name on one line, short, without what would change how the rest of the line reads."""
    return " ".join(_NOT_SHOWN.sub(" ", storable(name)).split())[:LONGEST_NAME].strip()


def as_html(text: str) -> str:
    """Plain text as HTML that shows the same characters and lines.

    Spaces that a reader of HTML would drop (several in a row, at a line's ends) are no-break ones.
    """
    kept = _LOST_SPACE.sub("\u00a0", text) if "  " in text or " " in text[:1] + text[-1:] else text
    if " \n" in kept or "\n " in kept:
        kept = _LOST_SPACE.sub("\u00a0", kept)
    return html.escape(kept, quote=False).replace("\n", "<br>")
