"""Splitting the text of a call into words and options, as a phone's keyboard leaves it.

Quotes open at the beginning of a word (or of an option's value) and nowhere else, so the
apostrophe of `don't` is none. A double quote is kept by doubling it; the backslash is an ordinary
character, because paths and registry keys are what people here quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import UserError

_INVISIBLE = "\u200b\u2060\ufeff"
SPACE = rf"[\s{_INVISIBLE}]"
"""What separates words: every Unicode space, and the invisible ones that are pasted along."""

_GAP = re.compile(f"{SPACE}*")
_BARE = re.compile(rf"(?:(?!{SPACE}).)*", re.DOTALL)

# Phones and word processors turn `--` into one en or em dash; full-width forms come from
# East Asian keyboards. One plain hyphen is never an option: `-5` is a word.
_HYPHENS = "-\u2010\u2011\u2212\uff0d"
_DASHES = "\u2012\u2013\u2014\u2015\u2e3a"
_OPTION = re.compile(
    rf"(?:[{_HYPHENS}]{{2,3}}|[{_HYPHENS}]?[{_DASHES}][{_HYPHENS}{_DASHES}]?)"
    r"(?P<name>[A-Za-z][A-Za-z0-9-]*)"
    rf"(?:[=\uff1d]|(?={SPACE}|\Z))"
)

_DOUBLE = {
    '"': '"',
    "\u201c": "\u201d",  # English
    "\u201e": "\u201c\u201d",  # German, Polish
    "\u201d": "\u201d",  # Swedish
    "\u00ab": "\u00bb",  # French: the spaces inside belong to the marks
}
_SINGLE = {"'": "'", "\u2018": "\u2019", "\u201a": "\u2018\u2019", "\u2039": "\u203a"}
_SPACED = "\u00ab\u2039"

_QUOTED = {
    mark: re.compile(rf"((?:[^{ends}]|([{ends}])\2)*+)[{ends}]") for mark, ends in _DOUBLE.items()
} | {
    # An apostrophe inside does not close: only one before a space or the end does.
    mark: re.compile(rf"(.*?)[{ends}](?={SPACE}|\Z)", re.DOTALL)
    for mark, ends in _SINGLE.items()
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, from `start` to `end` there (quotes included).

    `text` is without its quotes. For an option `option` is its name in lower case and `value`
    what stood after `=`, None where nothing did; `text` is then the option as one types it.
    """

    text: str
    start: int
    end: int
    option: str | None = None
    value: str | None = None
    quoted: bool = False


def read_words(text: str) -> Iterator[Word]:
    """The words of a text, one by one: stop early and the rest is not looked at.

    Raises UserError at a quotation mark that is not closed.
    """
    at = skip_space(text, 0)
    while at < len(text):
        word = read_word(text, at)
        yield word
        at = skip_space(text, word.end)


def read_word(text: str, at: int) -> Word:
    """The word that begins at `at`, where no space is; raises UserError as `read_words`."""
    option = _OPTION.match(text, at)
    if option is None:
        value, end = _read_value(text, at)
        return Word(value, at, end, quoted=text[at] in _QUOTED)
    name = option["name"].lower()
    if text[option.end() - 1] not in "=\uff1d":
        return Word(f"--{name}", at, option.end(), option=name)
    value, end = _read_value(text, option.end())
    return Word(f"--{name}={value}", at, end, option=name, value=value)


def is_option(text: str, at: int) -> bool:
    """Whether an option begins at `at`."""
    return _OPTION.match(text, at) is not None


def skip_space(text: str, at: int) -> int:
    """The first place from `at` on that is no space."""
    found = _GAP.match(text, at)
    return found.end() if found else at


def trimmed(text: str) -> str:
    """The text without the spaces around it; linear, which a regular expression is not here."""
    end = len(text)
    while end and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE):
        end -= 1
    return text[skip_space(text, 0) : end]


def first_word(text: str) -> tuple[str, str]:
    """The first word, quotes and all, and what follows it: a line break and a no-break space end
    a word like any other space.
    """
    text = trimmed(text)
    found = _BARE.match(text)
    end = found.end() if found else 0
    return text[:end], trimmed(text[end:])


def split(text: str) -> list[str]:
    """The words alone; raises UserError as `read_words`."""
    return [word.text for word in read_words(text)]


def quote(word: str) -> str:
    """A word as one types it: `split` of quoted words with spaces between gives them back."""
    if word and not (word[0] in _QUOTED or word == "--" or is_option(word, 0)):
        bare = _BARE.match(word)
        if bare is not None and bare.end() == len(word):
            return word
    return '"' + word.replace('"', '""') + '"'


def _read_value(text: str, at: int) -> tuple[str, int]:
    """The word at `at`, without its quotes, and where it ends; what touches a quote is of it."""
    mark = text[at : at + 1]
    content = ""
    if mark in _QUOTED:
        found = _QUOTED[mark].match(text, at + 1)
        if found is None:
            raise UserError("The quotation mark {mark} is opened and not closed.", mark=mark)
        content, at = _inside(mark, found[1]), found.end()
    bare = _BARE.match(text, at)
    end = bare.end() if bare else at
    return content + text[at:end], end


def _inside(mark: str, content: str) -> str:
    for end in _DOUBLE.get(mark, ""):
        content = content.replace(end * 2, end)
    if mark in _SPACED:
        content = re.sub(rf"\A{SPACE}|{SPACE}\Z", "", content)
    return content
