"""Markings as people write them: what a message says of itself, and what it merely speaks of.

Only a label that begins or ends the message, or stands alone on its first or last line, and is
neither code, quoted, hidden nor struck out, is its author's word; it alone can be lower than the
channel's default. Every other one, disguised ones too, can only raise.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.richtext import RichText
from bot.sharing.folding import fold, is_turned
from bot.sharing.lines import Line, lines_of
from bot.sharing.marking import Label, Marking, Releasable

_LABELS = {
    "clear": Label.CLEAR,
    "white": Label.CLEAR,  # TLP 1.0
    "green": Label.GREEN,
    "amber": Label.AMBER,
    "amber+strict": Label.AMBER_STRICT,
    "red": Label.RED,
}
_WORD = r"(?P<word>amber[\s+_\-&]{0,3}strict|amber|clear|white|green|red)(?![a-z0-9])"
_LABEL = r"(?<![a-z0-9])tlp(?:\s{0,3}[:=]\s{0,3}|[\s_\-./|]{1,3})" + _WORD
_SPOKEN = r"(?<![a-z0-9])tlp(?:\s{0,3}[:=]\s{0,3}|[\s_\-./|]{0,3})" + _WORD
_REL = r"\s{0,3}[,;/|]?\s{0,3}rel(?:easable)?(?:\s+to)?\b[ \t:]{0,3}(?P<names>[^\]):\n]{0,2000})"
_FOUND = re.compile(f"{_SPOKEN}(?:{_REL})?")
_UNKNOWN = re.compile(r"(?<![a-z0-9])tlp\s{0,3}[:=](?P<space>\s{0,3})(?P<word>[a-z][\w+\-]*)")
_AMBER_WITH = re.compile(r"tlp[\s:=_\-]{0,3}amber\s{0,3}(?P<plus>[+_\-]\s{0,3})?(?P<word>\w+)")
_ALONE = re.compile(
    r"(?P<open>[\s\[(]{0,9})tlp(?P<sign>[\s:=_\-]{1,3})(?P<word>[a-z][\w+\-]*)[\s:]{0,9}(?:\Z|[\])])"
)
_BEGINS = re.compile(rf"[\s\[(<{{*]{{0,9}}{_LABEL}(?:{_REL})?[\s\])>}}*]*", re.IGNORECASE)
_ENDS = re.compile(rf"{_LABEL}(?:{_REL})?[\s\])>}}*]{{0,9}}\Z", re.IGNORECASE)
_LISTED = re.compile(r"[\s\[(]{0,9}REL(?:EASABLE)?(?:\s+TO)?(?![\w.])[ \t:]*(?P<names>[^\]):\n]*)")
_MAYBE = re.compile(r"tlp|rel", re.IGNORECASE)
_END = 2500
"""Characters at the end of a line in which a label that ends it is looked for."""
_NEAR = 0.6
"""How alike a word and a label's are, from 0 to 1, for the one to be a slip of the other."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that seems to be a label and is none; `nearest` is what may have been meant."""

    written: str
    nearest: Label


@dataclass(frozen=True, slots=True)
class Written:
    """What a message says of markings.

    `label`: its author's word for it, None without one. `releasable`: every list it names.
    `spoken`: the strictest label that occurs in it at all. `doubt`: treat it as the most
    restrictive until its author has answered.
    """

    label: Label | None = None
    releasable: Releasable = ()
    spoken: Label | None = None
    doubt: Doubt | None = None

    @property
    def bears(self) -> Label | None:
        """The label that it has as its author's word, None where its channel's default counts. Who
        misspells one meant to say one, and may say any.
        """
        return Label.CLEAR if self.label is None and self.doubt is not None else self.label

    @property
    def raises(self) -> Label | None:
        """What can only raise that: what it speaks of, and a label that is none."""
        return Label.RED if self.doubt is not None else self.spoken

    def marking(self, default: Label) -> Marking:
        """Its own marking, in a channel with this default."""
        label = default if self.bears is None else self.bears
        return Marking(label if self.raises is None else max(label, self.raises), self.releasable)


NOTHING = Written()


