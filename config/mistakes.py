"""Mistakes in the configuration file, as lines that name file, key and what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails, PydanticCustomError

LONGEST = 60
"""Characters of a value that a line repeats."""
MOST_NAMES = 500
"""Names among which a near one is looked for: with more, a file of mistakes would take minutes."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")

_WORDS = {
    "missing": "missing",
    "string_type": "expected text in quotes",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "int_parsing": "expected a whole number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "tuple_type": "expected a list in brackets",
    "list_type": "expected a list in brackets",
    "model_type": "expected a table",
    "model_attributes_type": "expected a table",
    "dict_type": "expected a table",
    "greater_than_equal": "expected {ge} or more",
    "less_than_equal": "expected {le} or less",
}
"""What to say for pydantic's own kinds of error; for others its message stands."""


class Mistakes:
    """The mistakes found so far in one file."""

    def __init__(self, path: Path) -> None:
        self.lines: list[str] = []
        self._file = printable(str(path))

    def add(self, words: str, *key: str | int) -> None:
        """Note one mistake: at a key, or without one about the whole file."""
        where = f"{self._file}: {key_path(key)}" if key else self._file
        self.lines.append(f"{where}: {words}")


NOTHING = object()
"""For `expected`: no value to repeat."""


def expected(words: str, found: object = NOTHING, near: str = "") -> PydanticCustomError:
    """An error of which `words` are said, with the value that was found and a `near` name.

    The words are no template: values may hold braces.
    """
    rest = "" if found is NOTHING else f"; found {shown(found)}{near}"
    return PydanticCustomError("expected", "{words}{rest}", {"words": words, "rest": rest})


def printable(text: str) -> str:
    """The text with everything escaped that would not show, or would change what shows."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: object) -> str:
    """A value as a line repeats it: quoted if it is text, short, on one line."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return printable(str(value)[:LONGEST])
    short = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    return f'"{printable(short)}"'


def key_path(key: Iterable[str | int]) -> str:
    """A key as it could be typed: `channels.ransomware.rooms[1]`."""
    path = ""
    for part in key:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + (part if _BARE.fullmatch(part) else shown(part))
    return path


def nearest(word: str, names: Iterable[str]) -> str:
    """`; did you mean NAME?` where a name is near, else nothing."""
    known = list(names)
    if len(known) > MOST_NAMES or len(word) > LONGEST:
        return ""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {printable(near[0])}?" if near else ""


def words_for(error: ErrorDetails, model: type[BaseModel], *, private: bool) -> str:
    """What to say of one of pydantic's errors about a table of type `model`.

    `private`: the table may hold secrets, so that no value of it is repeated.
    """
    kind, context, key = error["type"], error.get("ctx", {}), error["loc"]
    if kind == "extra_forbidden":
        return _unknown_key(str(key[-1]), _model_at(model, key[:-1]))
    if kind == "value_error":
        return printable(str(context["error"]))
    if kind == "expected":
        return f"{context['words']}{'' if private else context['rest']}"
    if kind == "literal_error":
        choices = str(context["expected"]).replace("'", '"')
        found = "" if private else f"; found {shown(error['input'])}"
        return f"expected {choices}{found}"
    if kind in _WORDS:
        return _WORDS[kind].format(**context)
    return printable(error["msg"])


def _unknown_key(key: str, model: type[BaseModel]) -> str:
    if key in getattr(model, "not_yet", ()):
        return "not yet supported: take it out"
    names = [field.alias or name for name, field in model.model_fields.items()]
    return f"unknown key{nearest(key, names)}"


def _model_at(model: type[BaseModel], key: Iterable[str | int]) -> type[BaseModel]:
    """The model of a table inside a table of type `model`."""
    for part in key:
        field: Any = model.model_fields.get(str(part))
        annotation = field.annotation if field else None
        for inner in (annotation, *get_args(annotation)):  # a table may be absent: `Post | None`
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                model = inner
    return model
