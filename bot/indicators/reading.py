"""Values and files as people give them: the readers, chosen by what there is to read."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import IO

from bot.errors import UserError
from bot.indicators import observables
from bot.indicators.observable import Observable
from bot.indicators.things import Item


def read_value(text: str) -> Observable:
    """The value that somebody typed; UserError with what was expected."""
    return observables.read(text)


def defanged(value: Observable) -> str:
    """A value as it is shown: nothing to click on."""
    return observables.defang(value)


def read_file(path: Path, stream: IO[bytes]) -> Iterator[Item]:
    """What each object of a file says; it holds a STIX bundle."""
    del path
    found: Iterator[Item] = _part("stix.reading").read_bundle(stream, observables.normal)
    return found


def _part(name: str) -> ModuleType:
    try:
        return import_module(f"bot.indicators.{name}")
    except ModuleNotFoundError as error:
        raise UserError("not yet supported in this version") from error
