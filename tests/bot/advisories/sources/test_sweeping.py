"""What is long gone from its feed is forgotten, and told no second time where it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories.sources import shelf, sweeping
from bot.advisories.sources.gathered import Found
from bot.advisories.sources.item import Item
from bot.advisories.sources.rounds import Rounds
from bot.events import Outgoing, Post
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables import Posting, Reference
from bot.store.tables.sources import SourceItem, SourceName, Story, StoryName
from tests.bot.advisories.newsroom import BEGUN, HOUR, newsroom, person
from tests.bot.advisories.sources.documents import document, written
from tests.bot.advisories.sources.provider import WAY, Publisher
from tests.bot.advisories.sources.test_bulletins import POSTS, Desk, texts, thing
from tests.bot.feeds.far_side import far_side
from tests.clock import Clock
from tests.custody import ROOMS, Alliance

KEPT = timedelta(days=400)
CVE = {"identity": "cve CVE-2026-1001", "name": "CVE-2026-1001"}


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with newsroom(database) as news:
        news.alliance = Alliance()
        news.alliance.open()
        yield Desk(news)


def places(session: Session) -> Sequence[str]:
    return session.execute(select(SourceItem.place).order_by(SourceItem.place)).scalars().all()


def goes(desk: Desk, *left: str, feed: str = "acme") -> None:
    """A whole reading of a feed finds these, and nothing else."""
    found = sweeping.moved(desk.news.session, feed, left)
    sweeping.note(desk.news.session, found, desk.now)


def swept(desk: Desk, *feeds: str) -> int:
    return sweeping.sweep(desk.news.session, feeds or ("acme",), desk.now - KEPT)


def test_what_is_gone_is_kept_as_long_as_anything_can_follow_it(desk: Desk) -> None:
    desk.feed()
    one, two = thing(1), thing(2)
    desk.brings(one, two)
    goes(desk, two.identity)
    desk.now += KEPT - HOUR
    assert swept(desk) == 0
    goes(desk, one.identity, two.identity)
    desk.now += 2 * HOUR
    assert swept(desk) == 0, "it was back meanwhile"
    goes(desk, two.identity)
    desk.now += KEPT + HOUR
    assert swept(desk) == 1
    assert places(desk.news.session) == [two.identity]
    names = desk.news.session.execute(select(SourceName.name)).scalars().all()
    assert names == ["CVE-2026-1002"]


@pytest.mark.parametrize("said", [{}, CVE], ids=["document", "catalogue"])
def test_what_is_back_after_it_was_forgotten_is_told_no_second_time(
    desk: Desk, said: dict[str, str]
) -> None:
    from bot.advisories import subscribing
    from bot.advisories.subscribing import Place, Wanted

    session, item = desk.news.session, thing(1, **said)
    place = Place("fake:a/room")
    subscribing.begin(session, person("a"), TeamKey("a"), Wanted(), place, BEGUN)
    desk.feed()
    assert len(desk.brings(item)) == len(ROOMS) + 1
    goes(desk)
    desk.now += KEPT + HOUR
    assert swept(desk) == 1
    assert desk.brings(item) == []
    told = desk.brings(thing(1, **said, version="2", changed=("It is exploited.",)))
    words = [each for each in told if isinstance(each.content, Post)]
    assert {"It is exploited." in text for text in texts(words)} == {True}
    assert len(session.execute(select(Story)).scalars().all()) == 1


def test_the_same_at_two_places_is_told_and_revised_once(desk: Desk) -> None:
    desk.feed()
    session = desk.news.session

    def both(item: Item) -> list[Outgoing]:
        found = [Found(place, item) for place in ("old/a.json", "new/a.json")]
        shelf.hold(session, "acme", found, desk.now)
        shelf.release(session, "acme", first=False)
        return desk.told()

    assert len(both(thing())) == len(ROOMS)
    told = both(thing(version="2", changed=("It is exploited.",)))
    assert len(told) == 2 * len(ROOMS), "an edit and a word in each thread"


def test_what_was_one_of_many_is_no_news_when_it_is_back(desk: Desk) -> None:
    desk.feed(sending=POSTS)
    many = [thing(n) for n in range(30)]
    assert "30 new entries" in "".join(texts(desk.brings(*many)))
    goes(desk)
    desk.now += KEPT + HOUR
    assert swept(desk) == 30
    assert desk.brings(many[3]) == []


def test_of_a_feed_that_the_settings_name_no_more_nothing_is_left_in_the_end(desk: Desk) -> None:
    desk.feed()
    desk.brings(thing())
    assert swept(desk, "other") == 1, "it was never read whole"
    assert places(desk.news.session) == []


def test_a_reading_notes_what_has_gone_and_what_is_back(sqlite: Database, clock: Clock) -> None:
    def gone() -> list[str]:
        found = select(SourceItem.place).where(SourceItem.gone.is_not(None))
        return [
            each.rpartition("/")[2]
            for each in sqlite.read_now(lambda s: s.execute(found).scalars().all())
        ]

    async def play() -> None:
        async with far_side() as side:
            provider = Publisher(side)
            for name in ("A-1", "A-2"):
                provider.puts(name, written(document(name)))
            desk = Desk(None)  # type: ignore[arg-type]  # for the feed alone
            feed = desk.feed(url=provider.lists())
            rounds = Rounds(sqlite, WAY, clock, lambda: 0.0)
            await rounds.make(feed)
            entries = provider.entries
            provider.entries = entries[1:]
            provider.lists()
            await rounds.make(feed)
            assert gone() == ["A-1.json"]
            await rounds.make(feed)
            assert gone() == ["A-1.json"], "a list that is as it was says nothing new"
            provider.entries = entries
            provider.lists()
            await rounds.make(feed)
            assert gone() == []

    asyncio.run(play())


def test_a_feed_that_is_down_has_lost_nothing(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with far_side() as side:
            provider = Publisher(side)
            provider.puts("A-1", written(document("A-1")))
            desk = Desk(None)  # type: ignore[arg-type]  # for the feed alone
            feed = desk.feed(url=provider.lists())
            rounds = Rounds(sqlite, WAY, clock, lambda: 0.0)
            await rounds.make(feed)
            side.says("/csaf/feed.json", "", status=500)
            await rounds.make(feed)

    asyncio.run(play())
    found = select(SourceItem.gone)
    assert sqlite.read_now(lambda s: s.execute(found).scalars().all()) == [None]


def stories(desk: Desk) -> int:
    """How many stories are known; forgets those that need not be."""
    session = desk.news.session
    sweeping.sweep_stories(session, desk.now - 2 * KEPT)
    kept = session.execute(select(Story)).scalars().all()
    named = set(session.execute(select(StoryName.ref)).scalars())
    news = select(Reference.handle).where(Reference.kind == "news")
    posted = set(session.execute(select(Posting.ref)).scalars())
    assert {each.ref for each in kept} == named == set(session.execute(news).scalars()) == posted
    return len(kept)


def test_that_it_was_told_is_forgotten_when_it_has_been_gone_for_twice_as_long(desk: Desk) -> None:
    desk.feed()
    desk.brings(thing(1))
    desk.now += 3 * KEPT
    assert stories(desk) == 1, "the feed has it still"
    goes(desk)
    desk.now += KEPT + HOUR
    assert swept(desk) == 1
    assert stories(desk) == 1, "it may come back, and be no news"
    desk.now += KEPT - 2 * HOUR
    assert stories(desk) == 1
    desk.now += 3 * HOUR
    assert stories(desk) == 0
    assert len(desk.brings(thing(1))) == len(ROOMS), "told anew after years"


def test_what_another_source_has_is_known_by_its_cve_as_told(desk: Desk) -> None:
    desk.feed()
    desk.brings(thing(1, **CVE))
    goes(desk)
    desk.now += KEPT + HOUR
    desk.feed("other")
    desk.brings(thing(1), name="other")
    assert swept(desk, "acme", "other") == 1
    desk.now += 3 * KEPT
    assert stories(desk) == 1
