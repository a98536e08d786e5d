# ruff: noqa: RUF001  letters that look like others are what this is about
"""What people say: bodies with the marking that each was built to have, never read from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.richtext import (
    CodeBlock,
    LineBreak,
    Link,
    Paragraph,
    Quote,
    RichText,
    Style,
    Text,
    plain,
    say,
)
from tests.model.oracle import Words

TOKEN = re.compile(r"w(\d+)v(\d+)")
"""Stands in everything that is said: which message, and which version of it."""

SPELLINGS = {
    "CLEAR": ("TLP:CLEAR", "[TLP:CLEAR]", "TLP:WHITE", "tlp clear", "(TLP: CLEAR)"),
    "GREEN": ("TLP:GREEN", "tlp:green", "[TLP:GREEN]", "ＴＬＰ：ＧＲＥＥＮ", "Tlp-Green"),
    "AMBER": ("TLP:AMBER", "tlp amber", "[TLP:AMBER]", "ｔｌｐ：ａｍｂｅｒ"),
    "AMBER+STRICT": ("TLP:AMBER+STRICT", "tlp amber strict", "[TLP:AMBER-STRICT]"),
    "RED": ("TLP:RED", "tlp red", "[TLP:RED]", "ＴＬＰ：ＲＥＤ"),
}
LABELS = tuple(SPELLINGS)
NAMES = ("inner", "partners", "alpha", "bravo", "charlie", "FRA", "de", "nobody", "stranger", "")
"""To whom people write that something is releasable; not all of them exist."""


@dataclass(frozen=True)
class Speech:
    """A body, the names of files beside it, and what its author meant."""

    body: RichText
    words: Words
    files: tuple[str, ...] = ()


Make = Callable[[str, str, int, tuple[str, ...]], Speech]


def _spelled(label: str, which: int) -> str:
    return SPELLINGS[label][which % len(SPELLINGS[label])]


def _paragraph(*inline: Text | LineBreak | Link) -> Paragraph:
    return Paragraph(inline)


def _plainly(token: str, _label: str, _which: int, _names: tuple[str, ...]) -> Speech:
    return Speech(say(f"{token} hello"), Words())


def _first(token: str, label: str, which: int, _names: tuple[str, ...]) -> Speech:
    return Speech(say(f"{_spelled(label, which)}\n{token} hello"), Words(label))


def _last(token: str, label: str, which: int, _names: tuple[str, ...]) -> Speech:
    return Speech(say(f"{token} hello\n{_spelled(label, which)}"), Words(label))


def _both(token: str, label: str, which: int, _names: tuple[str, ...]) -> Speech:
    other = LABELS[which % len(LABELS)]
    text = f"TLP:{other}\n{token} hello\nTLP:{label}"
    return Speech(say(text), Words(max(label, other, key=LABELS.index)))


def _listed(token: str, label: str, _which: int, names: tuple[str, ...]) -> Speech:
    text = f"TLP:{label} REL {', '.join(names)}\n{token} hello"
    return Speech(say(text), Words(label, lists=(_meant(names),)))


def _only_listed(token: str, _label: str, _which: int, names: tuple[str, ...]) -> Speech:
    return Speech(say(f"REL {', '.join(names)}\n{token} hello"), Words(lists=(_meant(names),)))


def _spoken(token: str, label: str, _which: int, _names: tuple[str, ...]) -> Speech:
    return Speech(say(f"{token} what does TLP:{label} mean here?"), Words(spoken=label))


def _unseen(token: str, label: str, which: int, _names: tuple[str, ...]) -> Speech:
    """Zero-width signs, letters that look like others, another direction."""
    ways = (
        f"T\u200bLP:{label} {token} hello",
        f"ТLР:{label} {token} hello",
        f"{token} \u202e{label[::-1]}:PLT\u202c hello",
    )
    return Speech(say(ways[which % len(ways)]), Words(spoken=label))


def _covered(token: str, label: str, which: int, _names: tuple[str, ...]) -> Speech:
    """As code, quoted, struck out, hidden, or as the words of a link: nobody's open word."""
    text, rest = f"TLP:{label}", _paragraph(Text(f"{token} hello"))
    ways = (
        (CodeBlock(text), rest),
        (Quote((_paragraph(Text(text)),)), rest),
        (_paragraph(Text(text, Style.CODE), LineBreak(), Text(f"{token} hello")),),
        (_paragraph(Text(text, Style.STRIKE), LineBreak(), Text(f"{token} hello")),),
        (_paragraph(Text(text, Style.SPOILER), LineBreak(), Text(f"{token} hello")),),
        (_paragraph(Link("https://example.org/", text), LineBreak(), Text(f"{token} hello")),),
    )
    return Speech(RichText(ways[which % len(ways)]), Words(spoken=label))


def _nearly(token: str, _label: str, which: int, _names: tuple[str, ...]) -> Speech:
    slips = ("TLP:PURPLE", "TLP:AMBER STRIC", "TLP:GREENISH", "TLP:CLAER")
    return Speech(say(f"{slips[which % len(slips)]} {token} hello"), Words(doubtful=True))


def _filed(token: str, label: str, _which: int, _names: tuple[str, ...]) -> Speech:
    body = say(f"{token} see the file")
    return Speech(body, Words(spoken=label), (f"{token} TLP_{label}.txt",))


def _meant(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names if name)


WAYS: dict[str, Make] = {
    "plainly": _plainly,
    "first": _first,
    "last": _last,
    "both": _both,
    "listed": _listed,
    "only listed": _only_listed,
    "spoken": _spoken,
    "unseen": _unseen,
    "covered": _covered,
    "nearly": _nearly,
    "filed": _filed,
}
"""The ways in which people mark what they say, or seem to."""


def tokens(text: str) -> set[tuple[int, int]]:
    """The messages and versions that a text has words of."""
    return {(int(key), int(version)) for key, version in TOKEN.findall(text)}


def token_of(body: RichText) -> tuple[int, int] | None:
    """The one that a body is of."""
    return next(iter(tokens(plain(body))), None)
