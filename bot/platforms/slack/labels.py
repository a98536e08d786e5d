"""How an author is named on Slack: pure."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from msgspec.structs import replace

from bot.events import Author, local
from bot.platforms.authors import label
from bot.platforms.slack import markup
from bot.platforms.slack.people import PICTURE

LONGEST_NAME = 80
"""Characters of `username` that Slack shows."""
_STYLING = {
    ord("*"): "\N{ASTERISK OPERATOR}",
    ord("_"): "\N{MODIFIER LETTER LOW MACRON}",
    ord("~"): "\N{TILDE OPERATOR}",
    ord("`"): "\N{MODIFIER LETTER GRAVE ACCENT}",
}


def username(author: Author) -> str:
    """The author's name and team as Slack takes them: on one line, not empty, nothing that does
    not show or that turns the writing direction of what follows.
    """
    name = _shown(author.name) or _shown(local(author.person)) or "?"
    return _shown(label(replace(author, name=name), LONGEST_NAME))


def _shown(text: str) -> str:
    kept = (
        " " if character.isspace() else character
        for character in markup.storable(text)
        if character.isspace()
        or character == "\u200d"
        or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cn"}
    )
    return " ".join("".join(kept).split()).strip("\u200d")


def icon(author: Author) -> str:
    """The address at which Slack's servers can fetch an author's picture, "" where there is none.

    Either one that we publish, or where Slack itself keeps it for another workspace.
    """
    kept, _, address = author.picture.rpartition(" ")
    if not address.startswith("https://"):
        return ""
    if kept == PICTURE and not (urlsplit(address).hostname or "").endswith(".slack-edge.com"):
        return ""
    return address


def comment(author: Author) -> str:
    """The line above a file that says whose it is: `initial_comment` is mrkdwn and knows no
    escape for what styles, so a name shows look-alikes of those.
    """
    return f"{markup.escape(username(author)).translate(_STYLING)}:"
