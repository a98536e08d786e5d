"""The process that reads for a large import: it saves time, and nothing is lost with it."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.indicators import ahead, importing, reader
from bot.indicators.counts import Counts
from bot.indicators.importing import import_now
from bot.indicators.raw import Asking
from bot.indicators.reader import Reader
from bot.indicators.reading import read_file
from bot.store.database import Database, open_database
from tests.benchmarks.bundles import write_bundle
from tests.indicators import NOW, feed
from tests.stores import opened, sqlite_url

_TABLES = ("object", "raw", "identity", "statement", "network", "tag", "link", "sighting",
           "quarantine", "tally", "marking")  # fmt: skip
_OF_ITS_OWN = "marking-definition--11111111-0000-4000-8000-000000000000"
_RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
_DEEP = b'{"type":"indicator","id":"x","a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"


def _object(number: int, **more: object) -> dict[str, object]:
    ref = f"indicator--00000000-0000-4000-8000-{number:012d}"
    pattern = f"[ipv4-addr:value = '198.51.{number // 200}.{number % 200}']"
    return {"type": "indicator", "spec_version": "2.1", "id": ref, "pattern": pattern,
            "pattern_type": "stix", "modified": "2026-02-01T00:00:00.000Z",
            "labels": ["x", f"y{number % 7}"]} | more  # fmt: skip


def _bundle() -> bytes:
    """Among each hundred one that is hostile, and one that bears its source's own marking."""
    objects = [json.dumps(_object(number)).encode() for number in range(600)]
    hostile: list[object] = [
        _object(1001, pattern="[" * 50_000),
        _object(1002, pattern="[ipv4-addr:value = '198.51.100.1' " + "OR a:b = 1 " * 9_000 + "]"),
        _object(1003, revoked="no"),
        _object(1004, labels=["l" * 9_000] * 300, name="n\0" * 5_000),
        _object(1005, object_marking_refs=[_RED]),
    ]  # fmt: skip
    bad = [*(json.dumps(each).encode() for each in hostile), _DEEP]
    for number, each in enumerate(bad):
        own = json.dumps(_object(2000 + number, object_marking_refs=[_OF_ITS_OWN])).encode()
        objects[100 * number + 50 : 100 * number + 50] = [each, own]
    definition = {"type": "marking-definition", "id": _OF_ITS_OWN,
                  "definition_type": "statement", "definition": {"statement": "(c)"}}  # fmt: skip
    return b'{"type":"bundle","objects":[%b]}' % b",\n".join(
        [*objects, json.dumps(definition).encode()]
    )


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred objects at once, and a process for all but the first of them."""
    monkeypatch.setattr(importing, "READ", 100)
    monkeypatch.setattr(ahead, "ALONE", 1)
    monkeypatch.setattr(reader, "_has_two_cores", lambda: True)


def _held(database: Database) -> list[Any]:
    def work(session: Any) -> list[Any]:
        asking = Asking(session)
        return [
            sorted(asking.rows(f"SELECT * FROM indicator_{each}"), key=repr) for each in _TABLES
        ]

    return database.read_now(work)


def _imported(folder: Path, content: bytes) -> tuple[Counts, list[Any]]:
    folder.mkdir()
    with opened(sqlite_url(folder)) as database:
        counts = import_now(database, feed(), read_file(io.BytesIO(content), {}), lambda: NOW)
        return counts, _held(database)


def _without(monkeypatch: pytest.MonkeyPatch, folder: Path) -> tuple[Counts, list[Any]]:
    with monkeypatch.context() as patched:
        patched.setattr(ahead, "ALONE", 1_000)
        return _imported(folder, _bundle())


@pytest.mark.usefixtures("small_batches")
def test_what_it_reads_is_stored_as_if_there_were_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    real = Reader.read

    def counted(self: Reader, raws: Any) -> Any:
        found = real(self, raws)
        made.append(sum(each is not None for each in found))
        return found

    monkeypatch.setattr(Reader, "read", counted)
    counts, held = _imported(tmp_path / "with", _bundle())
    assert sum(made) > 400, "it did most of the work"
    assert (counts, held) == _without(monkeypatch, tmp_path / "without")
    assert (counts.new, counts.quarantined.total()) == (610, 3)


_PROGRAMS = {
    "ends at once": "",
    "never answers": "while os.read(0, 1 << 16): pass",
    "answers with no MessagePack": "w((9).to_bytes(8, 'big') + b'\\xc1' * 9)",
    "answers too few": "w((1).to_bytes(8, 'big') + b'\\x90')",
    "answers half": "w((1000).to_bytes(8, 'big') + b'\\x90')",
    "says that gigabytes come": "w(b'\\x7f' + b'\\xff' * 7)",
    "takes all of its memory": "import resource as r; r.setrlimit(r.RLIMIT_AS, (1 << 28,) * 2); "
    "b'x' * (1 << 30)",
}


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("program", _PROGRAMS.values(), ids=_PROGRAMS)
def test_one_that_fails_costs_nothing_but_time(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "program.py"
    file.write_text(f"import os\nw = lambda content: os.write(1, content)\n{program}\n")
    monkeypatch.setattr(reader, "_PROGRAM", file)
    monkeypatch.setattr(reader, "LONGEST", 0.5)
    assert _imported(tmp_path / "with", _bundle()) == _without(monkeypatch, tmp_path / "without")


@pytest.mark.usefixtures("small_batches")
def test_one_that_is_killed_in_the_middle_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    real = Reader.read

    def read(self: Reader, raws: Any) -> Any:
        found = real(self, raws)
        if not killed:
            killed.extend(each.pid for each in psutil.Process().children())
            psutil.Process(killed[-1]).kill()
        return found

    monkeypatch.setattr(Reader, "read", read)
    found = _imported(tmp_path / "with", _bundle())
    assert killed
    assert found == _without(monkeypatch, tmp_path / "without")


def test_a_small_import_begins_none(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_reader: Reader, _raws: Any) -> Any:
        raise AssertionError("it was asked")

    monkeypatch.setattr(Reader, "read", never)
    counts = import_now(sqlite, feed(), read_file(io.BytesIO(_bundle()), {}), lambda: NOW)
    assert counts.new == 610


HeldUp = tuple[subprocess.Popen[str], int, str, Path]
_IMPORTING = """
import os, sys
import psutil
from bot.indicators.importing import import_now
from bot.indicators.reading import read_file
from bot.store.database import open_database
from tests.indicators import NOW, feed

