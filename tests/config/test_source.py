"""A file that is no configuration gets a line that says what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from config.settings import load
from tests.config.networks import NETWORKS


def line(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(path, NETWORKS, {})
    (only,) = caught.value.mistakes
    return only.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[liaison\n", "not TOML: Expected ']' at the end of a table declaration (at line 1"),
        (b"a = 1\na = 2\n", "not TOML: Cannot overwrite a value (at line 2"),
        (b"\n\xff\xfe", "not UTF-8 (line 2): save it with that encoding"),
        (b"a = " + b"9" * 5000, "not TOML: a number or date in it cannot be read"),
        (b"a = " + b"[" * 50_000, "not TOML that can be read: brackets are nested too deep"),
        (b"a = '\x00'", "not TOML: "),
    ],
)
def test_what_is_not_toml_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "liaison.toml"
    path.write_bytes(content)
    assert line(path).startswith(words)


def test_no_file_says_how_to_get_one(tmp_path: Path) -> None:
    words = "no such file: copy liaison.example.toml there, or name one with --config"
    assert line(tmp_path / "liaison.toml") == words


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert line(tmp_path) == "this is a folder: name the file in it with --config"


def test_a_path_that_can_be_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"a\\x00b: cannot be read: bad path"):
        load(Path("a\0b"), NETWORKS, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = tmp_path / "liaison.toml"
    path.touch(mode=0)
    assert line(path) == "no permission to read it: give it to the user who runs the bot"
