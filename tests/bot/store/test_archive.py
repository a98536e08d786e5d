"""A copy of a store in one file: whole, of one moment, and known when it is not."""

from __future__ import annotations

import sqlite3
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.store import archive
from bot.store.archive import STORE

_MADE = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A copy of a small store with a file of keys."""
    parts = dict[str, Path]()
    for name in (STORE, "matrix.coalition.keys"):
        parts[name] = tmp_path / name
        connection = sqlite3.connect(parts[name])
        connection.executescript("CREATE TABLE t (v); INSERT INTO t VALUES ('kept');")
        connection.close()
    archive.write(tmp_path / "copy", parts, "0018", _MADE)
    return tmp_path / "copy"


def test_a_copy_gives_back_what_was_put_into_it_and_is_for_its_owner_alone(kept: Path) -> None:
    assert kept.stat().st_mode & 0o077 == 0
    with archive.opened(kept) as (manifest, folder):
        assert (manifest.made, manifest.schema) == (_MADE, "0018")
        assert {path.name for path in folder.iterdir()} == {STORE, "matrix.coalition.keys"}
        assert archive.is_sound(folder / STORE)
    assert not list(kept.parent.glob(".liaison-restore-*"))


def test_nothing_is_ever_written_over_by_a_copy(kept: Path) -> None:
    before = kept.read_bytes()
    with pytest.raises(UserError, match="there already"):
        archive.write(kept, {}, "0018", _MADE)
    assert kept.read_bytes() == before


def test_a_copy_with_a_flipped_byte_is_refused_or_gives_back_what_was_put_into_it(
    kept: Path,
) -> None:
    whole = bytearray(kept.read_bytes())
    with archive.opened(kept) as (_, folder):
        stored = (folder / STORE).read_bytes()
    refused = 0
    with zipfile.ZipFile(kept) as opened:
        places = [(each.header_offset, each.compress_size) for each in opened.infolist()]
    for offset, size in places:
        for place in range(offset + 30, offset + 30 + size, max(size // 25, 1)):
            damaged = bytearray(whole)
            damaged[place] ^= 0x55
            kept.write_bytes(damaged)
            try:
                with archive.opened(kept) as (manifest, folder):
                    assert manifest.made == _MADE
                    assert (folder / STORE).read_bytes() == stored
            except UserError:
                refused += 1
    assert refused > 50


@pytest.mark.parametrize("cut", [0, 10, 400])
def test_a_copy_that_was_cut_is_refused_with_a_word_that_says_so(kept: Path, cut: int) -> None:
    kept.write_bytes(kept.read_bytes()[: -cut or None] if cut < 400 else kept.read_bytes()[:cut])
    if not cut:
        kept.write_bytes(b"")
    with pytest.raises(UserError, match=r"damaged|no copy"), archive.opened(kept):
        pass


@pytest.mark.parametrize(
    "made",
    [
        b"not a zip at all",
        {"x.txt": b"x"},
        {"manifest.json": b"{}"},
        {"manifest.json": b"[1]"},
        {"manifest.json": b'{"format": "liaison backup 9"}'},
        {
            "manifest.json": b'{"format": "liaison backup 1", "made": "2026-01-01T00:00:00+00:00",'
            b' "schema": "0001", "parts": {"../escaped": ""}}',
            "../escaped": b"x",
        },
    ],
    ids=["text", "zip", "empty", "list", "later", "path"],
)
def test_what_is_no_copy_is_refused_and_writes_nothing(
    tmp_path: Path, made: bytes | dict[str, bytes]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    file = folder / "copy"
    if isinstance(made, bytes):
        file.write_bytes(made)
    else:
        with zipfile.ZipFile(file, "w") as opened:
            for name, content in made.items():
                opened.writestr(name, content)
    with pytest.raises(UserError), archive.opened(file):
        pass
    assert list(folder.iterdir()) == [file]
    assert not (tmp_path / "escaped").exists()


def test_a_store_is_copied_as_of_one_moment_while_somebody_writes(tmp_path: Path) -> None:
    source = tmp_path / "liaison.db"
    writer = sqlite3.connect(source, check_same_thread=False)
    writer.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (a, b);")
    stop, began = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with writer:
                writer.execute("INSERT INTO t VALUES (?, ?)", (number, "x" * 500))
                writer.execute("INSERT INTO t VALUES (?, ?)", (-number, "x" * 500))
            began.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert began.wait(20)
        for turn in range(10):
            archive.copy_sqlite(source, tmp_path / f"copy{turn}")
    finally:
        stop.set()
        thread.join()
    for turn in range(10):
        copy = sqlite3.connect(tmp_path / f"copy{turn}")
        count, total = copy.execute("SELECT count(*), sum(a) FROM t").fetchone()
        copy.close()
        assert count
        assert total == 0, "half of a transaction"
    writer.close()
