"""The values that somebody asks about: typed one by one, in running text, or in attached files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.errors import Misused, UserError
from bot.indicators import observables
from bot.indicators.observable import Observable
from bot.indicators.observables import Found
from commands.registry import Attached

MOST = 500
"""Values of one question."""
_EXCERPT = 24
"""Characters of what could not be read that are said back."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A word that is no value, as it can be shown, and why."""

    word: str
    why: UserError


@dataclass(frozen=True, slots=True)
class Asked:
    """The values, each once, in the order in which they were given; and what was read as none."""

    values: tuple[Observable, ...]
    unread: tuple[Unread, ...] = ()


def one_value(text: str) -> Observable:
    """The one value that somebody typed; raises UserError with what was expected."""
    return observables.read(text)


def asked_values(
    words: Sequence[str], files: Sequence[Attached] = (), *, answering: bool = False
) -> Asked:
    """What was asked about; `answering`: it was asked in answer to a message, or in a thread.
    Raises UserError where nothing is a value, or there are too many.
    """
    typed = _typed(words) if words else Asked(())
    found = [*typed.values, *(each for file in files for each in _in_file(file))]
    values = tuple(dict.fromkeys(found))
    if len(values) > MOST:
        raise UserError(
            "{n} values are too many at once: {most} at most. Split them up, or ask the operator "
            "for “liaison indicators lookup”, which takes as many as you like.",
            n=len(values), most=MOST,
        )  # fmt: skip
    if not values:
        if typed.unread:
            raise typed.unread[0].why
        if files:
            raise UserError("I find no value there: no address, domain, URL, e-mail, hash …")
        if answering:
            raise UserError(
                "Of what you answer I keep no words: name the values, or attach a file."
            )
        raise Misused("Name a value, or attach a file: an address, domain, URL, e-mail, hash …")
    return Asked(values, typed.unread)


def _typed(words: Sequence[str]) -> Asked:
    """Value by value; what is for the most part none is running text with values in it."""
    whole = " ".join(words)
    if len(words) <= MOST:
        try:
            return Asked((observables.read(whole),))
        except UserError as error:
            if len(words) == 1:
                found = _in_text(whole)
                # A nearest reading is told even so: what was found is perhaps a part of it only.
                told = error.values or not found
                return Asked(found, (_unread(whole, error),) if told else ())
    read: list[Observable] = []
    unread: list[Unread] = []
    for word in filter(None, (each.strip(",;") for each in words)):
        try:
            read.append(observables.read(word))
        except UserError as error:
            unread.append(_unread(word, error))
    if len(read) >= len(unread):
        return Asked(tuple(read), tuple(unread))
    found = _in_text(whole)
    return Asked(found, () if found else tuple(unread[:1]))


def _unread(word: str, why: UserError) -> Unread:
    shown = observables.defang_text(word[:_EXCERPT])
    return Unread(shown if len(word) <= _EXCERPT else f"{shown}…", why)


def _in_text(text: str) -> tuple[Observable, ...]:
    return _values(observables.extract(text))


def _in_file(file: Attached) -> tuple[Observable, ...]:
    return _values(observables.from_file(file.name, file.mimetype, file.content))


def _values(found: Iterable[Found]) -> tuple[Observable, ...]:
    return tuple(dict.fromkeys(each.observable for each in found))
