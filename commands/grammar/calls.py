"""Deciding whether a message is a command, nearly one, or something said to people.

Commands are never relayed, nor what was nearly one; so where it is in doubt, a message that
begins like a command is a near miss: its author alone is told, and can say it otherwise. What is
withheld can be said again, what was passed on cannot be taken back.

| typed, with `ioc` a command                             | read as                        |
|---------------------------------------------------------|--------------------------------|
| `!ioc x`, `/ioc x`, `!IOC x`, full-width `!ioc`         | Call                           |
| `@Liaison ioc x`, `@Liaison !ioc x`, `!liaison ioc x`   | Call                           |
| `ioc x` in a direct room                                | Call                           |
| `!who reacted` for `who-reacted`                        | Call                           |
| `!icoc x`, `!ioc: x`, `!ioc1`, `!!ioc x`, `! ioc x`     | NearMiss                       |
| `@Liason ioc x`, `hey @Liaison ioc x`                   | NearMiss                       |
| `@Liaison wow`, `wow` in a direct room                  | NearMiss, perhaps suggesting   |
| `!important: read this`, `! wow`, `!!!`, `/etc/passwd`  | None: an ordinary message      |
| `thanks @Liaison`, `ioc x`                              | None: an ordinary message      |
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from commands.grammar.refanging import unlink
from commands.grammar.suggesting import LIKELY, closest
from commands.grammar.words import SPACE, skip_space, trimmed

OWN = "liaison"
"""The word that always calls the bot, whatever it is named: `/liaison NAME`."""

_FIRST = re.compile(rf"(?:(?!{SPACE}).)+", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HYPHENS = str.maketrans(dict.fromkeys("_\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_LONGEST = 60
"""Characters of a first word that are looked at: no name is longer."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command that was typed: `text` is everything after its name, as it was typed."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Meant for the bot, or nearly: never relayed. `word` is what stood for the name, perhaps
    nothing; `suggestion` the name it is likeliest to be, if there is one.
    """

    word: str
    suggestion: str | None = None


def read_call(
    text: str,
    *,
    names: Collection[str],
    addressed: bool,
    direct: bool = False,
    bot_names: Sequence[str] = (),
    prefixes: Sequence[str] = ("!", "/"),
) -> Call | NearMiss | None:
    """What a message's plain text is to the bot: see the table above.

    `names` are the known commands. `addressed`: the message mentions the bot, under one of
    `bot_names` (without their `@`); without `bot_names` the text is what follows the mention.
    `direct`: only its author and the bot are in the room. Raises nothing.
    """
    text = trimmed(text)
    if not text:
        return NearMiss("") if addressed else None
    if addressed and not bot_names:
        return _told(text, names, prefixes)
    mention = _mention((*bot_names, OWN))
    if (at := mention.match(text)) and (addressed or direct or at["at"]):
        return _told(text[at.end() :], names, prefixes)
    if direct:
        return _told(text, names, prefixes)
    read = _prefixed(text, names, prefixes, {OWN, *map(_normal, bot_names)})
    return read or _in_passing(text, names, mention if addressed else None, bot_names)


def read_slash(text: str, names: Collection[str], *, escaped: bool = True) -> Call | NearMiss:
    """What a slash-command says: `text` is everything after the slash, any prefix of ours removed.

    `escaped`: the network marked links and escaped characters in it. Raises nothing.
    """
    text = trimmed(unlink(text) if escaped else text)
    word, rest = _first(text)
    return _told(rest, names, ("!", "/")) if word == OWN else _told(text, names, ())


def _told(text: str, names: Collection[str], prefixes: Sequence[str]) -> Call | NearMiss:
    """What was certainly said to the bot."""
    _, text = _without_prefix(trimmed(text), prefixes)
    text = trimmed(text)
    call = _exact(text, names)
    if call is not None:
        return call
    word = _first(text)[0]
    return NearMiss(word, closest(_letters(word), names) if word else None)


def _prefixed(
    text: str, names: Collection[str], prefixes: Sequence[str], own: Collection[str]
) -> Call | NearMiss | None:
    run, body = _without_prefix(text, prefixes)
    if not run:
        return None
    tight = skip_space(body, 0) == 0
    if run == 1 and tight:
        word, rest = _first(body)
        call = _exact(body, names)
        if call is not None:
            return call
        if word in own:
            return _told(rest, names, prefixes)
    name = _letters(_first(trimmed(body))[0])
    if name in names:
        return NearMiss(name, name)
    # After a space only the very name counts: `! wow` is a cry.
    meant = closest(name, {*names, OWN}, LIKELY) if tight and name else None
    return NearMiss(name, meant) if meant else None


def _in_passing(
    text: str, names: Collection[str], mention: re.Pattern[str] | None, bot_names: Sequence[str]
) -> NearMiss | None:
    """A command behind a mention that does not begin the message, or is misspelt."""
    behind = [text[found.end() :] for found in mention.finditer(text)] if mention else []
    if text.startswith("@"):
        word, rest = _first(text[1:])
        if closest(_letters(word), {OWN, *map(_normal, bot_names)}, LIKELY):
            behind.append(rest)
    for rest in behind:
        call = _exact(trimmed(rest), names)
        if call is not None:
            return NearMiss(call.name, call.name)
    return None


def _exact(text: str, names: Collection[str]) -> Call | None:
    """The call that `text` begins with; `who reacted` may stand for `who-reacted`."""
    word, rest = _first(text)
    if word in names:
        return Call(word, rest)
    second, after = _first(rest)
    if f"{word}-{second}" in names:
        return Call(f"{word}-{second}", after)
    return None


def _first(text: str) -> tuple[str, str]:
    """The first word in its normal form, and what stands after it, as it was typed."""
    found = _FIRST.match(text)
    if found is None:
        return "", text
    return _normal(found[0]), trimmed(text[found.end() :])


def _normal(word: str) -> str:
    """Lower case, no full-width forms, no invisible characters, plain hyphens."""
    folded = unicodedata.normalize("NFKC", word[:_LONGEST]).casefold().translate(_HYPHENS)
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


def _letters(word: str) -> str:
    found = _LETTERS.match(word)
    return found[0] if found else ""


def _without_prefix(text: str, prefixes: Sequence[str]) -> tuple[int, str]:
    """How many prefix characters a text begins with, and the text behind them."""
    run = 0
    while run < len(text) and unicodedata.normalize("NFKC", text[run]) in prefixes:
        run += 1
    return run, text[run:]


@lru_cache(maxsize=16)
def _mention(bot_names: tuple[str, ...]) -> re.Pattern[str]:
    """A mention of the bot: its longest name first, and not the beginning of a longer one."""
    listed = "|".join(re.escape(n) for n in sorted(bot_names, key=len, reverse=True) if n)
    return re.compile(
        rf"(?<!\w)(?P<at>[@\uff20])?+(?:{listed})(?:[:,]|(?![\w'\u2019-]))", re.IGNORECASE
    )
