r"""Taking the disarming of a text back, however it was done, and knowing where everything stood.

What is understood: `hxxp`, `hXXps`, `http[s]`, `h**p`, `htxp`, `meow`, `fxp`; a dot, an at sign,
colons and slashes in brackets of any kind (`[.]`, `(dot)`, `{at}`, `<.>`, `[:]`, `[://]`,
`example[.com`), with or without spaces around; `\.` outside of Windows paths; `http:\\` and JSON's
`\/`; full-width letters and signs, the ideographic full stop before a Latin letter; what networks
make of a link (`<http://x|x>`, `<mailto:a@b|a@b>`); typographic quotes; characters that nobody
sees.

`[U+202E]` is the character of that number, and `[[]` a bracket: so `defang` can show anything.
Every quantifier is bounded, and one pass is made over characters and one over signs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

_UNSEEN = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f\ufeff"
)
FOLDED = re.compile(
    f"[{_UNSEEN}]+"
    "|[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"  # letters and digits in full width
    "|[\u2024\ufe52\uff0e\uff61\u3002](?=[0-9A-Za-z\\])}\uff10-\uff5a])"  # dots
    "|[\u201c-\u201f\u00ab\u00bb\u2018-\u201b\u2032\u2033\uff02\uff07]"  # quotes
    "|[\uff1a\ua789\u2236\uff0f\u2215\u2044\uff20\ufe6b\uff0d\u2010\u2011\uff3f\uff3b\uff3d\uff08\uff09]"
    "|[\u00a0\u2000-\u200a\u202f\u205f\u3000]"  # spaces
)
_FOLDS = {
    **dict.fromkeys("\u2024\ufe52\uff0e\uff61\u3002", "."),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\uff07", "'"),
    **dict.fromkeys("\uff1a\ua789\u2236", ":"),
    **dict.fromkeys("\uff0f\u2215\u2044", "/"),
    **dict.fromkeys("\uff20\ufe6b", "@"),
    **dict.fromkeys("\uff0d\u2010\u2011", "-"),
    **dict.fromkeys("\u00a0\u202f\u205f\u3000", " "),
    **{chr(each): " " for each in range(0x2000, 0x200B)},
    **{chr(each): chr(each - 0xFEE0) for each in range(0xFF10, 0xFF5B)},
    **dict(zip("\uff3f\uff3b\uff3d\uff08\uff09", "_[]()", strict=True)),
}
_DOT = r"(?i:\.|dot|d0t|punkt|point|punto)"
_AT = r"(?i:@|at|arroba)"
TOKENS = re.compile(
    rf"""
    [\[({{<\]\\hHmMfF]  # alone in front, so that the search is one for these letters
    (?: (?<=\[)U\+(?P<number>[0-9A-F]{{4,6}})\]
      | (?<=\[)(?P<sign>[\[(\{{\\<#|&])\]
      | (?<=<)(?P<link>(?i:https?|ftps?|mailto|tel|matrix):[^\s<>|]{{1,2000}}+)
        (?:\|(?P<label>[^<>\n]{{0,2000}}+))?>
      | (?<=[\[({{<])[ ]?(?P<dot>{_DOT})[ ]?\\?[\])}}>]
      | (?<=\\)[\[({{<]\\?(?P<dot2>{_DOT})\\?[\])}}>]
      | (?<=[\[({{])[ ]?(?P<at>{_AT})[ ]?[\])}}]
      | (?<=<)(?P<at2>(?i:@|at))>
      | (?<=\w[\[({{])(?P<opened>)(?=\.\w)
      | (?<=\w\.[\])}}])(?P<closed>)(?=\w)
      | (?<=[0-9A-Za-z\]]\\)(?P<escaped>\.)(?=[0-9A-Za-z])
      | (?<=[\[({{])(?:(?P<slashes>:?/{{1,2}}|::?)|(?P<backslashes>:\\\\))[\])}}]
      | (?P<scheme>(?<=[hH])(?i:[tx*_]{{2}}p|xp|tp|xxxp|ttx)|(?<=[mM])(?i:eow)|(?<=[fF])(?i:xp|\*p))
        (?P<s>\[[sS]\]|[sS]?)
        (?=[ ]?[\[({{]?[ ]?:[ ]?[\])}}]?[\[({{]?(?://|\\\\|\\/|/[\])}}]|/\[)|[\[({{]://?[\])}}])
      | (?<=[tT][pP]:\\|[pP][sS]:\\)(?P<leaning>\\)(?=[0-9A-Za-z\[])
      | (?<=\\)(?P<slash>/)
    )
    """,
    re.VERBOSE,
)
_AROUND = 200
_PATH = re.compile(r"\\(?!\.)")
_SCHEMES = {"f": "ftp", "h": "http", "m": "http"}


_Meant = Callable[[re.Match[str]], str | None]


class Piece(NamedTuple):
    """What was rewritten: from where to where in the new text, and where that was in the old."""

    start: int
    end: int
    old_start: int
    old_end: int


class Refanged:
    """A text with its disarming taken back."""

    def __init__(self, text: str) -> None:
        self.text, self._layers = text, list[tuple[list[int], list[Piece]]]()
        if not text.isascii():
            self._rewrite(FOLDED, _folded)
        self._rewrite(TOKENS, _meant)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where in the old text a span of the new one stood; what was rewritten counts whole."""
        for starts, pieces in reversed(self._layers):
            start, end = _before(starts, pieces, start), _before(starts, pieces, end, end=True)
        return start, end

    def is_rewritten(self, start: int, end: int) -> bool:
        """Whether anything in a span of the new text had been disarmed."""
        for starts, pieces in reversed(self._layers):
            at = bisect_right(starts, end - 1) - 1
            if at >= 0 and pieces[at].end > start:
                return True
            start, end = _before(starts, pieces, start), _before(starts, pieces, end, end=True)
        return False

    def _rewrite(self, what: re.Pattern[str], meant: _Meant) -> None:
        text = self.text
        made, pieces, old, new = list[str](), list[Piece](), 0, 0
        for found in what.finditer(text):
            instead = meant(found)
            if instead is None:
                continue
            start, end = found.span()
            if instead in (".", "@") and _is_spaced(text, start, end) and start > old:
                start, end = start - 1, end + 1
            made += [text[old:start], instead]
            new += start - old
            pieces.append(Piece(new, new + len(instead), start, end))
            old, new = end, new + len(instead)
        if pieces:
            self.text = "".join(made) + text[old:]
            self._layers.append(([piece.start for piece in pieces], pieces))


def refang(text: str) -> str:
    """The text as it was before somebody disarmed it."""
    return Refanged(text).text


def _before(starts: list[int], pieces: list[Piece], at: int, *, end: bool = False) -> int:
    number = bisect_right(starts, at) - 1
    if number < 0:
        return at
    piece = pieces[number]
    if at >= piece.end and not (end and at == piece.start):
        return piece.old_end + at - piece.end
    return piece.old_end if end and at > piece.start else piece.old_start


def _folded(found: re.Match[str]) -> str:
    return _FOLDS.get(found[0], "")


def _is_spaced(text: str, start: int, end: int) -> bool:
    """Whether a sign stands between two words with a space on each side: `example [.] com`."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return before[1:] == " " == after[:1] and before[0].isalnum() and after[1:].isalnum()


def _meant(found: re.Match[str]) -> str | None:
    match found.lastgroup:
        case "number":
            number = int(found["number"], 16)
            return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else None
        case "sign" | "slashes":
            return found[found.lastgroup]
        case "link" | "label":
            return _linked(found["link"].replace("&amp;", "&"), found["label"])
        case "dot" | "dot2":
            return "."
        case "escaped":
            return None if _is_in_a_path(found) else "."
        case "at" | "at2":
            return "@"
        case "opened" | "closed":
            return ""
        case "scheme" | "s":
            return _SCHEMES[found[0][0].lower()] + found["s"].strip("[]").lower()
        case "backslashes":
            return "://"
        case "leaning":
            return "//"
    return "/"


def _linked(link: str, label: str | None) -> str:
    """What a person typed where a network made a link of it."""
    scheme, _, rest = link.partition(":")
    bare = rest.removeprefix("//").rstrip("/")
    if label is not None and scheme.lower() in ("http", "https", "mailto", "tel"):
        shown = label.replace("&amp;", "&").strip()
        if shown.rstrip("/").lower() == bare.lower():
            return shown
    return bare if scheme.lower() in ("mailto", "tel") else link


def _is_in_a_path(found: re.Match[str]) -> bool:
    r"""Whether a `\.` stands in a word with other backslashes: `c:\users\.ssh`."""
    text, at = found.string, found.start()
    before = text[max(0, at - _AROUND) : at].rpartition(" ")[2]
    after = text[at + 1 : at + _AROUND].partition(" ")[0]
    return _PATH.search(before) is not None or _PATH.search(after) is not None
