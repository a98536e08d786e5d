"""A copy of a store in one file: the database, what lies beside it, and what it is.

A zip with `manifest.json` first. The store is copied by SQLite's own backup, page by page beside a
running bot, what is in its log included; then the files of keys, which may be newer than the store
and do no harm so. A PostgreSQL database is in it as `pg_dump` writes it. Every part has its
SHA-256 in the manifest, so that a copy that was damaged is not put back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.errors import UserError
from bot.words import message

FORMAT = "liaison backup 1"
STORE = "store.db"
DUMP = "store.dump"
_MANIFEST = "manifest.json"
_PIECE = 1024 * 1024
_UNREADABLE = (EOFError, OSError, ValueError, RuntimeError, zlib.error, zipfile.LargeZipFile)
"""What `zipfile` raises of bytes that are not those that were written."""
_FOREIGN = message("this is no copy that “liaison db backup” wrote")
_DAMAGED = message("the copy is damaged: take another one")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy is of: when it was made, of which schema, and its parts with their SHA-256."""

    made: datetime
    schema: str
    parts: Mapping[str, str]


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an SQLite file, whoever else uses it, as of one moment. What is read page by page is
    begun again where somebody writes meanwhile: all of it in one step, which does not wait.
    """
    with suppress(FileNotFoundError):
        target.unlink()
    address = f"{source.resolve().as_uri()}?mode=rw"  # never made where it is not
    old, new = sqlite3.connect(address, uri=True), sqlite3.connect(target)
    try:
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")
    finally:
        old.close()
        new.close()


def write(target: Path, parts: Mapping[str, Path], schema: str, made: datetime) -> None:
    """Write a copy whole or not at all: under another name first. Raises UserError where there is
    something of that name already, OSError.
    """
    if target.exists():
        raise UserError("{file} is there already: name another", file=str(target))
    digests = {name: _digest_of(path) for name, path in parts.items()}
    manifest = {"format": FORMAT, "made": made.isoformat(), "schema": schema, "parts": digests}
    unfinished = target.with_name(f"{target.name}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
                for name, path in parts.items():
                    archive.write(path, name)
            file.flush()
            os.fsync(file.fileno())
        _name(unfinished, target)
    except FileExistsError as error:
        raise UserError("{file} is there already: name another", file=str(target)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _name(unfinished: Path, target: Path) -> None:
    """Give it its name, never over what somebody has put there meanwhile."""
    try:
        os.link(unfinished, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        unfinished.rename(target)


@contextmanager
def opened(file: Path) -> Iterator[tuple[Manifest, Path]]:
    """What a copy is, and a folder beside it with its parts; all of it read and found whole.

    Raises UserError where it is damaged, or none of ours.
    """
    with TemporaryDirectory(prefix=".liaison-restore-", dir=file.parent) as name:
        folder = Path(name)
        try:
            with zipfile.ZipFile(file) as archive:
                manifest = _read(archive)
                for part in manifest.parts:
                    _take_out(archive, part, folder / part)
        except FileNotFoundError as error:
            raise UserError("there is no file {file}", file=str(file)) from error
        except zipfile.BadZipFile as error:
            if _was_ours(file):
                raise UserError(_DAMAGED) from error
            raise UserError(_FOREIGN) from error
        except _UNREADABLE as error:
            raise UserError(_DAMAGED) from error
        for part, digest in manifest.parts.items():
            if _digest_of(folder / part) != digest:
                raise UserError(_DAMAGED)
        yield manifest, folder


def is_sound(file: Path) -> bool:
    """Whether an SQLite file holds together."""
    connection = sqlite3.connect(file)
    try:
        return bool(connection.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def _read(archive: zipfile.ZipFile) -> Manifest:
    try:
        told: dict[str, Any] = json.loads(archive.read(_MANIFEST))
        if told["format"] != FORMAT:
            raise UserError(
                "the copy is of another form ({form}): use the version that wrote it",
                form=str(told["format"])[:40],
            )
        parts = {str(name): str(digest) for name, digest in told["parts"].items()}
        found = Manifest(datetime.fromisoformat(told["made"]), str(told["schema"]), parts)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UserError(_FOREIGN) from error
    if found.made.tzinfo is None or any(not _is_plain(name) for name in parts):
        raise UserError(_FOREIGN)
    return found


def _is_plain(name: str) -> bool:
    """Whether a part lies in the folder itself, and nowhere else."""
    return name == Path(name).name and name not in {"", ".", ".."} and "\\" not in name


def _take_out(archive: zipfile.ZipFile, part: str, target: Path) -> None:
    try:
        source = archive.open(part)
    except KeyError as error:
        raise UserError(_DAMAGED) from error
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source, os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(source, file, _PIECE)


def _was_ours(file: Path) -> bool:
    """Whether the beginning of a file that is no zip any more is that of a copy."""
    try:
        with file.open("rb") as opened_file:
            return _MANIFEST.encode() in opened_file.read(512)
    except OSError:
        return False


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
