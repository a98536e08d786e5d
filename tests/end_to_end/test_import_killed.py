"""SIGKILL at random moments of an import: begun again, it leaves what one in peace leaves."""

from __future__ import annotations

import asyncio
import re
import signal
from asyncio.subprocess import Process
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from bot.indicators.raw import Asking
from bot.indicators.reading import read_file
from bot.indicators.things import Thing
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from tests.benchmarks.bundles import write_bundle
from tests.end_to_end.bot_process import begun, command
from tests.end_to_end.coalition import until
from tests.stores import sqlite_url

_OBJECTS = 9000
_KILLS = 4
_LONGEST = 0.4
"""Seconds that a killed import goes on at most once it has stored so much."""
_BAD = (
    b'{"type":"indicator","id":"indicator--1"}',
    b'{"type":"indicator","id":"indicator--00000000-0000-4000-8000-000000000000","revoked":"no"}',
    (
        b'{"type":"tool","id":"tool--00000000-0000-4000-8000-000000000001",'
        b'"object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]}'
    ),
)
"""No id; a field that is none; TLP:RED."""
_HELD = {
    "objects": "SELECT ref, version, kind, revoked, named, labels, valid_from FROM "
    "indicator_object",
    "bytes": "SELECT o.ref, r.raw FROM indicator_object o JOIN indicator_raw r ON r.object = o.id",
    "ids": "SELECT i.key, i.digest, o.ref FROM indicator_identity i "
    "JOIN indicator_object o ON o.id = i.object",
    "values": "SELECT s.key, s.part, o.ref FROM indicator_statement s "
    "JOIN indicator_object o ON o.id = s.object",
    "links": "SELECT l.kind, l.start, l.target, o.ref FROM indicator_link l "
    "JOIN indicator_object o ON o.id = l.object",
    "tally": "SELECT sum(objects), sum(indicators) FROM indicator_tally",
    "aside": "SELECT digest, reason FROM indicator_quarantine",
    "raw rows": "SELECT count(*) FROM indicator_raw",
    "statement rows": "SELECT count(*) FROM indicator_statement",
    "identity rows": "SELECT count(*) FROM indicator_identity",
    "source": "SELECT kind, name, holder, red FROM indicator_source",
}
"""What is stored, without the numbers that a store gives by itself."""


@pytest.mark.timeout(300)
def test_killed_at_random_moments_every_object_is_there_once(
    tmp_path: Path, store_url: str, seed: int
) -> None:
    bundle = tmp_path / "bundle.json"
    count = _written(bundle)
    ours = _configured(tmp_path / "killed", store_url)
    theirs = _configured(tmp_path / "in-peace", sqlite_url(_folder(tmp_path / "store")))
    words = ("indicators", "import", str(bundle), "--feed", "acme")

    async def play() -> str:
        database = open_database(store_url)
        upgrade(database.engine)
        try:
            random = Random(seed)
            for kill in range(_KILLS):
                stored = random.randrange(_OBJECTS * (kill + 1) // _KILLS)
                process = await begun(ours, *words)
                await until(lambda p=process, n=stored: _has(database, n) or _ended(p))
                with suppress(TimeoutError):
                    async with asyncio.timeout(random.random() * _LONGEST):
                        await process.wait()
                await _killed(process)
        finally:
            database.close()
        last = await command(ours, *words, within=120)
        assert last.status == 0, last.err
        in_peace = await command(theirs, *words, within=120)
        assert in_peace.status == 0, in_peace.err
        return last.out

    said = asyncio.run(play())
    assert f": {count} objects, " in said
    new, unchanged = (int(re.findall(rf"(\d+) {each}", said + ", 0 unchanged")[0])
                      for each in ("new", "unchanged"))  # fmt: skip
    assert new + unchanged + len(_BAD) == count
    killed, whole = _held(store_url), _held(sqlite_url(tmp_path / "store"))
    for what, rows in whole.items():
        assert killed[what] == rows, what
    assert killed["bytes"] == _bytes(bundle)


def _written(file: Path) -> int:
    """Good objects with a few bad ones among them; how many they are."""
    count = write_bundle(file, count=_OBJECTS)
    lines = file.read_bytes().split(b"\n")
    for number, bad in enumerate(_BAD):
        lines.insert(2 + number * 3000, bad + b",")
    file.write_bytes(b"\n".join(lines))
    return count + len(_BAD)


def _configured(folder: Path, url: str) -> Path:
    file = _folder(folder) / "liaison.toml"
    file.write_text(
        f'[store]\nurl = "{url}"\n'
        '[slack.alpha]\nbot_token = "xoxb-1"\napp_token = "xapp-1"\n'
        '[feeds.acme]\ntype = "stix"\npath = "x.json"\nmarking = "TLP:AMBER"\n'
    )
    return file


def _folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _has(database: Database, stored: int) -> bool:
    """Whether so many objects have been stored by now."""
    last = "SELECT last FROM indicator_tide WHERE id = 1"
    return bool(database.read_now(lambda s: Asking(s).rows(last))[0][0] > stored)


def _ended(process: Process) -> bool:
    return process.returncode is not None


async def _killed(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGKILL)
    await process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _held(url: str) -> dict[str, Counter[tuple[object, ...]]]:
    database = open_database(url)
    try:
        return database.read_now(
            lambda s: {
                what: Counter(tuple(map(_plain, row)) for row in Asking(s).rows(question))
                for what, question in _HELD.items()
            }
        )
    finally:
        database.close()


def _plain(value: object) -> object:
    """The same from each of the databases."""
    if isinstance(value, memoryview):
        return bytes(value)
    return int(value) if isinstance(value, bool) or hasattr(value, "as_tuple") else value  # type: ignore[call-overload]


def _bytes(bundle: Path) -> Counter[tuple[object, ...]]:
    with bundle.open("rb") as stream:
        items = [each.read() if hasattr(each, "read") else each for each in read_file(stream)]
    return Counter((each.id, each.raw) for each in items if isinstance(each, Thing))
