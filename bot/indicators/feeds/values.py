"""The values of a list: of a known kind, of any, or all that stand in a text."""

from __future__ import annotations

from bot.errors import UserError
from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import extract, read, refang, settled

LONGEST = 8192
"""Characters of a cell or line that is looked at."""


def value(text: str, kind: Kind | None) -> Observable | None:
    """The one value that a cell or line is; None where it is none, or not of that kind."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    if kind is not None:
        return settled(kind, text) or settled(kind, refang(text))
    try:
        return read(text)
    except UserError:
        return None


def values_in(text: str, kind: Kind | None) -> list[Observable]:
    """All values in a text, each once."""
    found = dict.fromkeys(each.observable for each in extract(text[:LONGEST]))
    return [each for each in found if kind in {None, each.kind}]
