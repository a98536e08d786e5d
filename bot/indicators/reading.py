"""Values and files as people give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import IO, overload

from bot.indicators import observables
from bot.indicators.observable import Observable
from bot.indicators.stix.pieces import Stretch
from bot.indicators.stix.reading import unread_bundle
from bot.indicators.things import Item


def read_value(text: str) -> Observable:
    """The value that somebody typed; UserError with what was expected."""
    return observables.read(text)


def defanged(value: Observable) -> str:
    """A value as it is shown: nothing to click on."""
    return observables.defang(value)


@overload
def read_file(stream: IO[bytes]) -> Iterator[Item]: ...
@overload
def read_file(
    stream: IO[bytes], known: Mapping[bytes, int], before: Callable[[str], bool] | None = None
) -> Iterator[Item | Stretch]: ...
def read_file(
    stream: IO[bytes],
    known: Mapping[bytes, int] | None = None,
    before: Callable[[str], bool] | None = None,
) -> Iterator[Item | Stretch]:
    """What each object of a file says; it holds a STIX bundle. `known`: stretches of which all is
    in the store (see `bot.indicators.stretches`); `before`: what the source has defined before.
    """
    return unread_bundle(stream, observables.normal, known, before)
