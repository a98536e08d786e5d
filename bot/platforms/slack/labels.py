"""How an author is named on Slack: pure."""

from __future__ import annotations

import unicodedata

from bot.events import Author, local
from bot.platforms.slack import markup

LONGEST_NAME = 80
"""Characters of `username` that Slack shows."""
_STYLING = {
    ord("*"): "\N{ASTERISK OPERATOR}",
    ord("_"): "\N{MODIFIER LETTER LOW MACRON}",
    ord("~"): "\N{TILDE OPERATOR}",
    ord("`"): "\N{MODIFIER LETTER GRAVE ACCENT}",
}


def username(author: Author) -> str:
    """The author's name as Slack takes it: on one line, not empty, nothing that does not show
    or that turns the writing direction of what follows.
    """
    kept = (
        " " if character.isspace() else character
        for character in markup.storable(author.name)
        if character.isspace()
        or character == "\u200d"
        or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cn"}
    )
    name = " ".join("".join(kept).split())[:LONGEST_NAME].rstrip()
    return name.strip("\u200d") or local(author.person)[:LONGEST_NAME] or "?"


def comment(author: Author) -> str:
    """The line above a file that says whose it is: `initial_comment` is mrkdwn and knows no
    escape for what styles, so a name shows look-alikes of those.
    """
    return f"{markup.escape(username(author)).translate(_STYLING)}:"
