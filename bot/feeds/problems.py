"""What can be wrong with a source: the closed list, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.words import Words, message


class Problem(StrEnum):
    """Why a source gave nothing that was taken over. Stored, and given out as a code."""

    PRIVATE = "private address"
    ADDRESS = "no address"
    INSECURE = "insecure"
    UNREACHABLE = "unreachable"
    PROXY = "proxy"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    CUT = "cut"
    TOO_LARGE = "too large"
    BOMB = "bomb"
    REDIRECTS = "redirects"
    REFUSED = "refused"
    MISSING = "missing"
    NOT_ACCEPTABLE = "not acceptable"
    THROTTLED = "throttled"
    FAILING = "failing"
    WEB_PAGE = "web page"
    UNREADABLE = "unreadable"
    OLD_TAXII = "taxii 2.0"
    COLLECTION = "collection"
    REPEATS = "repeats"
    CROWDED = "crowded"
    ENDLESS = "endless"
    SHRUNK = "shrunk"
    DOUBLED = "doubled"


WORDS: Mapping[Problem, str] = {
    Problem.PRIVATE: message(
        "it leads to an address inside a network that the configuration does not name (internal)"
    ),
    Problem.ADDRESS: message("its address, or one that it leads to, cannot be used"),
    Problem.INSECURE: message("it leads from https to http, or would have a secret sent in clear"),
    Problem.UNREACHABLE: message("it cannot be reached"),
    Problem.PROXY: message("the proxy does not let me through"),
    Problem.CERTIFICATE: message("its certificate is not trusted"),
    Problem.TIMEOUT: message("it answers too slowly"),
    Problem.CUT: message("what it sends breaks off"),
    Problem.TOO_LARGE: message("what it sends is larger than allowed"),
    Problem.BOMB: message("what it sends unpacks to a multiple that no list needs"),
    Problem.REDIRECTS: message("it redirects without end"),
    Problem.REFUSED: message("it refuses the token, password or certificate"),
    Problem.MISSING: message("there is nothing at its address"),
    Problem.NOT_ACCEPTABLE: message("it does not send what it should be"),
    Problem.THROTTLED: message("it asked for a pause"),
    Problem.FAILING: message("it reports a fault of its own"),
    Problem.WEB_PAGE: message("it sends a web page instead of data"),
    Problem.UNREADABLE: message("what it sends cannot be read as what it should be"),
    Problem.OLD_TAXII: message(
        "it speaks TAXII 2.0 only; ask its owner for a TAXII 2.1 address, or for a STIX file"
    ),
    Problem.COLLECTION: message(
        "it has no such collection, or several and none is named (collection)"
    ),
    Problem.REPEATS: message("it repeats its pages"),
    Problem.CROWDED: message(
        "its pages repeat, as if more was added at one moment than a page holds and it cannot say "
        "what follows"
    ),
    Problem.ENDLESS: message("its pages do not end"),
    Problem.SHRUNK: message("nearly all of it has vanished at once"),
    Problem.DOUBLED: message("it has more than doubled within a day"),
}

SUSPECT = frozenset({Problem.SHRUNK, Problem.DOUBLED})
"""What is taken over all the same when somebody has looked, and runs the feed by hand."""


def in_words(words: Words, reason: str) -> str:
    """A reason for people; its code where it is none of these."""
    try:
        return words(WORDS[Problem(reason)])
    except ValueError:
        return reason
