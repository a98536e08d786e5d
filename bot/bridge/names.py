"""Names that could be taken for another's: the bot's, that of somebody of another team, a team's.

A skeleton is what a name looks like, whatever characters it is made of (after Unicode's UTS 39,
https://www.unicode.org/reports/tr39/): what has the same skeleton looks the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from bot.sharing.folding import fold

LONGEST = 100
"""Characters of a name that are kept."""
WARNING = "\N{WARNING SIGN}"
"""Before the id of one whose name looks like another's: nobody can have it in their name."""

_JOINER = "\N{ZERO WIDTH JOINER}"
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})
"""What the same stroke is for, in most typefaces, besides what `fold` knows."""
_PAIRS = (("rn", "m"), ("vv", "w"))
_PARTS = re.compile(r"[^\w\s'’.&+-]+|\s-+\s")  # noqa: RUF001  both apostrophes


def cleaned(name: str) -> str:
    """A name on one line, without what does not show or turns the writing direction."""
    if not name.isprintable() or not name.isascii():
        name = "".join(map(_kept, unicodedata.normalize("NFC", name)))
    return " ".join(name.replace(WARNING, "").split())[:LONGEST].strip(f" {_JOINER}")


def _kept(character: str) -> str:
    if character.isspace():
        return " "
    hidden = unicodedata.category(character) in _DROPPED and character != _JOINER
    return "" if hidden else character


@lru_cache(maxsize=20_000)
def skeleton(name: str) -> str:
    """What a name looks like: two that look the same have the same."""
    bare = "".join(each for each in fold(name).translate(_ALIKE) if each.isalnum())
    for pair, one in _PAIRS:
        bare = bare.replace(pair, one)
    return bare or unicodedata.normalize("NFKC", "".join(name.split())).casefold()


@lru_cache(maxsize=20_000)
def claims(name: str) -> frozenset[str]:
    """The skeletons of all that a name could say of its bearer's house: what stands in brackets
    or behind a stroke, and whatever words it ends or begins with.
    """
    return frozenset(map(skeleton, _pieces(name[:LONGEST])))


def _pieces(name: str) -> Iterator[str]:
    for part in _PARTS.split(unicodedata.normalize("NFKC", name)):
        words = part.split()
        for number in range(len(words)):
            yield "".join(words[number:])
            yield "".join(words[: number + 1])
