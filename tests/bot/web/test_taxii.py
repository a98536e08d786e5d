"""What an ally's own platform reads here: what its team may see, and no trace of the rest."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy.orm import Session

from bot.feeds.fetching import Fetcher, Way
from bot.feeds.origin import Secrets
from bot.indicators import leaving, shelf
from bot.indicators.exporting import bundle
from bot.indicators.feeds.source import Source as Feed
from bot.indicators.feeds.taxii import Taxii
from bot.indicators.importing import import_now
from bot.indicators.lookup import lookup
from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import normal
from bot.indicators.sight import of_operator, of_team
from bot.indicators.sources import By, Source
from bot.indicators.stix.reading import read_bundle
from bot.indicators.things import Said, Thing
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.web.accounts import Account
from bot.web.taxii import MEDIA, ROOT, Publisher, collection_of
from tests.bot.indicators.feeds.medallion import indicator
from tests.clock import Clock
from tests.custody import Alliance
from tests.stores import opened, sqlite_url

A, B = TeamKey("a"), TeamKey("b")
ACCOUNTS = {
    "to-a": Account(A, SecretStr("token-a")),
    "to-b": Account(B, SecretStr("token-b")),
}
TAXII = {"Accept": MEDIA}


def stix(number: int, label: Label | None = None, **more: Any) -> Thing:
    told = indicator(number) | more
    value = told["pattern"].split("'")[1]
    return Thing(
        told["id"], "indicator", json.dumps(told).encode(), 1_772_323_200_000_000,
        marking=None if label is None else Marking(label),
        said=(Said(Observable(Kind.IPV4, value)),),
    )  # fmt: skip


def take(database: Database, clock: Clock, things: Iterable[Thing], label: Label) -> None:
    source = Source(By.FEED, "acme", A, Marking(label))
    import_now(database, source, things, clock)


class Asker:
    """Asks one server as one account."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self.http = http
        self.base = base

    async def __call__(
        self,
        path: str,
        token: str = "token-b",
        status: int = 200,
        query: Mapping[str, str] | None = None,
    ) -> tuple[Any, Mapping[str, str]]:
        headers = TAXII | {"Authorization": f"Bearer {token}"}
        where = f"{self.base}{path}"
        async with self.http.get(where, headers=headers, params=query or {}) as answer:
            assert answer.status == status
            assert answer.headers["Content-Type"] == MEDIA
            return json.loads(await answer.read()), answer.headers

    async def objects(self, **query: str) -> tuple[Any, Mapping[str, str]]:
        renamed = {name.replace("match_", "match[") + ("]" if "match_" in name else ""): value
                   for name, value in query.items()}  # fmt: skip
        return await self(
            f"{ROOT}collections/{collection_of(ACCOUNTS['to-b'])}/objects/", query=renamed
        )


