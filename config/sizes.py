"""Sizes as people write them: `100MB`, `1GiB`, `500kB`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from config.mistakes import expected

_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_SIZE = re.compile(r"([0-9]{1,12}) ?([A-Za-z]{1,3})")

EXPECTED = "expected a size such as 500kB, 100MB or 1GiB"


def parse_size(text: str) -> int:
    """The bytes that `text` writes; raises `ValueError` for what is no size."""
    found = _SIZE.fullmatch(text)
    unit = None if found is None else _UNITS.get(found[2].upper())
    if found is None or unit is None:
        raise ValueError(EXPECTED)
    return int(found[1]) * unit


def _read(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    try:
        return parse_size(value if isinstance(value, str) else "")
    except ValueError:
        raise expected(EXPECTED, value) from None


Size = Annotated[int, BeforeValidator(_read)]
"""A key whose value is a number of bytes."""
