"""How an author is shown on any network: the name, their mark and their team on one line. Pure."""

from __future__ import annotations

from bot.events import Author, local

_LONGEST_TEAM = 40
_LONGEST_MARK = 60


def label(author: Author, longest: int) -> str:
    """`Ada Lovelace (CERT Alpha)`; of one whose name misleads `Ada ⚠ @mallory:evil.example`.

    At most `longest` characters: the name is cut first, so that what we say of it stays.
    """
    after = ""
    if author.mark:
        after += f" \N{WARNING SIGN} {_cut(author.mark, _LONGEST_MARK)}"
    if author.team:
        after += f" ({_cut(author.team, _LONGEST_TEAM)})"
    name = author.name or local(author.person)
    return _cut(name, max(longest - len(after), 1)) + after


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
