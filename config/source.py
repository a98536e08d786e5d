"""The configuration file's content, as TOML has it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from config.mistakes import Mistakes, printable

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read at all: a device or a log was not meant."""


def read_source(path: Path, mistakes: Mistakes) -> dict[str, Any] | None:
    """The tables of the file; None where there are none to be had, which is then a mistake."""
    content = _read(path, mistakes)
    if content is None:
        return None
    try:
        return tomllib.loads(content.decode().removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        mistakes.add(f"not UTF-8 (line {line}): save it with that encoding")
    except tomllib.TOMLDecodeError as error:
        mistakes.add(f"not TOML: {printable(str(error))}")
    except ValueError:  # numbers of thousands of digits, dates that do not exist
        mistakes.add("not TOML: a number or date in it cannot be read")
    except RecursionError:
        mistakes.add("not TOML that can be read: brackets are nested too deep")
    return None


def _read(path: Path, mistakes: Mistakes) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        mistakes.add("no such file: copy liaison.example.toml there, or name one with --config")
    except IsADirectoryError:
        mistakes.add("this is a folder: name the file in it with --config")
    except PermissionError:
        mistakes.add("no permission to read it: give it to the user who runs the bot")
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        mistakes.add(f"cannot be read: {printable(getattr(error, 'strerror', '') or 'bad path')}")
    else:
        if len(content) <= LARGEST:
            return content
        mistakes.add("too large for a configuration file: name the right one with --config")
    return None
