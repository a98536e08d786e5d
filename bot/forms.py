"""Small forms: what a network shows to somebody who chose a command and has yet to say the rest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a field takes."""

    LINE = "line"
    TEXT = "text"
    """Several lines."""
    CHOICE = "choice"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to say. `name`: what it is known by when the form comes back."""

    name: str
    label: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    value: str = ""
    """What stands in it already."""


@dataclass(frozen=True, slots=True)
class Form:
    """A command's form, in the words of the one who fills it in."""

    command: str
    title: str
    fields: tuple[Field, ...]
    send: str
    cancel: str


ON = "on"
"""What a switch that is set comes back as."""


class Mistakes(dict[str, str]):
    """What is wrong, by the fields' names: the form stays open and says so."""
