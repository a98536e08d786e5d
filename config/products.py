"""What a team runs, as it stands in a file of its own: nobody else is to see it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, ValidationInfo

from config.mistakes import expected
from config.secrets import NOT_READ, read_file

LONGEST = 1_000_000
"""Bytes of the file: some twenty thousand products."""
_EXPECTED = 'expected "file:PATH": a text file with a product a line, as Microsoft Exchange Server'


def _read(value: Any, info: ValidationInfo) -> SecretStr:
    """The lines of the file; raises pydantic's error with words that hold none of them."""
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str) or not value.startswith("file:") or not value[5:].isprintable():
        raise expected(_EXPECTED)
    context = info.context or {}
    if context.get("environ", {}) is None:
        return SecretStr(NOT_READ)
    return SecretStr(read_file(value[5:], context.get("folder", Path()), LONGEST))


Products = Annotated[SecretStr, BeforeValidator(_read)]
