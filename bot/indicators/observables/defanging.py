"""Showing a value so that no network makes a link, a preview, an emoji or a mention of it."""

from __future__ import annotations

import re

from bot.indicators.observable import Kind, Observable
from bot.indicators.observables.refanging import FOLDED, refang

_AS_IT_IS = frozenset({
    Kind.MD5, Kind.SHA1, Kind.SHA256, Kind.SHA512, Kind.TLSH, Kind.JA3, Kind.IMPHASH, Kind.CVE,
    Kind.ASN, Kind.BITCOIN, Kind.ETHEREUM, Kind.MONERO, Kind.TECHNIQUE, Kind.YARA,
})  # fmt: skip
"""Kinds without a sign that a network could make anything of."""
_DRIVE = re.compile(r"[a-z]:\\")
_SIGNS = re.compile(r"[.:@]|#(?=[^#]{0,2000}:)")
_MAY_LINK = (".", "@", "://", "\u3002", "\uff0e", "\uff61")
_WORD = re.compile(r"\S+")
_LINK = re.compile(
    r"://|\w@\w|\w[.\u3002\uff0e\uff61][^\W\d_]{2}|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d)|\bwww\."
)
"""What some network makes a link of: a scheme, an e-mail's sign, a name under a domain, IPv4."""
_ESCAPES = re.compile(r"[^A-Za-z0-9_-]")


def defang(observable: Observable) -> str:
    """The value to be shown. Whoever copies it back gets it: `refang(defang(x)) == x.value`.

    Dots, at signs and colons stand in brackets, `http` is `hxxp`. Characters that nobody sees, or
    that look like others, are named by their number: `[U+202E]`.
    """
    kind, value = observable
    if kind in _AS_IT_IS:
        return value
    shown = _shown(kind, value)
    return shown if refang(shown) == value else _ESCAPES.sub(_numbered, value)


def defang_text(text: str) -> str:
    """Any text of a source (a title, a description), made harmless in the same way."""
    return _shown(Kind.SIGMA, text)


def defang_links(text: str) -> str:
    """A text of ours or of whoever typed it, in which only what a network makes a link of is made
    harmless; what is so already stays.
    """
    if not any(sign in text for sign in _MAY_LINK):
        return text
    return _WORD.sub(lambda word: defang_text(word[0]) if _LINK.search(word[0]) else word[0], text)


def _shown(kind: Kind, value: str) -> str:
    drive = ""
    if kind is Kind.FILE_PATH and _DRIVE.match(value):
        drive, value = value[:2], value[2:]
    elif kind is Kind.URL and value.startswith(("http://", "https://")):
        drive, value = "hxxp", value[4:]
    if not value.isascii():
        value = FOLDED.sub(_numbered_all, value)
        value = re.sub("[\u3002\uff61\ufe52\u2024\uff0e]", _numbered_all, value)
    return drive + _SIGNS.sub(r"[\g<0>]", value)


def _numbered(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"


def _numbered_all(found: re.Match[str]) -> str:
    return "".join(f"[U+{ord(letter):04X}]" for letter in found[0])
