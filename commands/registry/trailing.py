"""The options that people write behind a text: `page cert-bravo Come in --severity low`.

A text goes on to its end, exactly as it was typed, but for options of the command that end its last
line; and in a `headed` text also its first one, where people write a title. Taken for words they
would do nothing, and say nothing of that: what was meant for a group would go to everybody. What is
nearly one is refused likewise. A lone `--` before a text says that all of it is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.errors import UserError
from commands.grammar import closest
from commands.grammar.suggesting import LIKELY
from commands.grammar.words import SPACE, is_option, read_word, skip_space, trimmed
from commands.registry.described import Parameter

_MOST = 40
"""Options that are looked for, so that a hostile line costs no more than its length."""
_BEGINNING = re.compile(rf"(?<={SPACE})(?!{SPACE})")

Options = Mapping[str, Parameter]
"""A command's options, as one types them."""


def parted(text: str, options: Options, *, headed: bool) -> tuple[str, str]:
    """A text without the options that end it, and these; where it is `headed`, without those that
    end its first line as well.
    """
    text = trimmed(text)
    first, line_break, below = text.partition("\n")
    if headed and line_break:
        head, of_head = _parted(trimmed(first), options)
        text, of_text = _parted(f"{head}\n{below}", options)
        return text, f"{of_head} {of_text}"
    return _parted(text, options)


def _parted(text: str, options: Options) -> tuple[str, str]:
    at = _begin_in(text, options)
    return trimmed(text[:at]), text[at:]


def _begin_in(text: str, options: Options) -> int:
    """Where the options begin that end a text; its end where none do."""
    end = len(text)
    line = max(1, text.rfind("\n", 0, end) + 1)
    starts = [each.start() for each in _BEGINNING.finditer(text, line, end)]
    good = {end}
    for start in reversed([each for each in starts if is_option(text, each)][-_MOST:]):
        stop = _end_of(text, start, options)
        if stop is not None and min(skip_space(text, stop), end) in good:
            good.add(start)
    return min(good)


def exactly(text: str, options: Options, *, headed: bool) -> str:
    """A text as it has to be typed so that all of it is text."""
    marked = text.startswith("--") and read_word(text, 0).text == "--"
    return f"-- {text}" if marked or trimmed(parted(text, options, headed=headed)[1]) else text


def _end_of(text: str, at: int, options: Options) -> int | None:
    """Where an option and its value end; None where it is none of these, nor nearly."""
    try:
        word = read_word(text, at)
        typed = f"--{word.option}"
        known = options.get(typed) or options.get(closest(typed, options, LIKELY) or "")
        if known is None or (known.switch and word.value is not None):
            return None
        if known.switch or word.value is not None:
            return word.end
        value = skip_space(text, word.end)
        if value == len(text) or is_option(text, value):
            return None
        return read_word(text, value).end
    except UserError:  # a quotation mark that is not closed
        return None
