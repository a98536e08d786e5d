"""The table `[series.NAME]`: a run of numbers with an audience of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from config.mistakes import expected, printable
from config.table import Table

_NAME = re.compile(r"[A-Z][A-Z0-9]{0,64}")
NAME_EXPECTED = "expected a series such as RTF: capital letters and digits"


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise expected(NAME_EXPECTED, value)
    return value


SeriesName = Annotated[str, AfterValidator(_name)]
"""What numbers of a series begin with, as `RTF` of `RTF-2026-014`."""


class Series(Table):
    """A series for a part of its channels' teams. `group` None: for all of them."""

    channels: tuple[str, ...]
    group: str | None = None


class Run(NamedTuple):
    """A series as it holds: of which channels, and for whom (None: whoever is in the channel)."""

    name: str
    channels: tuple[str, ...]
    group: str | None = None


def is_name(text: str) -> bool:
    """Whether a series may be called so."""
    return _NAME.fullmatch(text) is not None


def own_name(channel: str, named: str | None) -> str:
    """The series of all that is for a whole channel: as its settings name it, else after it."""
    if named is not None:
        return named
    letters = re.sub(r"[^A-Z0-9]", "", channel.upper())
    return letters if is_name(letters) else f"C{letters}"


def runs(channels: Mapping[str, str | None], series: Mapping[str, Series]) -> Iterator[Run]:
    """Every series there is: one of each channel (with the name in its settings, if it has one),
    and those that have tables of their own.
    """
    for channel, named in channels.items():
        yield Run(own_name(channel, named), (channel,))
    for name, table in series.items():
        yield Run(name, table.channels, table.group)


def clashes(found: Iterable[Run]) -> Iterator[tuple[Run, str]]:
    """Series that cannot be told apart, with the reason: by their name, or by whom they are for."""
    names: dict[str, Run] = {}
    audiences: dict[tuple[str, str | None], Run] = {}
    for run in found:
        other = names.setdefault(run.name, run)
        if other is not run:
            yield run, f"{printable(run.name)} is the series of {printable(other.channels[0])} too"
            continue
        for channel in run.channels:
            same = audiences.setdefault((channel, run.group), run)
            if same is not run:
                yield run, f"{printable(same.name)} is for the same teams of {printable(channel)}"
