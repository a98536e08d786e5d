"""Providers of CSAF: however they list their documents, each is read once, and proved."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from hashlib import sha256, sha512
from pathlib import Path

import pytest
from aiohttp import web
from pysequoia import SignatureMode, Tsk, sign

from bot.advisories.sources.csaf.reading import LARGEST
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.gathered import FIRST, READ, Gathered
from bot.advisories.sources.listing import Metadata, RolieFeed, read_changes, read_index, read_list
from bot.advisories.sources.polling import gather
from bot.advisories.sources.refusals import Refusal
from bot.errors import FeedError
from bot.feeds.problems import Problem
from bot.feeds.standing import Remembered
from tests.bot.advisories.sources.documents import document, tracked, written
from tests.bot.advisories.sources.provider import WAY, Publisher, reading
from tests.bot.feeds.far_side import far_side

REAL = Path(__file__).parents[5] / "shared" / "data" / "csaf"
Play = Callable[[Publisher], Coroutine[None, None, None]]


def play(scene: Play) -> None:
    async def run() -> None:
        async with far_side() as side:
            await scene(Publisher(side))

    asyncio.run(run())


def names(found: Gathered) -> list[str]:
    return sorted(each.item.name for each in found.found if each.item is not None)


def refusals(found: Gathered) -> list[Refusal]:
    return [each.refusal for each in found.found if each.refusal is not None]


def two(provider: Publisher) -> None:
    for name in ("A-1", "A-2"):
        provider.puts(name, written(document(name)))


@pytest.mark.parametrize("way", ["metadata", "site", "rolie", "directory", "document"])
def test_documents_are_found_wherever_the_address_leads(way: str) -> None:
    async def scene(provider: Publisher) -> None:
        two(provider)
        url = provider.lists()
        where = {
            "metadata": url,
            "site": provider.side.url,
            "rolie": f"{provider.side.url}/csaf/feed.json",
            "directory": provider.keeps_directory() if way == "directory" else "",
            "document": f"{provider.side.url}/csaf/2026/A-1.json",
        }
        found = await reading(where[way])
        assert names(found) == (["A-1"] if way == "document" else ["A-1", "A-2"])
        again = await reading(where[way], found.remembered)
        assert again.found == []

    play(scene)


def test_metadata_that_name_directories_only_lead_to_them() -> None:
    async def scene(provider: Publisher) -> None:
        two(provider)
        folder = provider.keeps_directory()
        for told in (
            {"directory_url": folder},
            {"directory": {"url": folder, "tlp_label": "CLEAR"}},
        ):
            meta = json.dumps({"distributions": [told]})
            provider.side.says("/meta.json", meta, "application/json")
            assert names(await reading(f"{provider.side.url}/meta.json")) == ["A-1", "A-2"]

    play(scene)


@pytest.mark.parametrize("listed", ["rolie", "directory"])
def test_only_what_was_changed_is_fetched_again(listed: str) -> None:
    async def scene(provider: Publisher) -> None:
        two(provider)
        url = provider.lists() if listed == "rolie" else provider.keeps_directory()
        before = await reading(url)
        later = "2026-04-01T08:00:00Z"
        changed = document("A-2", tracking=tracked("A-2", "2", later, "First", "Second"))
        provider.puts("A-2", written(changed), later)
        provider.lists()
        provider.keeps_directory()
        provider.side.asked.clear()
        after = await reading(url, before.remembered)
        assert names(after) == ["A-2"]
        assert not [each for each in provider.side.asked if "A-1.json" in each.path]

    play(scene)


def test_an_unchanged_feed_costs_no_document() -> None:
    async def scene(provider: Publisher) -> None:
        two(provider)
        url = provider.lists()
        found = await reading(url)
        provider.side.asked.clear()
        await reading(url, found.remembered)
        assert {each.path for each in provider.side.asked} == {
            "/.well-known/csaf/provider-metadata.json", "/csaf/feed.json"
        }  # fmt: skip

    play(scene)


def test_changes_out_of_order_are_all_read() -> None:
    text = (
        '"2026/a.json","2026-01-01T00:00:00Z"\n"2026/b.json","2020-01-01T00:00:00Z"\n'
        '"2026/c.json","2026-05-01T00:00:00Z"\n"2026/b.json","2026-06-01T00:00:00Z"\nrubbish\n'
        '"../../etc/passwd.json","2026-01-01T00:00:00Z"\n'
    )
    assert read_changes(text) == {
        "2026/a.json": "2026-01-01T00:00:00Z",
        "2026/b.json": "2026-06-01T00:00:00Z",
        "2026/c.json": "2026-05-01T00:00:00Z",
    }
    assert read_index("2026/a.json\n2026/a.json\nx.txt\n") == ["2026/a.json"]


def test_a_document_that_is_not_what_was_hashed_is_refused() -> None:
    async def scene(provider: Publisher) -> None:
        two(provider)
        provider.side.says("/csaf/2026/A-1.json.sha512", "0" * 128)
        found = await reading(provider.lists())
        assert (names(found), refusals(found)) == (["A-2"], [Refusal.HASH])
        provider.side.says("/csaf/2026/A-1.json.sha512", "", status=404)
        provider.side.says("/csaf/2026/A-2.json.sha512", "", status=404)
        provider.side.says("/csaf/2026/A-2.json.sha256", "f" * 64)
        found = await reading(provider.keeps_directory())
        assert (names(found), refusals(found)) == (["A-1"], [Refusal.HASH])

    play(scene)


@pytest.mark.parametrize("listed", ["rolie", "directory"])
def test_signatures_are_checked_where_they_are_given(listed: str) -> None:
    ours, other = Tsk.generate("psirt <psirt@acme.example>"), Tsk.generate("m <m@evil.example>")

    async def scene(provider: Publisher) -> None:
        side = provider.side
        for name, key in (("GOOD", ours), ("FORGED", other), ("BROKEN", None), ("OTHER", ours)):
            content = written(document(name))
            path = provider.puts(name, content, signature=f"/csaf/2026/{name}.json.asc")
            signed = content if name != "OTHER" else b"something else"
            made = b"no signature" if key is None else sign(
                key.signer(), signed, mode=SignatureMode.DETACHED
            )  # fmt: skip
            side.says(f"{path}.asc", made)
        cert = ours.extract_certificate()
        side.says("/key.asc", str(cert))
        side.says("/other.asc", str(other.extract_certificate()))
        keys = [
            {"url": f"{side.url}/key.asc", "fingerprint": cert.fingerprint.upper()},
            {"url": f"{side.url}/other.asc", "fingerprint": cert.fingerprint},
        ]
        url = provider.lists(public_openpgp_keys=keys)
        if listed == "directory":
            meta = {
                "public_openpgp_keys": keys,
                "distributions": [{"directory_url": provider.keeps_directory()}],
            }
            side.says("/meta.json", json.dumps(meta), "application/json")
            url = f"{side.url}/meta.json"
        found = await reading(url)
        assert names(found) == ["GOOD"]
        assert refusals(found) == [Refusal.SIGNATURE] * 3

    play(scene)


def test_a_document_labelled_lower_than_its_feed_is_refused() -> None:
    async def scene(provider: Publisher) -> None:
        two(provider)
        found = await reading(provider.lists("AMBER"))
        assert refusals(found) == [Refusal.LOWER] * 2

    play(scene)


def test_a_document_that_is_missing_or_too_large_spoils_no_other() -> None:
    async def scene(provider: Publisher) -> None:
        two(provider)
        provider.puts("A-3", b" " * (LARGEST + 1))
        url = provider.lists()
        provider.side.says("/csaf/2026/A-1.json", "", status=404)
        found = await reading(url)
        assert names(found) == ["A-2"]
        assert sorted(refusals(found)) == [Refusal.TOO_LARGE, Refusal.UNFETCHED]
        provider.side.says("/csaf/2026/A-1.json", written(document("A-1")), "application/json")
        assert names(await reading(url, found.remembered)) == ["A-1"]

    play(scene)


def test_a_provider_that_fails_half_way_is_gone_on_with_later() -> None:
    async def scene(provider: Publisher) -> None:
        for n in range(20):
            provider.puts(f"A-{n}", written(document(f"A-{n}")))
        url = provider.lists()
        given = 0
        whole = dict(provider.side.answers)

        async def tired(request: web.Request) -> web.StreamResponse:
            nonlocal given
            given += 1
            if given > 8:
                return web.Response(status=429, headers={"Retry-After": "300"})
            return await whole[request.path](request)

        for path in whole:
            if path.endswith(".json") and "/2026/" in path:
                provider.side.answers[path] = tired
        found = await reading(url)
        assert len(found.found) == 8
        assert found.wait is not None
        assert found.wait.total_seconds() == 300
        assert found.remembered.cursor == FIRST
        provider.side.answers = whole
        rest = await reading(url, found.remembered)
        assert len(rest.found) == 12
        assert (rest.wait, rest.remembered.cursor) == (None, READ)

    play(scene)


def test_nothing_that_a_provider_names_leads_inside() -> None:
    async def scene(provider: Publisher) -> None:
        provider.puts("A-1", written(document("A-1")))
        provider.entries[0]["content"]["src"] = "http://169.254.169.254/latest/meta-data.json"
        found = await reading(provider.lists())
        assert refusals(found) == [Refusal.UNFETCHED]

    play(scene)


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        ("<html>", "text/html", Problem.MISSING),
        ("{}", "application/json", Problem.UNREADABLE),
        ("[1", "application/json", Problem.UNREADABLE),
    ],
)
def test_what_is_no_list_is_told(body: str, kind: str, problem: Problem) -> None:
    async def scene(provider: Publisher) -> None:
        provider.side.says("/x", body, kind)
        with pytest.raises(FeedError) as caught:
            await reading(f"{provider.side.url}/x")
        assert caught.value.reason == problem

    play(scene)


def test_a_feed_whose_pages_do_not_end_is_told() -> None:
    async def scene(provider: Publisher) -> None:
        link = [{"rel": "next", "href": f"{provider.side.url}/feed.json"}]
        feed = json.dumps({"feed": {"entry": [], "link": link}})
        provider.side.says("/feed.json", feed, "application/json")
        with pytest.raises(FeedError) as caught:
            await reading(f"{provider.side.url}/feed.json")
        assert caught.value.reason == Problem.ENDLESS

    play(scene)


def test_a_folder_of_documents_is_read_and_only_what_changed_again(tmp_path: Path) -> None:
    feed = Feed("acme", "csaf", path=tmp_path)
    (tmp_path / "2026").mkdir()
    one, two_ = tmp_path / "2026" / "one.json", tmp_path / "two.json"
    one.write_bytes(written(document("A-1")))
    two_.write_bytes(b"{}")
    digest = sha512(one.read_bytes()).hexdigest()
    (tmp_path / "2026" / "one.json.sha512").write_text(f"{digest}  one.json")
    (tmp_path / "three.json").write_bytes(written(document("A-3")))
    (tmp_path / "three.json.sha256").write_text("0" * 64)
    (tmp_path / "feed.json").write_text('{"feed": {"entry": []}}')
    (tmp_path / "provider-metadata.json").write_text('{"distributions": []}')
    found = asyncio.run(gather(feed, WAY, Remembered()))
    assert (names(found), refusals(found)) == (["A-1"], [Refusal.HASH, Refusal.UNREADABLE])
    os.utime(one, ns=(1, 1))
    assert asyncio.run(gather(feed, WAY, found.remembered)).found == []
    one.write_bytes(written(document("A-2")))
    (tmp_path / "2026" / "one.json.sha512").unlink()
    assert names(asyncio.run(gather(feed, WAY, found.remembered))) == ["A-2"]


def test_signatures_beside_the_files_of_a_folder_are_checked_where_its_keys_are_given(
    tmp_path: Path,
) -> None:
    ours, other = Tsk.generate("psirt <psirt@acme.example>"), Tsk.generate("m <m@evil.example>")
    feed = Feed("acme", "csaf", path=tmp_path)
    for name, key in (("GOOD", ours), ("FORGED", other), ("BROKEN", None), ("BARE", other)):
        content = written(document(name))
        (tmp_path / f"{name}.json").write_bytes(content)
        made = b"no signature" if key is None else sign(
            key.signer(), content, mode=SignatureMode.DETACHED
        )  # fmt: skip
        if name != "BARE":
            (tmp_path / f"{name}.json.asc").write_bytes(made)
    before = asyncio.run(gather(feed, WAY, Remembered()))
    assert refusals(before) == [], "nothing says whose signatures they are"
    (tmp_path / "openpgp").mkdir()
    (tmp_path / "openpgp" / "other.asc").write_text(str(other.extract_certificate()))
    cert = ours.extract_certificate()
    (tmp_path / "openpgp" / "key.asc").write_text(str(cert))
    keys = [{"url": "https://acme.example/key.asc", "fingerprint": cert.fingerprint}]
    meta = {"distributions": [], "public_openpgp_keys": keys}
    (tmp_path / "provider-metadata.json").write_text(json.dumps(meta))
    found = asyncio.run(gather(feed, WAY, before.remembered))
    assert (names(found), refusals(found)) == (["GOOD"], [Refusal.SIGNATURE] * 2)
    assert names(asyncio.run(gather(feed, WAY, Remembered()))) == ["BARE", "GOOD"]


def test_a_document_whose_hash_came_later_is_looked_at_again(tmp_path: Path) -> None:
    feed, one = Feed("acme", "csaf", path=tmp_path), tmp_path / "one.json"
    one.write_bytes(written(document("A-1")))
    (tmp_path / "one.json.sha256").write_text("0" * 64)
    found = asyncio.run(gather(feed, WAY, Remembered()))
    assert refusals(found) == [Refusal.HASH]
    (tmp_path / "one.json.sha256").write_text(sha256(one.read_bytes()).hexdigest())
    assert names(asyncio.run(gather(feed, WAY, found.remembered))) == ["A-1"]


def test_a_catalogue_and_a_feed_are_asked_for_what_is_new(tmp_path: Path) -> None:
    async def scene(provider: Publisher) -> None:
        entry = {"cveID": "CVE-2026-1234", "vulnerabilityName": "ACME Gate opens"}
        provider.side.says(
            "/kev", json.dumps({"vulnerabilities": [entry]}), "application/json", ETag='"1"'
        )
        found = await reading(f"{provider.side.url}/kev", form="kev")
        assert names(found) == ["CVE-2026-1234"]
        assert found.remembered.etag == '"1"'
        for body in ("<html>", "{}", '{"vulnerabilities": []}'):
            provider.side.says("/kev", body)
            with pytest.raises(FeedError):
                await reading(f"{provider.side.url}/kev", form="kev")

    play(scene)


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/csaf is not there")
def test_real_lists_are_read() -> None:
    assert isinstance(
        read_list((REAL / "example-01-provider-metadata.json").read_bytes()), Metadata
    )
    feed = read_list((REAL / "example-01-feed-tlp-white.json").read_bytes())
    assert isinstance(feed, RolieFeed)
    assert len(feed.feed.entry) == 1


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/csaf is not there")
def test_a_folder_of_real_files_is_read() -> None:
    found = asyncio.run(gather(Feed("real", "csaf", path=REAL), WAY, Remembered()))
    assert names(found) == ["BSI-2022-0001", "RHSA-2019:1862", "RHSA-2022:0011"]
    assert refusals(found) == []
