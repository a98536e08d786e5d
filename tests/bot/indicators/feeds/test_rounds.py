"""Whole rounds, from a server to the store: what is wrong with a source leaves what it gave."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import StoreError
from bot.feeds.fetching import Way
from bot.feeds.keeping import due, standings
from bot.indicators.feeds import rounds
from bot.indicators.feeds.rounds import Round, Rounds
from bot.indicators.feeds.source import Form, Source
from bot.indicators.importing import Importing
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables.indicators import Object
from tests.bot.feeds.far_side import FarSide, far_side
from tests.bot.indicators.feeds.medallion import indicator
from tests.bot.indicators.feeds.test_misp import attribute, event
from tests.bot.indicators.feeds.test_misp import uuid as misp_uuid
from tests.clock import Clock

WAY = Way(most=10_000_000, total=5.0, idle=2.0)


def lines(count: int, first: int = 0) -> str:
    return "".join(f"198.{18 + n // 65_536}.{n // 256 % 256}.{n % 256}\n"
                   for n in range(first, first + count))  # fmt: skip


class Reader:
    """Reads one source again and again."""

    def __init__(self, database: Database, clock: Clock, form: Form, url: str) -> None:
        self.source = Source("acme", form, url=url, every=timedelta(minutes=15))
        self.rounds = Rounds(database, WAY, clock, lambda: 0.0)

    async def __call__(self, *, accept: bool = False) -> Round:
        return await self.rounds.make(self.source, accept=accept)


def objects(database: Database) -> int:
    count: Callable[[Session], int] = lambda s: s.execute(  # noqa: E731  one statement
        select(func.count()).select_from(Object)
    ).scalar_one()
    return database.read_now(count)


def test_an_unchanged_second_poll_changes_nothing(database: Database, clock: Clock) -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", lines(300))
            read = Reader(database, clock, "text", f"{side.url}/x")
            first = await read()
            assert (first.after.problem, first.counts.new, first.after.count) == ("", 300, 300)
            clock.advance(900)
            again = await read()
            assert (again.counts.unchanged, again.counts.total) == (300, 300)
            assert objects(database) == 300

    asyncio.run(play())


def test_what_its_server_calls_unchanged_has_not_shrunk(sqlite: Database, clock: Clock) -> None:
    """Nothing came, and that was taken for nothing being left."""

    async def play() -> None:
        async with far_side() as side:
            side.keeps("/x", lines(300))
            read = Reader(sqlite, clock, "text", f"{side.url}/x")
            await read()
            again = await read()
            assert (again.after.problem, again.after.count, again.counts.total) == ("", 300, 0)

    asyncio.run(play())


def test_a_feed_that_is_marked_otherwise_is_read_from_its_beginning(
    sqlite: Database, clock: Clock
) -> None:
    async def play() -> None:
        async with far_side() as side:
            answer = side.keeps("/x", lines(300))
            read = Reader(sqlite, clock, "text", f"{side.url}/x")
            read.source = replace(read.source, marking=Marking(Label.GREEN))
            await read()
            read.source = replace(read.source, marking=Marking(Label.AMBER))
            side.says("/x", "", status=500)
            assert (await read()).after.problem == "failing"
            side.answers["/x"] = answer
            raised = await read()
            assert (raised.counts.updated, raised.after.count) == (300, 300)
            assert (await read()).counts.total == 0

    asyncio.run(play())


@pytest.mark.parametrize("defaults", [{"confidence": 60}, {"ttl": timedelta(days=2)}])
def test_other_defaults_of_a_feed_hold_for_what_it_gave_before(
    sqlite: Database, clock: Clock, defaults: dict[str, Any]
) -> None:
    async def play() -> None:
        async with far_side() as side:
            side.keeps("/x", json.dumps({"objects": [*map(indicator, range(30))]}))
            read = Reader(sqlite, clock, "stix", f"{side.url}/x")
            assert (await read()).counts.new == 30
            read.source = replace(read.source, **defaults)
            assert (await read()).counts.updated == 30
            assert (await read()).counts.total == 0

    asyncio.run(play())


def test_what_was_broken_off_under_other_defaults_begins_again(
    sqlite: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed had not changed, and the rest stayed as it was marked before."""

    async def dies(*_given: object) -> None:
        raise StoreError("gone")

    async def play() -> None:
        async with far_side() as side:
            side.keeps("/x", lines(30))
            read = Reader(sqlite, clock, "text", f"{side.url}/x")
            await read()
            read.source = replace(read.source, marking=Marking(Label.GREEN))
            with monkeypatch.context() as dying, pytest.raises(StoreError):
                dying.setattr(rounds, "import_beside", dies)
                await read()
            sqlite.run_now(Importing(rounds.stored(read.source), [], clock).begin)
            assert (await read()).counts.updated == 30

    asyncio.run(play())


