"""`liaison db backup` and `db restore`: a copy beside a running bot, and putting one back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL
from sqlalchemy.orm import Session

from bot.custody import recovering
from bot.delivery.lanes import utc_now
from bot.errors import StoreError, UserError
from bot.store import archive, schema
from bot.store.archive import DUMP, STORE, Manifest
from bot.store.database import Database, locate, open_database
from bot.store.failures import named_errors
from bot.store.lock import only_run
from bot.wiring.connecting import folder_of
from config.settings import Settings

_BESIDE = ("", "-wal", "-shm")
"""What SQLite keeps of a database, by what follows its name."""
KEYS = "*.keys"
"""The files of devices' keys, in the store's folder."""


def backup(settings: Settings, file: Path) -> int:
    """Copy the store and its keys into one file; 0 when that is whole, and on the disk."""
    made = utc_now()
    with _opened(settings) as database, TemporaryDirectory(dir=_folder(file)) as name:
        revision = schema.revision(database.engine)
        if revision is None:
            raise UserError("there is no store yet: nothing to copy")
        folder, parts = Path(name), dict[str, Path]()
        try:
            _copy_store(database, folder, parts)
            for keys in sorted(folder_of(settings, database).glob(KEYS)):
                archive.copy_sqlite(keys, folder / keys.name)
                parts[keys.name] = folder / keys.name
            archive.write(file, parts, revision, made)
        except OSError as error:
            raise UserError("the copy cannot be written: {why}", why=str(error)) from error
    size = file.stat().st_size
    print(f"{file}: the store of {made:%Y-%m-%d %H:%M:%S} UTC, {len(parts)} parts, {size} bytes")
    print("keep it secret: it holds texts, tokens and keys")
    return 0


def restore(settings: Settings, file: Path) -> int:
    """Put a copy back in place of the store, which is kept beside it; `run` recovers then."""
    if not file.exists():
        raise UserError("there is no file {file}", file=str(file))
    address = locate(settings.store.url.get_secret_value(), settings.path.parent)
    with archive.opened(file) as (manifest, folder):
        _check(manifest, folder, address)
        now = utc_now()
        if address.get_backend_name() == "sqlite":
            aside = _put_back(address, manifest, folder, now)
        else:
            aside = _load_dump(settings, manifest, folder)
        with _opened(settings) as database, only_run(database):
            schema.upgrade(database.engine)
            row = database.run_now(lambda s: _begun(s, manifest.made, now))
    print(f"restored: the store of {manifest.made:%Y-%m-%d %H:%M:%S} UTC")
    for line in (*aside, *row):
        print(line)
    print("`liaison run` reads the rooms now and posts nothing; `liaison resume all` ends that")
    return 0


def _begun(session: Session, made: datetime, now: datetime) -> Sequence[str]:
    row = recovering.begin(session, made, now)
    lines = []
    if row.commands:
        lines.append(f"commands that waited to be run, and are not: {row.commands}")
    if row.dropped:
        lines.append(f"private answers that waited, and are dropped: {row.dropped}")
    return lines


def _check(manifest: Manifest, folder: Path, address: URL) -> None:
    """Whether the copy can be put back there; raises UserError or StoreNewer."""
    schema.check_known(manifest.schema)
    wanted = STORE if address.get_backend_name() == "sqlite" else DUMP
    if wanted not in manifest.parts:
        raise UserError("the copy is of another kind of database than store.url names")
    if wanted == STORE and not archive.is_sound(folder / STORE):
        raise UserError("the store in the copy is damaged: take another one")


def _put_back(address: URL, manifest: Manifest, folder: Path, now: datetime) -> list[str]:
    """Move what is there aside, and the copy in its place, while no `run` uses it."""
    target = Path(str(address.database))
    target.parent.mkdir(parents=True, exist_ok=True)
    suffix, told = f".before-restore-{now:%Y%m%dT%H%M%S}", list[str]()
    with _held(target):
        moved = [target.with_name(target.name + each) for each in _BESIDE]
        keys = [target.with_name(name) for name in manifest.parts if name != STORE]
        for old in (*moved, *keys):
            if old.exists():
                old.rename(old.with_name(old.name + suffix))
        for name in manifest.parts:
            place = target if name == STORE else target.with_name(name)
            shutil.move(folder / name, place)
            place.chmod(0o600)
        _flush(target.parent)
    told.append(f"what was there is kept as {target.name}{suffix}")
    return told


@contextmanager
def _held(target: Path) -> Iterator[None]:
    """The lock of the store, without opening it."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  as in `bot.store.lock`

    lock = FileLock(f"{target}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreError("the store is in use by a `liaison run`: end that one first") from error
    try:
        yield
    finally:
        lock.release()


def _copy_store(database: Database, folder: Path, parts: dict[str, Path]) -> None:
    url = database.engine.url
    if url.get_backend_name() == "sqlite":
        parts[STORE] = folder / STORE
        try:
            archive.copy_sqlite(Path(str(url.database)), parts[STORE])
        except sqlite3.Error as error:
            with named_errors():
                raise error from None
        return
    parts[DUMP] = folder / DUMP
    _run("pg_dump", url, "--format=custom", f"--file={parts[DUMP]}")


def _load_dump(settings: Settings, manifest: Manifest, folder: Path) -> list[str]:
    with _opened(settings) as database, only_run(database):
        if schema.revision(database.engine) not in {None, manifest.schema}:
            raise UserError(
                "the database there is of another version than the copy, whose tables would stay: "
                "make an empty one (createdb), name it as store.url, and restore into that"
            )
        _run(
            "pg_restore", database.engine.url, "--clean", "--if-exists", "--no-owner",
            "--single-transaction", str(folder / DUMP),
        )  # fmt: skip
    return []


def _run(program: str, url: URL, *arguments: str) -> None:
    """One of PostgreSQL's own programs, the password in its environment; raises UserError."""
    found = shutil.which(program)
    if found is None:
        raise UserError("{program} is not here: install PostgreSQL's client", program=program)
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(  # noqa: S603  a fixed program
        [found, f"--dbname={_without_password(url)}", *arguments],
        env=environment,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip()[-400:]
        if "version mismatch" in why or "unsupported version" in why:
            why += "\ntake the client of the server's version or a newer one, first on PATH"
        raise UserError("{program} failed: {why}", program=program, why=why)


def _without_password(url: URL) -> str:
    """Where a database lies, for a command line that others on this machine can read."""
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return bare.render_as_string()


def _folder(file: Path) -> Path:
    if not file.parent.is_dir():
        raise UserError("there is no folder {folder}", folder=str(file.parent))
    return file.parent


def _flush(folder: Path) -> None:
    """The names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = open_database(settings.store.url.get_secret_value(), settings.path.parent)
    try:
        yield database
    finally:
        database.close()
