# ruff: noqa: RUF001  letters that look like others are what this is about
"""Text as a reader's eye takes it: without what cannot be seen, and look-alikes as what they seem.

For finding markings that somebody has disguised: what is found only in the folded text may make a
message's marking stricter, and never laxer.
"""

from __future__ import annotations

import unicodedata

# Look-alikes of the letters of labels, after Unicode's confusables (UTS 39): Cyrillic, Greek,
# Armenian, Cherokee, Latin's own variants. What is only another form of a letter (full-width,
# mathematical, circled) NFKD has taken apart before.
_LOOK_ALIKES = {
    "a": "аαɑᴀΑАꭺᎪ",
    "b": "ЬВΒвʙᏴ",
    "c": "сϲСϹᴄᏟⅽ",
    "d": "ԁɗᴅᎠժ",
    "e": "еєεЕΕᴇЄЁёᎬ",
    "f": "ꓝϜ",
    "g": "ɡցԌɢᏀ",
    "h": "һНΗհʜᎻ",
    "i": "іιІΙɪıӀǀӏ",
    "j": "јЈᴊ",
    "k": "кκКΚᴋᏦ",
    "l": "ⅼʟᏞՀ",
    "m": "мМΜᴍᎷ",
    "n": "пոΝɴո",
    "o": "оοОΟօᴏ",
    "p": "рρРΡᴘᏢ",
    "r": "гʀᏒᎡг",
    "s": "ѕЅꜱᏚ",
    "t": "тτТΤᴛᎢ",
    "u": "υսᴜ",
    "v": "ѵνᴠ",
    "w": "ԝωᴡᏔШш",
    "x": "хχХΧ",
    "y": "уγУΥʏ",
    "z": "ᴢΖ",
    "+": "⁺✚➕＋",
    ":": "∶꞉ː։׃：︓",
}
_ENCLOSED = (0x1F150, 0x1F170, 0x1F1E6)
"""Negative circled and squared capitals and the letters of flags, which NFKD leaves as they are."""
_FOLDED = {ord(like): letter for letter, likes in _LOOK_ALIKES.items() for like in likes} | {
    first + number: chr(ord("a") + number) for first in _ENCLOSED for number in range(26)
}
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cc"})
_BIDI = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200f\u061c")


def fold(text: str) -> str:
    """The text in lower case, without what is not seen, look-alikes as plain letters."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    seen = "".join(each for each in decomposed if each.isspace() or not _is_unseen(each))
    return seen.translate(_FOLDED).casefold().translate(_FOLDED)


def is_turned(text: str) -> bool:
    """Whether it has signs that make it be shown in another direction than it is written."""
    return not text.isascii() and not _BIDI.isdisjoint(text)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or character in "\u115f\u1160\u3164\uffa0"
