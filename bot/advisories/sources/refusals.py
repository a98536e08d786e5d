"""Why something that a source gives is not taken over: the closed list, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.words import Words, message


class Refusal(StrEnum):
    """Stored, and given out as a code."""

    UNREADABLE = "unreadable"
    VERSION = "version"
    NAMELESS = "nameless"
    TOO_LARGE = "too large"
    PRODUCTS = "products"
    CYCLE = "cycle"
    DEPTH = "depth"
    LABEL = "label"
    LOWER = "lower label"
    WORDS = "higher words"
    RED = "red"
    HASH = "hash"
    SIGNATURE = "signature"
    UNFETCHED = "unfetched"


WORDS: Mapping[Refusal, str] = {
    Refusal.UNREADABLE: message("it cannot be read as CSAF"),
    Refusal.VERSION: message("it is of a version of CSAF other than 2.0 and 2.1"),
    Refusal.NAMELESS: message("it has no title, no tracking id or no publisher"),
    Refusal.TOO_LARGE: message("it is larger than 15 MB"),
    Refusal.PRODUCTS: message("it has more than 5,000 products"),
    Refusal.CYCLE: message("its product tree refers to itself in a circle"),
    Refusal.DEPTH: message("its product tree is deeper than 60"),
    Refusal.LABEL: message("its TLP label is missing or none that there is"),
    Refusal.LOWER: message("it is labelled lower than the feed that lists it"),
    Refusal.WORDS: message("its words bear a higher TLP label than it is labelled with"),
    Refusal.RED: message("it is TLP:RED, which is for those who were there"),
    Refusal.HASH: message("it is not what its hash was made of"),
    Refusal.SIGNATURE: message("its signature is broken, or by no key of its publisher"),
    Refusal.UNFETCHED: message("it could not be fetched"),
}


class Refused(Exception):
    """A document that is not taken over. `name`: what it calls itself, as far as that was read."""

    def __init__(self, reason: Refusal, name: str = "") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.name = name


def in_words(words: Words, reason: str) -> str:
    """A reason for people; its code where it is none of these."""
    try:
        return words(WORDS[Refusal(reason)])
    except ValueError:
        return reason
