"""What feeds of advisories bring is told by whoever runs the rooms, once, whatever ends between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories.sources import bulletins, shelf
from bot.advisories.sources.feed import Feed, Sending
from bot.advisories.sources.polling import gather
from bot.advisories.sources.room import Newsroom as Room
from bot.advisories.sources.rounds import Rounds
from bot.events import RoomId
from bot.feeds.keeping import standings
from bot.feeds.standing import Remembered
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables import Outbox
from bot.tasks.bulletins import Bulletins
from bot.tasks.feeding import FeedNotices, Feeds, readers_of
from bot.words import words_for
from tests.bot.advisories.newsroom import Newsroom
from tests.bot.advisories.sources.documents import document, tracked, written
from tests.bot.advisories.sources.provider import WAY, Publisher
from tests.bot.feeds.far_side import far_side
from tests.bot.tasks.test_scheduler import killed_at
from tests.clock import Clock
from tests.custody import ROOMS

ADMIN = RoomId("fake:a/admin")


class House:
    """A provider, a feed that reads it, and whoever tells what it brings."""

    def __init__(self, database: Database, clock: Clock, provider: Publisher) -> None:
        self.database, self.clock, self.provider = database, clock, provider
        url = provider.lists()
        self.feed = Feed(
            "acme", "csaf", url=url, every=timedelta(minutes=15), marking=Marking(Label.GREEN),
            sending=Sending(("c",), as_draft=False, flood=1000),
        )  # fmt: skip
        self.news = Newsroom(session=Session(database.engine))
        self.news.alliance.open()
        self.woken: set[str] = set()
        self.bulletins = Bulletins(
            database, Room(self.news, {"acme": self.feed}), self.woken.update, [ADMIN],
            words_for("en"), clock=clock,
        )  # fmt: skip

    async def read(self) -> None:
        self.clock.advance(3600)
        readers = readers_of({}, {"acme": self.feed}, self.database, WAY, clock=self.clock)
        feeds = Feeds(
            self.database, readers, FeedNotices([ADMIN], words_for("en")), self.woken.update,
            clock=self.clock,
        )  # fmt: skip
        async with asyncio.TaskGroup() as tasks:
            await feeds.look(tasks)

    def told(self) -> list[tuple[str, str]]:
        rows = select(Outbox.room, Outbox.kind).order_by(Outbox.created, Outbox.room)
        return [(room, kind) for room, kind in self.database.read_now(
            lambda s: s.execute(rows).all())]  # fmt: skip


@asynccontextmanager
async def house(database: Database, clock: Clock) -> AsyncIterator[House]:
    async with far_side() as side:
        provider = Publisher(side)
        for name in ("A-1", "A-2"):
            provider.puts(name, written(document(name)))
        yield House(database, clock, provider)


def test_what_is_read_is_told_once(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            await whole.read()
            assert whole.told() == [], "reading tells nothing"
            await whole.bulletins.look()
            assert len(whole.told()) == 2 * len(ROOMS)
            assert set(ROOMS) <= whole.woken
            await whole.read()
            await whole.bulletins.look()
            assert len(whole.told()) == 2 * len(ROOMS)

    asyncio.run(play())


def test_a_reading_that_was_cut_off_is_told_whole_after_the_next(
    sqlite: Database, clock: Clock
) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            rounds = Rounds(sqlite, WAY, clock, lambda: 0.0)
            found = (await gather(whole.feed, WAY, Remembered())).found
            await rounds._hold(whole.feed, found[:1])  # and then the process ends
            await whole.bulletins.look()
            assert whole.told() == []
            await whole.read()
            await whole.bulletins.look()
            assert len(whole.told()) == 2 * len(ROOMS)

    asyncio.run(play())


def test_a_revision_is_told_in_its_threads(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            await whole.read()
            await whole.bulletins.look()
            later = "2026-04-01T08:00:00Z"
            changed = document("A-2", tracking=tracked("A-2", "2", later, "First", "Worse"))
            whole.provider.puts("A-2", written(changed), later)
            whole.provider.lists()
            await whole.read()
            await whole.bulletins.look()
            kinds = [kind for _, kind in whole.told()]
            assert kinds.count("edit") == len(ROOMS)
            assert kinds.count("post") == 3 * len(ROOMS)

    asyncio.run(play())


def test_admins_hear_by_number_what_may_go_nowhere(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            for name in ("A-1", "A-2"):
                strict = document(name, distribution={"tlp": {"label": "AMBER"}})
                whole.provider.puts(name, written(strict))
            whole.provider.lists("AMBER")
            whole.news.alliance.seat(ROOMS[0], private=False)
            whole.news.alliance.seat(ROOMS[1], private=False)
            whole.news.alliance.seat(ROOMS[2], private=False)
            await whole.read()
            await whole.bulletins.look()
            rows = sqlite.read_now(lambda s: s.execute(select(Outbox.room, Outbox.content)).all())
            ((room, content),) = rows
            assert room == ADMIN
            assert b"2 entries could go nowhere" in (content or b"")
            assert b"opens" not in (content or b"")

    asyncio.run(play())


def test_its_owner_hears_of_a_feed_that_cannot_be_read(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            whole.provider.side.says("/.well-known/csaf/provider-metadata.json", json.dumps({}))
            await whole.read()
            assert whole.told() == [(ADMIN, "post")]
            standing = sqlite.read_now(lambda s: standings(s, ["acme"]))["acme"]
            assert standing.problem == "unreadable"
            assert sqlite.read_now(shelf.waiting_feeds) == []

    asyncio.run(play())


def test_its_owner_hears_once_of_what_was_refused_and_why(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            red = document("A-2", title="Hush", distribution={"tlp": {"label": "RED"}})
            whole.provider.puts("A-2", written(red), "2026-05-01T00:00:00Z")
            whole.provider.lists()
            for _ in range(2):
                await whole.read()
                await whole.bulletins.look()
            told = [room for room, _ in whole.told()]
            assert told.count(ADMIN) == 1
            rows = select(Outbox.content).where(Outbox.room == ADMIN)
            content = sqlite.read_now(lambda s: s.execute(rows).scalar_one()) or b""
            assert b"1 document was refused" in content
            assert b"[red]" in content
            assert b"Hush" not in content

    asyncio.run(play())


def test_killed_at_every_step_of_telling_each_room_is_told_once(
    sqlite: Database, clock: Clock
) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            await whole.read()
            await whole.bulletins.look()
            for number in range(1, 60):
                name = f"B-{number}"
                cve = {"cve": f"CVE-2026-{7000 + number}"}
                whole.provider.puts(name, written(document(name) | {"vulnerabilities": [cve]}))
                whole.provider.lists()
                await whole.read()
                was_killed = killed_at(sqlite, 3 * number, partial(_told_in_one_unit, whole))
                await whole.bulletins.look()
                posts = [room for room, kind in whole.told() if kind == "post"]
                assert {posts.count(room) for room in ROOMS} == {number + 2}
                if not was_killed:
                    assert number > 5, "the lease, the rows, the story, three posts, the commit"
                    return
        raise AssertionError("it is never over")

    asyncio.run(play())


def _told_in_one_unit(whole: House) -> None:
    room, feed = whole.bulletins._room, whole.feed
    looked = whole.database.read_now(lambda s: bulletins.look(s, room, feed))
    whole.database.run_now(lambda s: whole.bulletins._tell(s, feed, looked))
