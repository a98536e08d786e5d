"""What an ally's platform reads of advisories: what its team may read, and no trace of the rest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha512

import aiohttp
from pydantic import SecretStr
from sqlalchemy.orm import Session

from bot.advisories import releasing
from bot.advisories.document import Document
from bot.advisories.publishing import shelf
from bot.advisories.publishing.edition import Publisher
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.gathered import Gathered
from bot.advisories.sources.polling import gather
from bot.feeds.origin import Secrets
from bot.feeds.standing import Remembered
from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables.advisories import Advisory
from bot.web.accounts import Account
from bot.web.csaf import Advisories
from bot.web.server import served
from bot.words import words_for
from tests.bot.advisories.newsroom import BEGUN, Newsroom
from tests.bot.advisories.sources.provider import WAY
from tests.custody import Alliance

ACCOUNTS = {
    name: Account(TeamKey(team), SecretStr(f"token-{team}"))
    for name, team in (("to-b", "b"), ("to-c", "c"))
}
ALL = Document(
    "Patch the VPN", Label.GREEN, summary="Now.", cves=("CVE-2026-1234",), affected=("ACME VPN",)
)
INNER = Document("Only for the inner circle", Label.AMBER, group="inner", summary="Hush.")
DRAFT = Document("Not out yet", Label.GREEN)


class Asker:
    """Asks as one account."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self.http, self.base = http, base

    async def get(self, path: str, who: str = "b", **headers: str) -> tuple[int, bytes]:
        told = {"Authorization": f"Bearer token-{who}"} | headers
        async with self.http.get(self.base + path, headers=told) as answer:
            return answer.status, await answer.read()

    async def json(self, path: str, who: str = "b") -> dict[str, object]:
        status, body = await self.get(path, who)
        assert status == 200
        found: dict[str, object] = json.loads(body)
        return found

    async def gathered(self, who: str) -> Gathered:
        """As our own reader finds it."""
        secrets = Secrets(token=SecretStr(f"token-{who}"))
        url = f"{self.base}/csaf/provider-metadata.json"
        return await gather(Feed("it", "csaf", url=url, secrets=secrets), WAY, Remembered())


@asynccontextmanager
async def publishing(database: Database) -> AsyncIterator[Asker]:
    news = Newsroom(session=Session(database.engine))
    news.alliance.open()
    for document in (ALL, INNER):
        row = news.draft(document)
        assert news.seal(row, "a", "ben")
        releasing.release(news.session, news, row, BEGUN)
    news.draft(DRAFT)
    news.session.commit()
    news.session.close()
    pages = Advisories(
        database, ACCOUNTS, lambda: news.alliance.custody.markings,
        Publisher("Liaison", ""), words_for("en"),
    )  # fmt: skip
    async with served("127.0.0.1:0", pages.routes()) as port, aiohttp.ClientSession() as http:
        pages._publisher = Publisher("Liaison", f"http://127.0.0.1:{port}")
        yield Asker(http, f"http://127.0.0.1:{port}")


def names(found: Gathered) -> list[str]:
    assert not [each for each in found.found if each.item is None]
    return sorted(each.item.name for each in found.found if each.item is not None)


def test_our_own_reader_finds_what_its_team_may_read(sqlite: Database) -> None:
    async def play() -> None:
        async with publishing(sqlite) as ask:
            assert names(await ask.gathered("b")) == ["INN-2026-001", "RTF-2026-001"]
            assert names(await ask.gathered("c")) == ["RTF-2026-001"]

    asyncio.run(play())


def test_what_is_hidden_leaves_no_trace(sqlite: Database) -> None:
    async def play() -> None:
        async with publishing(sqlite) as ask:
            _, metadata = await ask.get("/csaf/provider-metadata.json", "c")
            assert b"AMBER" not in metadata
            for path in ("feed.json", "index.txt", "changes.csv"):
                _, body = await ask.get(f"/csaf/amber+strict/{path}", "c")
                assert b"INN" not in body.upper()
            path = "/csaf/amber+strict/2026/inn-2026-001"
            for ending in (".json", ".json.sha256", ".json.sha512", ".md", ".pdf"):
                assert (await ask.get(path + ending, "c"))[0] == 404
                assert (await ask.get(path + ending, "b"))[0] == 200
            _, body = await ask.get("/csaf/green/index.txt")
            assert body == b"2026/rtf-2026-001.json\n"

    asyncio.run(play())


