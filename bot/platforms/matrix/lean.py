"""Importing a library without what it brings along wherever that is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """While this lasts these modules are not found, except those that somebody uses already."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # import then says: not found
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