FAULTS: list[tuple[str, Callable[[FarSide], None]]] = [
    ("failing", lambda side: side.says("/x", "", status=500)),
    ("missing", lambda side: side.answers.clear()),
    ("web page", lambda side: side.says("/x", "<html>login</html>", "text/html")),
    ("web page", lambda side: side.says("/x", "\n <!DOCTYPE html><p>198.51.100.7", "text/plain")),
    ("unreadable", lambda side: side.says("/x", "nothing\nat\nall\n")),
    ("shrunk", lambda side: side.says("/x", "")),
    ("shrunk", lambda side: side.says("/x", lines(3))),
    ("doubled", lambda side: side.says("/x", lines(700))),
]


@pytest.mark.parametrize(("problem", "fault"), FAULTS)
def test_what_goes_wrong_leaves_the_last_good_state(
    sqlite: Database, clock: Clock, problem: str, fault: Callable[[FarSide], None]
) -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", lines(300))
            read = Reader(sqlite, clock, "text", f"{side.url}/x")
            good = (await read()).after
            clock.advance(900)
            fault(side)
            bad = (await read()).after
            assert (bad.problem, bad.good, bad.count) == (problem, good.good, 300)
            assert objects(sqlite) == 300
            assert bad.due > bad.tried
            side.says("/x", lines(310))
            over = (await read()).after
            assert (over.problem, over.failures, over.count) == ("", 0, 310)

    asyncio.run(play())