def test_a_hash_is_that_of_the_document(sqlite: Database) -> None:
    async def play() -> None:
        async with publishing(sqlite) as ask:
            path = "/csaf/green/2026/rtf-2026-001.json"
            _, body = await ask.get(path)
            _, told = await ask.get(f"{path}.sha512")
            assert told.split()[0].decode() == sha512(body).hexdigest()
            _, markdown = await ask.get("/csaf/green/2026/rtf-2026-001.md")
            assert markdown.startswith(b"**TLP:GREEN**")

    asyncio.run(play())


def test_without_a_token_there_is_nothing(sqlite: Database) -> None:
    async def play() -> None:
        async with publishing(sqlite) as ask:
            for path in ("provider-metadata.json", "green/feed.json", "green/2026/x.json"):
                assert (await ask.get(f"/csaf/{path}", "x"))[0] == 401
            assert (await ask.get("/csaf/red/feed.json"))[0] == 404
            assert (await ask.get("/csaf/purple/feed.json"))[0] == 404
            async with ask.http.post(
                f"{ask.base}/csaf/green/feed.json", headers={"Authorization": "Bearer token-b"}
            ) as answer:
                assert answer.status == 405

    asyncio.run(play())


def test_what_has_not_changed_is_not_sent_again(sqlite: Database) -> None:
    async def play() -> None:
        async with publishing(sqlite) as ask:
            headers = {"Authorization": "Bearer token-b"}
            async with ask.http.get(f"{ask.base}/csaf/green/feed.json", headers=headers) as first:
                etag = first.headers["ETag"]
                assert "private" in first.headers["Cache-Control"]
            status, body = await ask.get("/csaf/green/feed.json", **{"If-None-Match": etag})
            assert (status, body) == (304, b"")

    asyncio.run(play())


def test_a_team_reads_what_it_is_cleared_for_and_on_the_roster_of(sqlite: Database) -> None:
    news = Newsroom(
        alliance=Alliance(clearances={"b": Label.GREEN}), session=Session(sqlite.engine)
    )
    news.alliance.open()
    row = news.draft(Document("Only for some", Label.AMBER))
    assert news.seal(row, "a", "ben")
    releasing.release(news.session, news, row, BEGUN)
    markings, teams = news.alliance.custody.markings, news.directory().teams
    readers = {team for team in "abc" if shelf.may_read(row, teams[TeamKey(team)], markings)}
    assert readers == {"a", "c"}, "b is cleared for TLP:GREEN only"
    row.roster = '["b"]'
    assert not shelf.may_read(row, teams[TeamKey("c")], markings), "it is on no roster"
    assert shelf.may_read(row, teams[TeamKey("a")], markings), "it is its own"
    news.session.close()


def test_a_file_is_found_without_looking_at_what_others_are_of(sqlite: Database) -> None:
    news = Newsroom(session=Session(sqlite.engine))
    news.alliance.open()
    for title in ("First", "Second", "Third"):
        row = news.draft(Document(title, Label.GREEN))
        assert news.seal(row, "a", "ben")
        releasing.release(news.session, news, row, BEGUN)
    looked = list[str]()

    def reads(row: Advisory) -> bool:
        looked.append(row.ref)
        return True

    markings, publisher = news.alliance.custody.markings, Publisher("Liaison", "https://l.example")
    (found,) = shelf.editions(news.session, markings, publisher, reads, "rtf-2026-002")
    assert (found.document.title, len(looked)) == ("Second", 1)
    assert not list(shelf.editions(news.session, markings, publisher, reads, "rtf-2026-009"))
    titles = [each.document.title for each in shelf.editions(
        news.session, markings, publisher, reads
    )]  # fmt: skip
    assert sorted(titles) == ["First", "Second", "Third"]
    news.session.close()
