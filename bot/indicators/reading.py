"""Values and files as people give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from bot.indicators import observables
from bot.indicators.observable import Observable
from bot.indicators.stix.reading import unread_bundle
from bot.indicators.things import Item


def read_value(text: str) -> Observable:
    """The value that somebody typed; UserError with what was expected."""
    return observables.read(text)


def defanged(value: Observable) -> str:
    """A value as it is shown: nothing to click on."""
    return observables.defang(value)


def read_file(stream: IO[bytes]) -> Iterator[Item]:
    """What each object of a file says; it holds a STIX bundle."""
    return unread_bundle(stream, observables.normal)