def test_somebody_who_has_looked_takes_it_as_it_is(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with far_side() as side:
            read = Reader(sqlite, clock, "text", f"{side.url}/x")
            side.says("/x", lines(300))
            await read()
            side.says("/x", lines(700))
            assert (await read()).after.problem == "doubled"
            assert (await read(accept=True)).after.problem == ""
            assert objects(sqlite) == 700

    asyncio.run(play())


def test_a_misp_feed_brings_what_has_changed(sqlite: Database, clock: Clock) -> None:
    one, two = misp_uuid(91), misp_uuid(92)

    def listed(**stamps: str) -> str:
        return json.dumps({name: {"timestamp": stamp} for name, stamp in stamps.items()})

    async def play() -> None:
        async with far_side() as side:
            read = Reader(sqlite, clock, "misp", f"{side.url}/feed/")
            side.says("/feed/manifest.json", listed(**{one: "1", two: "2"}))
            for name, number in ((one, 1), (two, 2)):
                content = event(attribute(number, "ip-dst", f"198.51.100.{number}"))
                own = content.replace(b"5fd1c0ac-1111-4abc-8def-000000000001", name.encode())
                side.says(f"/feed/{name}.json", own)
            assert (await read()).counts.new == 4
            asked = len(side.asked)
            again = await read()
            assert (again.counts.total, again.after.problem) == (0, "")
            assert [each.path for each in side.asked[asked:]] == ["/feed/manifest.json"]
            side.says("/feed/manifest.json", listed(**{one: "1", two: "3"}))
            assert (await read()).counts.total == 2
            side.says("/feed/manifest.json", "{}")
            assert (await read()).after.problem == "shrunk"

    asyncio.run(play())


def test_one_event_that_cannot_be_read_keeps_no_other_out(sqlite: Database, clock: Clock) -> None:
    """All of the feed failed, at every poll, for as long as it was there."""
    good, cut, red = misp_uuid(91), misp_uuid(92), misp_uuid(93)

    def of(name: str, number: int, *tags: str) -> bytes:
        content = event(attribute(number, "ip-dst", f"198.51.100.{number}"), tags=tags)
        return content.replace(b"5fd1c0ac-1111-4abc-8def-000000000001", name.encode())

    async def play() -> None:
        async with far_side() as side:
            read = Reader(sqlite, clock, "misp", f"{side.url}/feed/")
            listed = {cut: {"timestamp": "1"}}
            side.says("/feed/manifest.json", json.dumps(listed))
            side.says(f"/feed/{cut}.json", of(cut, 2)[:-5])
            assert (await read()).after.problem == "unreadable", (
                "nothing of it is what it should be"
            )
            side.says("/feed/manifest.json", json.dumps(listed | {good: {"timestamp": "2"}}))
            side.says(f"/feed/{good}.json", of(good, 1))
            taken = await read()
            assert (taken.after.problem, taken.counts.new) == ("", 2)
            assert taken.counts.quarantined == {"unreadable": 1}
            again = await read()
            assert (again.after.problem, again.counts.total) == ("", 0), "it is not told anew"
            listed |= {good: {"timestamp": "2"}, red: {"timestamp": "3"}}
            side.says("/feed/manifest.json", json.dumps(listed))
            side.says(f"/feed/{red}.json", of(red, 3, "tlp:red"))
            assert (await read()).counts.quarantined == {"red": 2}
            side.says(f"/feed/{cut}.json", of(cut, 2))
            assert (await read()).counts.new == 2, "it was fetched again, and is whole now"
            asked = len(side.asked)
            await read()
            assert [each.path for each in side.asked[asked:]] == ["/feed/manifest.json"]

    asyncio.run(play())


def test_a_folder_of_misp_may_hold_its_indexes(
    sqlite: Database, clock: Clock, tmp_path: Path
) -> None:
    folder = tmp_path / "misp"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    (folder / "hashes.csv").write_text("d41d8cd98f00b204e9800998ecf8427e,x\n")
    (folder / f"{misp_uuid(9)}.json").write_bytes(event(attribute(1, "ip-dst", "198.51.100.1")))
    rounds = Rounds(sqlite, WAY, clock, lambda: 0.0)
    made = asyncio.run(rounds.make(Source("acme", "misp", path=folder)))
    assert (made.after.problem, made.counts.new, made.counts.quarantined) == ("", 2, {})


def test_a_folder_is_read_when_something_in_it_has_changed(
    sqlite: Database, clock: Clock, tmp_path: Path
) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    rounds = Rounds(sqlite, WAY, clock, lambda: 0.0)
    source = Source("acme", "text", path=folder)

    async def read() -> Round:
        return await rounds.make(source)

    async def play() -> None:
        assert (await read()).after.problem == "missing"
        (folder / "a.txt").write_text("198.51.100.1\n")
        (folder / ".hidden").write_text("198.51.100.3\n")
        assert (await read()).counts.new == 1
        for _ in range(2):
            again = await read()
            assert (again.counts.total, again.after.problem) == (0, "")
            os.utime(folder / "a.txt", (1, 1))
        (folder / "b.txt").write_text("198.51.100.2\n")
        assert (await read()).counts.new == 1

    asyncio.run(play())


def test_the_longest_waiting_is_due_first(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", lines(3))
            await Reader(sqlite, clock, "text", f"{side.url}/x")()
            stand = sqlite.read_now(lambda s: standings(s, ["acme", "never"]))
            assert due(stand, clock()) == ["never"]
            clock.advance(900)
            assert due(stand, clock()) == ["never", "acme"]

    asyncio.run(play())


def test_nothing_that_was_read_is_in_the_log(
    sqlite: Database, clock: Clock, records: list[dict[str, object]]
) -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", "canary.example.com\n198.51.100.7\n")
            read = Reader(sqlite, clock, "text", f"{side.url}/x?key=s3cret")
            read.source = replace(read.source, url=f"{side.url}/x?key=s3cret")
            await read()
            side.answers.clear()
            await read()

    asyncio.run(play())
    assert not any(word in str(records) for word in ("canary", "198.51", "s3cret"))
    assert [each.get("problem") for each in records if each["event"] == "feed.read"] == [
        None, "missing",
    ]  # fmt: skip


def test_a_bundle_that_comes_again_costs_a_hash_and_is_counted_whole(
    sqlite: Database, clock: Clock
) -> None:
    def bundle(count: int, *more: object) -> str:
        return json.dumps({"objects": [*map(indicator, range(count)), *more]})

    async def play() -> None:
        async with far_side() as side:
            read = Reader(sqlite, clock, "stix", f"{side.url}/x")
            side.says("/x", bundle(40))
            assert (await read()).counts.new == 40
            again = await read()
            assert (again.counts.unchanged, again.after.count) == (40, 40)
            side.says("/x", bundle(60, {"type": "indicator"}))
            grown = await read()
            assert (grown.counts.unchanged, grown.counts.new) == (40, 20)
            assert (grown.after.count, grown.counts.quarantined.total()) == (60, 1)
            side.says("/x", json.dumps({"objects": [{"type": "indicator", "id": "none"}] * 3}))
            assert (await read()).after.problem == "unreadable"
            assert objects(sqlite) == 60

    asyncio.run(play())


def test_a_marking_that_came_with_an_earlier_poll_is_known_to_its_own_feed_alone(
    database: Database, clock: Clock
) -> None:
    """What is defined once was not known at the next poll: new versions were set aside."""
    ref = "marking-definition--fa42a846-8d90-4e51-bc29-71d5b4802168"
    statement = {"type": "marking-definition", "spec_version": "2.1", "id": ref,
                 "created": "2026-01-01T00:00:00.000Z", "definition_type": "statement",
                 "definition": {"statement": "Copyright"}}  # fmt: skip

    def told(*more: object, day: int) -> str:
        one = indicator(1) | {
            "object_marking_refs": [ref],
            "modified": f"2026-03-{day:02}T00:00:00Z",
        }
        return json.dumps({"objects": [one, indicator(2), *more]})

    async def play() -> None:
        async with far_side() as side:
            read = Reader(database, clock, "stix", f"{side.url}/x")
            side.says("/x", told(statement, day=2))
            assert (await read()).counts.new == 3
            side.says("/x", told(day=3))
            again = (await read()).counts
            assert (again.updated, again.quarantined.total()) == (1, 0)
            read.source = replace(read.source, name="other")
            assert (await read()).counts.quarantined == {"unknown-marking": 1}

    asyncio.run(play())


def test_a_row_that_becomes_red_is_withdrawn(sqlite: Database, clock: Clock) -> None:
    """It stayed under its marking before until it had had its time."""

    async def play() -> None:
        async with far_side() as side:
            read = Reader(sqlite, clock, "csv", f"{side.url}/x")
            columns = {"value": "ip", "marking": "tlp"}
            read.source = replace(read.source, columns=columns)
            side.says("/x", "ip,tlp\n198.51.100.7,GREEN\n192.0.2.1,GREEN\n")
            assert (await read()).counts.new == 2
            side.says("/x", "ip,tlp\n198.51.100.7,RED\n192.0.2.1,GREEN\n")
            counts = (await read()).counts
            assert (counts.withdrawn, counts.quarantined) == (1, {"red": 1})
            assert objects(sqlite) == 1
            side.says("/x", "ip,tlp\n198.51.100.7,AMBER\n192.0.2.1,GREEN\n")
            assert (await read()).counts.new == 1

    asyncio.run(play())