@asynccontextmanager
async def serving(database: Database) -> AsyncIterator[Asker]:
    # b may read no more than GREEN, and its own
    markings = Alliance(clearances={"b": Label.GREEN}).custody.markings
    publisher = Publisher(database, ACCOUNTS, lambda team: of_team(markings, team))
    application = web.Application()
    application.add_routes(publisher.routes())
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as http:
            yield Asker(http, f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()


def test_nothing_is_said_without_a_token(sqlite: Database) -> None:
    async def play() -> None:
        async with serving(sqlite) as ask:
            for path in ("/taxii2/", ROOT, f"{ROOT}collections/", f"{ROOT}collections/x/objects/"):
                for token in ("", "token-c", "token-bb"):
                    told, headers = await ask(path, token, 401)
                    assert told["http_status"] == "401"
                    assert "Basic" in headers["WWW-Authenticate"]
            basic = aiohttp.encode_basic_auth("whoever", "token-b")
            headers = TAXII | {"Authorization": basic}
            async with ask.http.get(f"{ask.base}/taxii2/", headers=headers) as answer:
                assert answer.status == 200
            for wrong in ("Basic !!!", "Basic eA==", "Digest x", "Bearer"):
                headers = TAXII | {"Authorization": wrong}
                async with ask.http.get(f"{ask.base}/taxii2/", headers=headers) as answer:
                    assert answer.status == 401

    asyncio.run(play())


def test_each_account_finds_its_own_collection_and_no_other(sqlite: Database) -> None:
    async def play() -> None:
        async with serving(sqlite) as ask:
            told, _ = await ask("/taxii2/")
            assert told["api_roots"] == [ROOT]
            assert MEDIA in (await ask(ROOT))[0]["versions"]
            own = collection_of(ACCOUNTS["to-b"])
            told, _ = await ask(f"{ROOT}collections/")
            assert [each["id"] for each in told["collections"]] == [own]
            await ask(f"{ROOT}collections/{own}/")
            await ask(f"{ROOT}collections/{own}/objects/", "token-a", 404)
            await ask(f"{ROOT}collections/{own}/objects/{'x' * 40}/", status=404)

    asyncio.run(play())


def test_it_is_only_read_and_only_as_taxii(sqlite: Database) -> None:
    async def play() -> None:
        async with serving(sqlite) as ask:
            where = f"{ask.base}{ROOT}collections/{collection_of(ACCOUNTS['to-b'])}/objects/"
            known = {"Authorization": "Bearer token-b"}
            async with ask.http.post(where, headers=TAXII | known, data=b"{}") as answer:
                assert answer.status == 403
            for accept in ("text/html", "application/taxii+json;version=2.0"):
                async with ask.http.get(where, headers=known | {"Accept": accept}) as answer:
                    assert answer.status == 406
            for query in ({"added_after": "x"}, {"limit": "0"}, {"limit": "-1"}, {"next": "x"}):
                await ask(where.removeprefix(ask.base), status=400, query=query)

    asyncio.run(play())


def test_what_may_not_be_seen_leaves_no_trace(
    sqlite: Database, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def all_of_it(database: Database) -> list[Any]:
        async with serving(database) as ask:
            found: list[Any] = []
            for path in ("objects", "manifest"):
                query = {"limit": "7"}
                while True:
                    where = f"{ROOT}collections/{collection_of(ACCOUNTS['to-b'])}/{path}/"
                    told, headers = await ask(where, query=query)
                    kept = {n: v for n, v in headers.items() if n.startswith("X-TAXII")}
                    found.append((told, kept))
                    if not told["more"]:
                        break
                    query["next"] = told["next"]
            return found

    with opened(sqlite_url(tmp_path_factory.mktemp("other"))) as other:
        for batch in range(4):
            seen = [stix(n, Label.GREEN) for n in range(batch * 10, batch * 10 + 10)]
            hidden = [stix(1000 + n, Label.AMBER) for n in range(batch * 9, batch * 9 + 9)]
            take(sqlite, clock, seen, Label.AMBER)
            take(other, clock, [*hidden, *seen, *hidden], Label.AMBER)
            clock.advance(60)
        without, with_hidden = asyncio.run(all_of_it(sqlite)), asyncio.run(all_of_it(other))
    assert without == with_hidden
    assert sum(len(told["objects"]) for told, _ in without) == 80


def test_filters_and_pages_give_each_object_once(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        for batch in range(3):
            things = [stix(n, Label.GREEN) for n in range(batch * 10, batch * 10 + 10)]
            take(sqlite, clock, things, Label.GREEN)
            clock.advance(60)
        async with serving(sqlite) as ask:
            told, headers = await ask.objects(limit="10")
            assert len(told["objects"]) == 10
            assert headers["X-TAXII-Date-Added-First"] == "2026-03-04T14:30:00.000Z"
            after = headers["X-TAXII-Date-Added-Last"]
            rest, _ = await ask.objects(added_after=after)
            assert [each["id"] for each in rest["objects"]] == [
                indicator(n)["id"] for n in range(10, 30)
            ]
            one = indicator(4)
            found, _ = await ask.objects(match_id=f"{one['id']},x")
            assert found["objects"] == [one | found["objects"][0]]
            assert len((await ask.objects(match_type="indicator"))[0]["objects"]) == 30
            assert "objects" not in (await ask.objects(match_type="malware"))[0]
            assert "objects" not in (await ask.objects(match_spec_version="2.0"))[0]
            assert len((await ask.objects(match_version="last"))[0]["objects"]) == 30
            version = "2026-03-01T00:00:00Z"
            assert len((await ask.objects(match_version=version))[0]["objects"]) == 30
            assert "objects" not in (await ask.objects(match_version="2020-01-01T00:00:00Z"))[0]
            where = f"{ROOT}collections/{collection_of(ACCOUNTS['to-b'])}/objects/{one['id']}/"
            assert (await ask(f"{where}versions/"))[0]["versions"] == [one["modified"]]
            late = {"added_after": headers["X-TAXII-Date-Added-Last"]}
            assert (await ask(where, query=late))[0] == {"more": False}, (
                "there, and not added since"
            )

    asyncio.run(play())


def test_what_may_not_be_seen_is_not_there_under_its_id_and_no_others_are_read(
    sqlite: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        take(sqlite, clock, [stix(n, Label.GREEN) for n in range(20)], Label.GREEN)
        made = Thing("line--0f0e6b3e-0000-5000-8000-000000000000", "line", b'{"type":"domain"}',
                     said=(Said(Observable(Kind.DOMAIN, "evil.example.com")),))  # fmt: skip
        take(sqlite, clock, [stix(30, Label.AMBER), made], Label.GREEN)
        monkeypatch.setattr(shelf, "_PAGED", "SELECT no such rows")
        async with serving(sqlite) as ask:
            own = f"{ROOT}collections/{collection_of(ACCOUNTS['to-b'])}/objects/"
            hidden, missing = indicator(30)["id"], indicator(31)["id"]
            line = "indicator--0f0e6b3e-0000-5000-8000-000000000000"
            told = [(await ask(f"{own}{each}/", status=404))[0] for each in (hidden, missing)]
            assert told[0] == told[1]
            assert (await ask(f"{own}{line}/"))[0]["objects"][0]["id"] == line
            some = f"{indicator(3)['id']},{hidden},{line},{indicator(2)['id']}"
            found, _ = await ask.objects(match_id=some, limit="2")
            again, _ = await ask.objects(match_id=some, limit="2", next=found["next"])
            ids = [each["id"] for each in (*found["objects"], *again["objects"])]
            assert ids == [indicator(2)["id"], indicator(3)["id"], line]

    asyncio.run(play())


def test_what_bears_no_marking_bears_its_sources_when_it_leaves(
    sqlite: Database, clock: Clock
) -> None:
    async def play() -> None:
        amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
        green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
        take(sqlite, clock, [
            stix(1), stix(2, Label.GREEN, object_marking_refs=[green], x_own={"b": [1.50]}),
            Thing("line--0f0e6b3e-0000-5000-8000-000000000000", "line", b'{"type":"domain"}',
                  said=(Said(Observable(Kind.DOMAIN, "evil.example.com")),), confidence=60),
        ], Label.AMBER)  # fmt: skip
        async with serving(sqlite) as ask:
            own = collection_of(ACCOUNTS["to-a"])
            told, _ = await ask(f"{ROOT}collections/{own}/objects/", "token-a")
            first, second, third = told["objects"]
            assert first["object_marking_refs"] == third["object_marking_refs"] == [amber]
            assert second["object_marking_refs"] == [green]
            assert (third["pattern"], third["confidence"]) == (
                "[domain-name:value = 'evil.example.com']", 60,
            )  # fmt: skip
            seen, _ = await ask.objects()
            assert [each["id"] for each in seen["objects"]] == [second["id"]]

    asyncio.run(play())


def test_our_own_client_reads_it_whole_and_then_what_is_new(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        take(sqlite, clock, [stix(n, Label.GREEN) for n in range(2500)], Label.GREEN)
        async with serving(sqlite) as ask:
            secrets = Secrets(token=SecretStr("token-b"))
            feed = Feed("ally", "taxii", url=f"{ask.base}/taxii2/", secrets=secrets)
            async with Fetcher(feed, Way()) as fetcher:
                bundle, turning = await Taxii(fetcher, feed, Way()).poll("")
                with bundle:
                    found = [each["id"] for each in json.load(bundle)["objects"]]
                assert found == [indicator(n)["id"] for n in range(2500)]
                clock.advance(60)
                more = [stix(n, Label.GREEN) for n in range(2500, 2510)]
                take(sqlite, clock, more, Label.GREEN)
                bundle, _ = await Taxii(fetcher, feed, Way()).poll(turning.cursor)
                with bundle:
                    again = {each["id"] for each in json.load(bundle)["objects"]}
                assert {indicator(n)["id"] for n in range(2500, 2510)} <= again

    asyncio.run(play())


def test_large_objects_make_small_pages_and_are_not_held_by_the_hundred(
    sqlite: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed whose objects had 8 MB each filled the memory of whoever gave a page of them out."""
    monkeypatch.setattr(leaving, "HELD", 2_000_000)
    monkeypatch.setattr(shelf, "LARGEST", 2_000_000)
    things = [stix(n, Label.CLEAR, x_long="y" * 400_000) for n in range(60)]
    take(sqlite, clock, things, Label.CLEAR)
    sight = of_team(Alliance().custody.markings, B)
    found, beyond = list[str](), ""
    tracemalloc.start()
    try:
        while True:
            wanted = shelf.Wanted(beyond=beyond)
            some, more = sqlite.read_now(lambda s, w=wanted: shelf.page(s, sight, w))  # type: ignore[misc]
            assert len(some) <= 6
            found += [each.id for each in some]
            beyond = some[-1].place
            if not more:
                break
        assert sum(1 for _ in sqlite.read_now(lambda s: list(map(len, bundle(s, sight, "x"))))) > 60
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [each.id for each in things]
    assert peak < 12_000_000, "all of it are 24 MB"


def test_what_gets_a_marking_is_otherwise_byte_for_byte_as_it_came(
    sqlite: Database, clock: Clock
) -> None:
    """Numbers were written anew, and what holds one that is too large was left out without a
    word.
    """
    told = json.dumps(indicator(1)).encode()[:-1]
    raw = told + b', "x_own":{"b" : 1.50,"c":1e999,"d":%s}, "e": "\\ud83d\\ude00"}' % (b"9" * 40)
    thing = Thing(indicator(1)["id"], "indicator", raw, 1, said=stix(1).said)

    async def play() -> None:
        take(sqlite, clock, [thing], Label.GREEN)
        async with serving(sqlite) as ask:
            own = f"{ask.base}{ROOT}collections/{collection_of(ACCOUNTS['to-b'])}/objects/"
            headers = TAXII | {"Authorization": "Bearer token-b"}
            async with ask.http.get(own, headers=headers) as answer:
                content = await answer.read()
            assert raw[:-1] in content
            (given,) = json.loads(content)["objects"]
            green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
            assert given["object_marking_refs"] == [green]

    asyncio.run(play())


def attribute(number: int, **more: Any) -> Thing:
    return Thing(
        f"misp-attribute--0f0e6b3e-0000-4000-8000-{number:012d}", "misp-attribute",
        b'{"n":%d}' % number, version=1_772_000_000_000_000, valid_from=1_772_000_000_000_000,
        said=(Said(Observable(Kind.IPV4, f"198.51.100.{number}")),), **more,
    )  # fmt: skip


def test_what_a_feeds_settings_change_in_what_is_given_is_added_anew_as_another_version(
    sqlite: Database, clock: Clock
) -> None:
    """Who asked for what was added since had the old confidence for ever."""
    things = [attribute(n) for n in range(1, 4)]
    sure = [attribute(9, confidence=5), stix(1, Label.GREEN), stix(2, Label.GREEN)]

    def poll(confidence: int | None, ttl: int | None = None) -> None:
        source = Source(By.FEED, "acme", A, Marking(Label.GREEN), confidence, ttl)
        import_now(sqlite, source, [*things, *sure], clock)
        clock.advance(60)

    async def play() -> None:
        poll(None)
        async with serving(sqlite) as ask:
            told, headers = await ask.objects()
            assert len(told["objects"]) == 6
            was = {each["id"]: each["modified"] for each in told["objects"]}
            asked = {"added_after": headers["X-TAXII-Date-Added-Last"]}
            assert (await ask.objects(**asked))[0] == {"more": False}
            poll(60)
            told, headers = await ask.objects(**asked, limit="2")
            more, last = await ask.objects(**asked, limit="2", next=told["next"])
            given = [*told["objects"], *more["objects"]]
            assert [each["confidence"] for each in given] == [60] * 3, "and nothing of the others"
            assert all(each["modified"] > was[each["id"]] for each in given)
            assert all(each["created"] == "2026-03-04T14:30:00.000Z" for each in given)
            assert headers["X-TAXII-Date-Added-First"] == given[0]["modified"]
            asked = {"added_after": last["X-TAXII-Date-Added-Last"]}
            poll(60)
            assert (await ask.objects(**asked))[0] == {"more": False}
            poll(60, ttl=86_400_000_000)
            ends = [each.get("valid_until") for each in (await ask.objects(**asked))[0]["objects"]]
            assert ends == ["2026-02-26T06:13:20.000Z"] * 4, "one named no confidence, none an end"
            assert len((await ask.objects())[0]["objects"]) == 6, "each is there once"
            one = given[0]["id"]
            assert len((await ask.objects(match_id=one))[0]["objects"]) == 1

    asyncio.run(play())


def test_an_ally_that_polls_follows_what_a_feeds_settings_change(
    sqlite: Database, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A label that they know of their own stays; ours, in its place, becomes another."""
    green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
    things = [stix(1), stix(2, Label.GREEN, object_marking_refs=[green]), attribute(3)]

    async def play(theirs: Database) -> None:
        async with serving(sqlite) as ask:
            secrets = Secrets(token=SecretStr("token-a"))
            feed = Feed("ally", "taxii", url=f"{ask.base}/taxii2/", secrets=secrets)
            cursor, found = "", list[set[tuple[str, str, int | None]]]()
            for label, confidence in ((Label.GREEN, 10), (Label.AMBER, 10), (Label.AMBER, 70)):
                source = Source(By.FEED, "acme", A, Marking(label), confidence)
                import_now(sqlite, source, things, clock)
                clock.advance(60)
                async with Fetcher(feed, Way()) as fetcher:
                    bundle, turning = await Taxii(fetcher, feed, Way()).poll(cursor)
                cursor = turning.cursor
                with bundle:
                    ally = Source(By.FEED, "us", None, Marking(Label.AMBER_STRICT))
                    import_now(theirs, ally, read_bundle(bundle, normal), clock)
                found.append(theirs.read_now(_known))
        first, second, third = _VALUES
        assert found == [
            {(first, "TLP:GREEN", None), (second, "TLP:GREEN", None), (third, "TLP:GREEN", 10)},
            {(first, "TLP:AMBER", None), (second, "TLP:GREEN", None), (third, "TLP:AMBER", 10)},
            {(first, "TLP:AMBER", None), (second, "TLP:GREEN", None), (third, "TLP:AMBER", 70)},
        ]

    with opened(sqlite_url(tmp_path_factory.mktemp("theirs"))) as theirs:
        asyncio.run(play(theirs))


_VALUES = ("198.51.0.2", "198.51.0.3", "198.51.100.3")


def _known(session: Session) -> set[tuple[str, str, int | None]]:
    values = [Observable(Kind.IPV4, each) for each in _VALUES]
    return {
        (answer.observable.value, str(each.marking), each.confidence)
        for answer in lookup(session, values, of_operator(), Clock().now)
        for each in answer.statements
    }
