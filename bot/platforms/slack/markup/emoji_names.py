"""Slack's names of emoji, and the emoji they are.

The Unicode names and most aliases come from the `emoji` package; what Slack calls otherwise is in
`emoji_table`. Names that nobody knows are a workspace's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot.platforms.slack.markup.emoji_table import COLOURED, HYPHENED, JOBS, NAMES

NAME = re.compile(r"[a-z0-9_'+-]{1,100}")
"""What is taken for an emoji's name (https://slack.com/help/articles/206870177)."""

_TONE = "skin-tone-"
_TONES = {number: chr(0x1F3FB + number - 2) for number in range(2, 7)}
_NUMBERS = {tone: number for number, tone in _TONES.items()}
_CODE_POINTS = re.compile(r"[0-9a-f]{1,6}(?:-[0-9a-f]{1,6}){0,15}")
_SELECTOR = "\ufe0f"


@dataclass(frozen=True, slots=True)
class _Names:
    sequences: dict[str, str]
    """The Unicode sequence by each of its names, without colons."""
    names: dict[str, str]
    """The name that Slack itself uses, by the sequence without variation selectors."""
    toned: frozenset[str]
    """The sequences without variation selectors that take a skin tone."""


def sequence_of(name: str) -> str | None:
    """The Unicode sequence of a name like `hand` or `hand::skin-tone-3`; None if it is unknown."""
    base, _, tone = name.partition("::")
    found = _names().sequences.get(base)
    if found is None or not tone:
        return found
    number = tone.removeprefix(_TONE)
    return toned(found, int(number)) if tone.startswith(_TONE) and number in "23456" else None


def shown(name: str, code_points: object = None, skin_tone: object = None) -> str:
    """What an emoji element or code shows: a Unicode sequence, or `:name:` for one unknown.

    `code_points` as Slack writes them (`1f44b-1f3fd`) are used where they are an emoji indeed.
    """
    if isinstance(code_points, str) and _CODE_POINTS.fullmatch(code_points):
        numbers = [int(number, 16) for number in code_points.split("-")]
        text = "".join(map(chr, numbers)) if max(numbers) <= 0x10FFFF else ""
        if is_emoji(text):
            return text
    if isinstance(skin_tone, int) and skin_tone in _TONES and "::" not in name:
        name = f"{name}::{_TONE}{skin_tone}"
    return sequence_of(name) or f":{name.partition('::')[0]}:"


def name_of(text: str) -> str | None:
    """Slack's name of an emoji, `+1` or `hand::skin-tone-3`, variation selectors aside; of
    `:name:` that name; None where Slack has none.
    """
    if len(text) > 2 and text[0] == text[-1] == ":":
        own = text[1:-1]
        return own if NAME.fullmatch(own) else None
    bare = text.replace(_SELECTOR, "")
    known = _names()
    found = known.names.get(bare)
    if found is not None:
        return found
    tones = {character for character in bare if character in _NUMBERS}
    if len(tones) != 1:
        return None
    tone = tones.pop()
    base = bare.replace(tone, "")
    found = known.names.get(base)
    if found is None or toned(base, _NUMBERS[tone]).replace(_SELECTOR, "") != bare:
        return None
    return f"{found}::{_TONE}{_NUMBERS[tone]}"


def is_custom(name: str) -> bool:
    """Whether a name is none of Slack's own emoji."""
    return name.partition("::")[0] not in _names().sequences


def is_emoji(text: str) -> bool:
    """Whether the text is one emoji, with or without variation selectors."""
    return text.replace(_SELECTOR, "") in _bare()


def toned(sequence: str, number: int) -> str:
    """The sequence with skin tone 2 to 6, where it takes one: after its first character."""
    bare = sequence.replace(_SELECTOR, "")
    if bare not in _names().toned:
        return sequence
    rest = sequence[1:].removeprefix(_SELECTOR)
    return f"{sequence[0]}{_TONES[number]}{rest}"


@cache
def _bare() -> frozenset[str]:
    from emoji import EMOJI_DATA  # noqa: PLC0415  60 ms that most starts do not need

    return frozenset(text.replace(_SELECTOR, "") for text in EMOJI_DATA)


@cache
def _names() -> _Names:
    from emoji import EMOJI_DATA, STATUS  # noqa: PLC0415  as above

    whole = {
        text: [data["en"].strip(":"), *(alias.strip(":") for alias in data.get("alias", ()))]
        for text, data in EMOJI_DATA.items()
        if data["status"] <= STATUS["fully_qualified"]
    }
    sequences: dict[str, str] = {}
    names: dict[str, str] = {}
    for text, (name, *aliases) in whole.items():
        if any(character in _NUMBERS for character in text) and text not in _NUMBERS:
            continue
        slacks = _slacks(text, name, aliases)
        names[text.replace(_SELECTOR, "")] = slacks[0]
        sequences |= dict.fromkeys(slacks, text)
    for text, (_, *aliases) in whole.items():
        for alias in aliases:
            sequences.setdefault(alias, text)
    for text, (name, *_) in whole.items():
        sequences.setdefault(name, text)
    return _Names(sequences, names, frozenset(filter(None, map(_toneless, whole))))


def _toneless(text: str) -> str:
    """What a sequence with a skin tone after its first character alone is without it."""
    if len(text) < 2 or text[1] not in _NUMBERS or any(c in _NUMBERS for c in text[2:]):
        return ""
    return (text[0] + text[2:]).replace(_SELECTOR, "")


def _slacks(text: str, name: str, aliases: list[str]) -> list[str]:
    """Slack's own names of an emoji, the usual one first."""
    if len(text) == 2 and all("\U0001f1e6" <= half <= "\U0001f1ff" for half in text):
        return ["flag-" + "".join(chr(ord(half) - 0x1F1E6 + ord("a")) for half in text)]
    if name in NAMES:
        return NAMES[name].split()
    who, _, what = name.partition("_")
    low = what.lower()
    if who == "family" and what:
        return [low.replace("_", "-")]
    if who in {"man", "woman"}:
        sex = {"man": "male", "woman": "female"}[who]
        if low in JOBS:
            return [f"{sex}-{low.replace('_', '-')}"]
        if low in HYPHENED:
            return [f"{who}-{low.replace('_', '-')}"]
    if what in {"circle", "square"} and who in COLOURED:
        return [f"large_{name}"]
    return [(aliases or [name])[0]]
