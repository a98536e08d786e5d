"""`liaison indicators import` of what is meant to harm: bounded, with a reason, and alone."""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.terminal.test_indicating import file, indicator, says

__all__ = ["file"]

_MEGABYTE = 1 << 20
_LEAST = 700 * _MEGABYTE
"""Bytes of addresses that the process may use: libraries are two thirds of it."""


def test_each_hostile_object_costs_itself_alone(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = [
        b'{"type":"x","id":"x--1","n":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"type":"x","n":"' + b"x" * (9 * _MEGABYTE) + b'"}',
        _with_pattern("[file:name = '" + "x" * _MEGABYTE + "']"),
        _with_pattern("[file:name MATCHES '^(a+)+$']", 2),
        _with_pattern("(" * 100_000, 3),
        b'{"type":"x","type":"y","id":"x"}',
        b'{"type":"x" "id":"x"}',
    ]
    objects = [json.dumps(indicator(100, "198.51.100.1")).encode()]
    for number, each in enumerate(hostile, 101):
        objects += [each, json.dumps(indicator(number, f"198.51.100.{number}")).encode()]
    path = file.parent / "hostile.json"
    path.write_bytes(b'{"type":"bundle","objects":[' + b",".join(objects) + b"]}")
    assert says(file, "import", str(path)) == 0
    said = capsys.readouterr().out
    assert f"{len(objects)} objects, {len(hostile) + 1 + 3} new" in said
    assert "3 kept without an index" in said
    for reason in ("1 too-deep", "1 too-large", "1 duplicate-key", "1 not-json"):
        assert reason in said
    for number in range(101, 101 + len(hostile)):
        assert says(file, "lookup", f"198.51.100.{number}") == 0
    assert says(file, "lookup", "a" * 30) == 2


def test_a_bomb_and_an_archive_are_set_aside_whole(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.indicators.stix.reading.MAX_UNPACKED", 30 * _MEGABYTE)
    bomb, archive = file.parent / "bomb.json.gz", file.parent / "archive.zip"
    bomb.write_bytes(gzip.compress(b"[" + b" " * (100 * _MEGABYTE) + b"]"))
    archive.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    for path in (bomb, archive):
        assert says(file, "import", str(path)) == 0
        assert "1 objects, 0 new, 1 set aside (1 packed)" in capsys.readouterr().out


def test_a_file_that_is_much_larger_than_memory_is_read_in_little(file: Path) -> None:
    """Two gigabytes that are one object, in a file of holes, with two good ones around it."""
    path = file.parent / "huge.json"
    first, last = (json.dumps(indicator(n, f"198.51.100.{n}")).encode() for n in (1, 2))
    with path.open("wb") as stream:
        stream.write(b'{"type":"bundle","objects":[' + first + b',{"type":"x","n":"')
        stream.seek(2 << 30)
        stream.write(b'"},' + last + b"]}")
    words = ["--config", str(file), "indicators", "import", str(path)]
    program = f"import sys; from {__name__} import limited; sys.exit(limited(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3], env={"PATH": ""},
    )  # fmt: skip
    path.unlink()
    assert done.returncode == 0, done.stderr
    assert "3 objects, 2 new, 1 set aside (1 too-large)" in done.stdout


def limited(words: list[str]) -> int:
    """The command line, in little memory and without the warning lists and networks."""
    from bot.indicators import warninglists
    from bot.platforms.registry import networks

    sys.path.insert(0, str(Path(__file__).parents[2] / "tiny" / "on-path"))
    networks.cache_clear()
    warninglists.version = lambda: None
    resource.setrlimit(resource.RLIMIT_AS, (_LEAST, _LEAST))
    return main(words)


def _with_pattern(pattern: str, number: int = 1) -> bytes:
    return json.dumps(indicator(number, "") | {"pattern": pattern}).encode()