def read_marking(body: RichText, beside: Iterable[str] = ()) -> Written:
    """What a message says of its marking; `beside`: what counts as its text and can only raise
    (names, captions and descriptions of files, names of their fields).
    """
    lines = [line for line in lines_of(body) if line.text.strip()]
    text = "\n".join([*(line.text for line in lines), *beside])
    if text.isascii() and not _MAYBE.search(text):
        return NOTHING
    folded = fold(text)
    texts = (folded, folded[::-1]) if is_turned(text) else (folded,)
    if not any(_MAYBE.search(each) for each in texts):
        return NOTHING
    spoken = [_label(found["word"]) for each in texts for found in _FOUND.finditer(each)]
    ends = _ends(lines)
    said = [found for found in (_said(line, *where) for line, *where in ends) if found is not None]
    named = _named(texts, [line.text for line in _listing(lines)])
    return Written(
        label=max(said, default=None, key=lambda label: label.rank),
        releasable=tuple(dict.fromkeys(named)),
        spoken=max(spoken, default=None, key=lambda label: label.rank),
        doubt=_doubt(texts, [fold(line.text) for line, *_ in ends]),
    )


def _ends(lines: Sequence[Line]) -> list[tuple[Line, bool, bool]]:
    """The first and the last line: whether each begins, and whether it ends the message."""
    if not lines:
        return []
    if len(lines) == 1:
        return [(lines[0], True, True)]
    return [(lines[0], True, False), (lines[-1], False, True)]


def _said(line: Line, begins: bool, ends: bool) -> Label | None:
    """The label that a line gives the message in its author's own, undisguised words."""
    text = unicodedata.normalize("NFKC", line.open)
    found = []
    start = _BEGINS.match(text)
    if start is not None and (begins or start.end() >= len(text.rstrip())):
        found.append(start)
    end = _ENDS.search(text, max(len(text) - _END, 0))
    if end is not None and (ends or not text[: end.start()].strip(" \t[(<{*")):
        found.append(end)
    labels = [_label(each["word"].lower()) for each in found]
    return max(labels, default=None, key=lambda label: label.rank)


def _listing(lines: Sequence[Line]) -> list[Line]:
    """The lines that may begin with a list of their own: the first, the last, and the one that
    stands beside a label which has such a line to itself.
    """
    found = [line for line, *_ in _ends(lines)]
    if len(found) > 1:
        found += [
            beside for end, beside in ((lines[0], lines[1]), (lines[-1], lines[-2]))
            if beside not in found and _is_alone(end)
        ]  # fmt: skip
    return found


def _is_alone(line: Line) -> bool:
    text = unicodedata.normalize("NFKC", line.text)
    label = _BEGINS.match(text)
    return label is not None and label.end() >= len(text.rstrip())


def _named(texts: Sequence[str], lines: Sequence[str]) -> list[frozenset[str]]:
    """Every list of those to whom it is releasable: after a label, or at a line's beginning."""
    lists = [found["names"] for each in texts for found in _FOUND.finditer(each)]
    lists += [
        found["names"]
        for line in lines
        if (found := _LISTED.match(unicodedata.normalize("NFKC", line)))
        or (not line.isascii() and (found := _LISTED.match(fold(line).upper())))
    ]
    return [_names(each) for each in lists if each is not None]


def _names(written: str) -> frozenset[str]:
    parts = (" ".join(fold(part).split()).strip(" .!*>}") for part in written.split(","))
    return frozenset(part for part in parts if part)


def _label(word: str) -> Label:
    return _LABELS["amber+strict" if word.startswith("amber") and len(word) > 5 else word]


def _doubt(texts: Iterable[str], ends: Iterable[str]) -> Doubt | None:
    for each in texts:
        for found in _UNKNOWN.finditer(each):
            if not _is_label(found["word"]) and (not found["space"] or _is_near(found["word"])):
                return _doubt_of(found["word"])
        for found in _AMBER_WITH.finditer(each):
            word = found["word"]
            if word != "strict" and (found["plus"] or _is_like_strict(word)):
                return Doubt(f"TLP:AMBER {word.upper()}", Label.AMBER_STRICT)
    for each in ends:
        alone = _ALONE.match(each)
        if alone is None or _is_label(alone["word"]):
            continue
        if alone["sign"].strip() or alone["open"].strip() or _is_near(alone["word"]):
            return _doubt_of(alone["word"])
    return None


def _is_label(word: str) -> bool:
    return re.match(r"(?:amber|clear|white|green|red)(?![a-z0-9])", word) is not None


@lru_cache
def _is_like_strict(word: str) -> bool:
    return difflib.SequenceMatcher(None, word, "strict").ratio() > _NEAR


@lru_cache
def _is_near(word: str) -> bool:
    """Whether it is like a label's word."""
    return bool(difflib.get_close_matches(word, _LABELS, n=1, cutoff=_NEAR))


def _doubt_of(word: str) -> Doubt:
    nearest = difflib.get_close_matches(word, _LABELS, n=1, cutoff=0.0)[0]
    return Doubt(f"TLP:{word.upper()}", _LABELS[nearest])