def progress(counts):
    children = psutil.Process().children()
    if children and counts.new:
        print(children[0].pid, flush=True)
        sys.stdin.readline()

database = open_database(sys.argv[1])
with open(sys.argv[2], "rb") as stream:
    import_now(database, feed(), read_file(stream, {}), lambda: NOW, progress)
"""


@pytest.fixture
def held_up(tmp_path: Path) -> Iterator[HeldUp]:
    """An import in a process of its own, held up where it has a reader; the number of that; from
    where it reads, and into what.
    """
    url, bundle = sqlite_url(tmp_path), tmp_path / "bundle.json"
    write_bundle(bundle, count=12_000)
    with opened(url):
        pass
    words = [sys.executable, "-c", _IMPORTING, url, str(bundle)]
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline()), url, bundle
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_import_and_that_is_gone_on_with(
    how: signal.Signals, held_up: HeldUp
) -> None:
    process, reading, url, bundle = held_up
    child = psutil.Process(reading)
    process.send_signal(how)
    process.wait(20)
    child.wait(20)
    database = open_database(url)
    with bundle.open("rb") as stream:
        counts = import_now(database, feed(), read_file(stream, {}), lambda: NOW)
    stored = database.read_now(lambda s: Asking(s).rows("SELECT count(*) FROM indicator_object"))
    database.close()
    assert counts.unchanged > 0
    assert counts.new + counts.unchanged == counts.total == stored[0][0]
