"""The base of every table of the configuration file: frozen, strict, quiet about its values."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the configuration file.

    Unknown keys are mistakes; those in `not_yet` are known by name and refused as not yet
    supported, so that nobody believes a key that does nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    not_yet: ClassVar[frozenset[str]] = frozenset()
