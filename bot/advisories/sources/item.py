"""Something that a source warns of, whatever it was written in. Pure."""

from __future__ import annotations

import re

import msgspec

from bot.advisories.document import LONGEST_LINE
from bot.sharing.marking import Label
from bot.times.working import Severity

LONGEST_TITLE = 200
LONGEST_TEXT = 12_000
"""Characters of a body that are taken over: the rest stands where it came from."""
_CVE = re.compile(r"(?<![A-Za-z0-9-])CVE-[0-9]{4}-[0-9]{4,19}(?![0-9])", re.IGNORECASE)
_ACTIVE = re.compile(r"[\\`*_~\[\]<>|#]")
_BEGINS = re.compile(r"^(\s*)(?:([-+])|([0-9]{1,9})([.)]))(?=\s|$)", re.MULTILINE)
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, halves of characters, and what turns the direction of others."""


class Item(msgspec.Struct, frozen=True):
    """What a source warns of. Every text is as it was written there, and acts nowhere: `said` makes
    Markdown of it that shows just these characters.
    """

    identity: str
    """The same in every source that has it: by publisher and number, or by CVE, or by address."""
    name: str
    """What people call it."""
    title: str
    summary: str = ""
    details: tuple[tuple[str, str], ...] = ()
    """Headings, and what stands below them."""
    severity: Severity | None = None
    """None where the source does not say."""
    label: Label | None = None
    """None where it bears none."""
    cves: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    """Of its products, those that are affected, as people read them;"""
    actions: tuple[str, ...] = ()
    """and what there is to be done."""
    sectors: tuple[str, ...] = ()
    ransomware: bool | None = None
    """Whether ransomware is known to use it; None where nobody says."""
    references: tuple[str, ...] = ()
    version: str = ""
    updated: str = ""
    """When it was last changed, as RFC 3339 or as the source writes it."""
    changed: tuple[str, ...] = ()
    """What its author says of the last revision."""
    withdrawn: bool = False


def clean(text: str) -> str:
    """Text without what is not seen: control characters, and what turns the direction of others."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str, most: int = LONGEST_TITLE) -> str:
    """Text as a title: on one line, of bounded length."""
    line = " ".join(clean(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def said(text: str) -> str:
    """Markdown that shows exactly these characters: nothing that a source writes is a heading, a
    link with another text than its address, or bold.
    """
    escaped = _ACTIVE.sub(r"\\\g<0>", clean(text))
    return _BEGINS.sub(_began, escaped)


def is_address(text: str) -> bool:
    """Whether a text is an address of the web, of a length that can be shown."""
    web = text.startswith(("https://", "http://")) and text.isprintable() and " " not in text
    return web and len(text) <= LONGEST_LINE


def cves_in(text: str) -> tuple[str, ...]:
    """The CVEs that a text names, each once."""
    return tuple(dict.fromkeys(each.upper() for each in _CVE.findall(text)))


def body_of(item: Item) -> str:
    """Its details as Markdown; what is too long is cut at a line, and said to be."""
    parts = []
    left = LONGEST_TEXT
    for heading, text in item.details:
        if left <= 0:
            parts.append("…")
            break
        shown = clean(text)
        cut = shown if len(shown) <= left else shown[:left].rpartition("\n")[0] or shown[:left]
        left -= len(cut)
        parts.append(f"**{said(one_line(heading, 120))}**\n\n{said(cut)}")
        if len(cut) < len(shown):
            parts.append("…")
    return "\n\n".join(parts)


def actions_of(item: Item) -> str:
    """What there is to be done, as Markdown."""
    lines: list[str] = []
    left = LONGEST_TEXT
    for each in item.actions:
        line = one_line(each, 2000)
        left -= len(line)
        if left < 0:
            return "\n".join([*lines, "- …"])
        lines.append(f"- {said(line)}")
    return "\n".join(lines)


def _began(found: re.Match[str]) -> str:
    if found[2]:
        return f"{found[1]}\\{found[2]}"
    return f"{found[1]}{found[3]}\\{found[4]}"
