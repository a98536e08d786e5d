"""Secret values: written as they are, or as `env:NAME` or `file:PATH`, and never shown.

A model that holds a `Secret` is validated with the context `{"environ": …, "folder": …}`: the
environment's variables, and the folder that relative paths start from. With `environ` None, what
stands elsewhere is not read: `NOT_READ` takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, ValidationInfo

from config.mistakes import expected

LONGEST = 65_536
"""Bytes of a secret's file; what is longer was not meant."""

NOT_READ = "(not read)"
"""A secret that was not asked for; whoever checks a secret's form lets it pass."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
"""What is certainly a variable's name, and not a secret put behind `env:` by mistake."""


def resolve(value: Any, info: ValidationInfo) -> Any:
    """The secret itself, for text that names a variable or file; other text as it stands.

    Raises pydantic's error with words that hold no secret.
    """
    if not isinstance(value, str):
        return value
    context = info.context or {}
    if value.startswith(("env:", "file:")) and context.get("environ", {}) is None:
        return NOT_READ
    if value.startswith("env:"):
        return _checked(_from_variable(value[4:], context.get("environ", {})))
    if value.startswith("file:"):
        return _checked(_from_file(value[5:], context.get("folder", Path())))
    return _checked(value)


Secret = Annotated[SecretStr, BeforeValidator(resolve)]


def _from_variable(name: str, environ: Mapping[str, str]) -> str:
    called = f"the environment variable {name}" if _VARIABLE.fullmatch(name) else "its variable"
    if not name:
        raise expected("expected the name of an environment variable after env:")
    if name not in environ:
        raise expected(f"{called} is not set: set it before the start")
    if not environ[name]:
        raise expected(f"{called} is empty: set it before the start")
    return environ[name]


def _from_file(name: str, folder: Path) -> str:
    if not name or not name.isprintable():
        raise expected("expected a path after file:")
    text = read_file(name, folder, LONGEST).strip()
    if not text:
        raise expected(f"the file {name} is empty")
    return text


def read_file(name: str, folder: Path, longest: int) -> str:
    """The text of a file that the configuration names, of at most so many bytes; raises pydantic's
    error with words that hold none of it.
    """
    try:
        with (folder / Path(name).expanduser()).open("rb") as file:
            content = file.read(longest + 1)
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise expected(f"there is no file {name} (relative to the configuration file)") from None
    except OSError as error:
        raise expected(f"the file {name} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, RuntimeError):  # RuntimeError: a home folder that nobody has
        raise expected(f"the file {name} cannot be read as text in UTF-8") from None
    if len(content) > longest:
        raise expected(f"the file {name} is longer than {longest} bytes")
    return text


def _checked(secret: str) -> str:
    if not secret:
        raise expected('empty: write the value, "env:NAME" or "file:PATH"')
    if not all(character.isprintable() for character in secret):
        raise expected("the value holds a line break or another control character")
    return secret
