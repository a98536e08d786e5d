"""Binding what was typed to a command's parameters."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from bot.errors import UserError
from bot.words import Words
from commands.grammar import Word, closest
from commands.grammar.words import is_option, read_word, skip_space, trimmed
from commands.registry.described import Command, Flag, Parameter, Rest
from commands.registry.replies import shortened
from commands.registry.trailing import parted

_EXCERPT = 24
"""Characters of what was typed that are said back, so that the first line stays a line."""


def asks_for_help(command: Command, text: str) -> bool:
    """Whether the first argument is `--help`, or `help`; before free text only `help` alone,
    so that `note help the others` is a note.
    """
    at = skip_space(text, 0)
    if at == len(text):
        return False
    if is_option(text, at):
        return read_word(text, at).option == "help"
    if command.parameters and isinstance(command.parameters[0].kind, Rest):
        return trimmed(text).lower() == "help"
    return text[at:].lower().split(maxsplit=1)[0] == "help"


def bind(parameters: Sequence[Parameter], text: str, words: Words) -> dict[str, Any]:
    """The values by parameter; those that were not typed and have a default are absent.

    Raises UserError with what was wrong.
    """
    options = {each.typed: each for each in parameters if isinstance(each.kind, Flag)}
    queue = deque(each for each in parameters if not isinstance(each.kind, Flag))
    bound: dict[str, Any] = {}
    at, ended = skip_space(text, 0), False
    while at < len(text):
        option = not ended and is_option(text, at)
        free = queue and isinstance(queue[0].kind, Rest) and not option
        if free and (ended or not _ends_options(text, at)):
            rest = queue.popleft()
            headed = isinstance(rest.kind, Rest) and rest.kind.headed
            said, text = (text[at:], "") if ended else parted(text[at:], options, headed=headed)
            bound[rest.name] = rest.parse(trimmed(said))
            at = skip_space(text, 0)
            continue
        word = read_word(text, at)
        if option:
            at = _bind_option(options, word, text, bound)
        elif word.text == "--" and not word.quoted and not ended:
            ended, at = True, word.end
        else:
            _bind_word(queue, word, bound)
            at = word.end
        at = skip_space(text, at)
    for each in queue:
        if each.required and each.name not in bound:
            raise UserError(
                "{name} is missing: {what}.",
                name=each.shown.split()[0],
                what=words(each.kind.what),
            )
    return bound


def _ends_options(text: str, at: int) -> bool:
    """Whether a lone `--` stands there."""
    return text.startswith("--", at) and read_word(text, at).text == "--"


def _bind_word(queue: deque[Parameter], word: Word, bound: dict[str, Any]) -> None:
    if not queue:
        excerpt = shortened(word.text, _EXCERPT)
        raise UserError("“{word}” is more than this command takes.", word=excerpt)
    taken = queue[0] if queue[0].many else queue.popleft()
    _set(taken, taken.parse(word.text), bound)


def _bind_option(
    options: dict[str, Parameter], word: Word, text: str, bound: dict[str, Any]
) -> int:
    """Binds an option, with its value if it has one, and says where it ends."""
    typed = f"--{word.option}"
    taken = options.get(typed)
    if taken is None:
        raise _unknown(typed, options)
    if taken.name in bound and not taken.many:
        raise UserError("The option {option} stands twice.", option=typed)
    value, end = word.value, word.end
    if taken.switch:
        if value is not None:
            raise UserError("The option {option} takes no value.", option=typed)
        bound[taken.name] = True
        return end
    if value is None:
        at = skip_space(text, end)
        if at == len(text) or is_option(text, at):
            raise UserError("The option {option} needs a value.", option=typed)
        following = read_word(text, at)
        value, end = following.text, following.end
    _set(taken, taken.parse(value), bound)
    return end


def _unknown(typed: str, options: dict[str, Parameter]) -> UserError:
    meant = closest(typed, options)
    shown = shortened(typed, _EXCERPT)
    if meant is None:
        return UserError("There is no option {option} here.", option=shown)
    return UserError(
        "There is no option {option} here. Did you mean {meant}?", option=shown, meant=meant
    )


def _set(parameter: Parameter, value: Any, bound: dict[str, Any]) -> None:
    bound[parameter.name] = (*bound.get(parameter.name, ()), value) if parameter.many else value
