"""What feeds bring is told once, where it may stand, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from bot.advisories import keeping
from bot.advisories.sources import bulletins, shelf
from bot.advisories.sources.feed import Feed, Sending
from bot.advisories.sources.filters import Filter
from bot.advisories.sources.gathered import Found
from bot.advisories.sources.item import Item
from bot.advisories.sources.kev import read_kev
from bot.advisories.sources.refusals import Refusal
from bot.advisories.sources.room import Newsroom as Room
from bot.advisories.sources.shelf import State
from bot.advisories.states import State as AdvisoryState
from bot.events import Edit, Outgoing, Post, RoomId
from bot.richtext import plain
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables.advisories import Advisory
from bot.store.tables.sources import SourceItem, Story
from bot.times.working import Severity
from tests.bot.advisories.newsroom import BEGUN, HOUR, Newsroom, newsroom
from tests.custody import ROOMS, Alliance

HOME = RoomId("fake:a/home")
GREEN = Marking(Label.GREEN)
POSTS = Sending(("c",), as_draft=False)
DRAFTS = Sending(("c",))


def thing(number: int = 1, **changed: object) -> Item:
    item = Item(
        f"csaf https://acme.example a-{number}", f"A-{number}", f"Gate {number} opens",
        summary="Anybody can enter.", severity=Severity.HIGH, cves=(f"CVE-2026-{1000 + number}",),
        vendors=("ACME",), products=("Gate",), version="1",
    )  # fmt: skip
    return msgspec.structs.replace(item, **changed)


@dataclass
class Desk:
    """Feeds that are read by hand, and told."""

    news: Newsroom
    feeds: dict[str, Feed] = field(default_factory=dict)
    products: dict[TeamKey, tuple[str, ...]] = field(default_factory=dict)
    now: datetime = BEGUN

    def feed(self, name: str = "acme", sending: Sending = POSTS, **changed: object) -> Feed:
        feed = Feed(name, "csaf", marking=GREEN, sending=sending)
        self.feeds[name] = replace(feed, **changed)  # type: ignore[arg-type]
        return self.feeds[name]

    def brings(
        self, *items: Item, name: str = "acme", first: bool = False, lands: bool = True
    ) -> list[Outgoing]:
        """A reading, and what is told of it."""
        session = self.news.session
        found = [Found(each.identity, each) for each in items]
        shelf.hold(session, name, found, self.now)
        shelf.release(session, name, first=first)
        return self.told(name, lands=lands)

    def told(self, name: str = "acme", *, lands: bool = True) -> list[Outgoing]:
        session = self.news.session
        room = Room(self.news, self.feeds, self.products, {name: TeamKey("a")})
        looked = bulletins.look(session, room, self.feeds[name])
        found = bulletins.tell(session, room, self.feeds[name], looked, self.now)
        self.news.left(found.outgoing, self.now)
        if lands:
            self.news.land(self.now)
        self.barred = found.barred
        self.now += timedelta(minutes=10)
        return list(found.outgoing)


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with newsroom(database) as news:
        news.alliance = Alliance(homes={"a": HOME})
        news.alliance.open()
        yield Desk(news)


def texts(outgoing: Sequence[Outgoing]) -> list[str]:
    return [plain(each.content.body) for each in outgoing if isinstance(each.content, Post | Edit)]


def rooms(outgoing: Sequence[Outgoing]) -> list[str]:
    return sorted(each.room for each in outgoing)


def test_an_item_is_posted_once_in_every_room(desk: Desk) -> None:
    desk.feed()
    told = desk.brings(thing())
    assert rooms(told) == sorted(ROOMS)
    (text, *_) = texts(told)
    assert text.split("\n")[0] == "TLP:GREEN · HIGH · A-1 · Gate 1 opens"
    for part in ("Anybody can enter.", "CVE-2026-1001", "the feed acme"):
        assert part in text
    assert desk.brings(thing()) == []


def test_the_first_line_says_it_all_in_eighty_characters(desk: Desk) -> None:
    desk.feed()
    (text, *_) = texts(desk.brings(thing(title="Gate " * 60, name="A" * 80)))
    first = text.split("\n")[0]
    assert len(first) <= 80
    assert first.startswith("TLP:GREEN · HIGH · A")


def test_markup_in_a_title_reaches_no_room_as_markup(desk: Desk) -> None:
    title = "<!channel> *x* [y](https://z.example) @everyone"
    desk.feed()
    (text, *_) = texts(desk.brings(thing(title=title, summary=title)))
    assert text.count(title) == 2


def test_what_the_filter_does_not_want_is_not_told(desk: Desk) -> None:
    only = Filter(severity=Severity.CRITICAL)
    desk.feed(sending=replace(POSTS, only=only))
    assert desk.brings(thing()) == []
    assert len(desk.brings(thing(2, severity=Severity.CRITICAL))) == 3


def test_ransomware_that_another_feed_knows_of_counts(desk: Desk) -> None:
    desk.feed("kev", Sending())
    desk.feed(sending=replace(POSTS, only=Filter(ransomware=True)))
    assert desk.brings(thing()) == []
    desk.brings(thing(9, cves=("CVE-2026-1002",), ransomware=True), name="kev")
    assert len(desk.brings(thing(2))) == 3


def test_a_room_that_may_not_have_it_does_not_get_it(desk: Desk) -> None:
    desk.feed(marking=Marking(Label.GREEN, (frozenset({"a", "b"}),)))
    told = desk.brings(thing())
    assert ROOMS[2] not in rooms(told)
    desk.feed(marking=Marking(Label.GREEN, (frozenset(),)))
    assert desk.brings(thing(2)) == []
    assert desk.barred == 1


def test_a_revision_edits_its_posts_and_says_what_changed_in_their_threads(desk: Desk) -> None:
    desk.feed()
    desk.brings(thing())
    later = thing(severity=Severity.CRITICAL, version="2", changed=("It is exploited.",))
    told = desk.brings(later)
    edits = [each for each in told if isinstance(each.content, Edit)]
    words = [each for each in told if isinstance(each.content, Post)]
    assert (len(edits), len(words)) == (3, 3)
    assert all(isinstance(e.content, Post) and e.content.thread is not None for e in words)
    assert "CRITICAL" in texts(edits)[0]
    assert "Severity: HIGH → CRITICAL" in texts(words)[0]
    assert "It is exploited." in texts(words)[0]
    assert desk.brings(later) == []


def test_the_same_from_two_sources_is_told_once(desk: Desk) -> None:
    desk.feed()
    desk.feed("mirror")
    desk.feed("kev")
    desk.brings(thing())
    assert desk.brings(thing(), name="mirror") == []
    also = desk.brings(
        thing(identity="cve CVE-2026-1001", name="CVE-2026-1001", ransomware=True), name="kev"
    )
    assert len(also) == 3
    assert all(isinstance(e.content, Post) and e.content.thread is not None for e in also)
    assert "Also in the feed kev" in texts(also)[0]
    assert "Ransomware" in texts(also)[0]
    other = thing(7, cves=("CVE-2026-1001", "CVE-2026-1007"))
    assert len(desk.brings(other, name="kev")) == 3
    assert "Also" not in texts(desk.brings(thing(8), name="kev"))[0]


def test_what_was_told_to_few_is_no_reason_not_to_tell_all(desk: Desk) -> None:
    desk.feed(marking=Marking(Label.GREEN, (frozenset({"a"}),)))
    desk.feed("open")
    assert rooms(desk.brings(thing())) == [ROOMS[0]]
    assert rooms(desk.brings(thing(), name="open")) == sorted(ROOMS)


def test_a_flood_is_one_list_in_each_room(desk: Desk) -> None:
    desk.feed()
    many = [thing(n, severity=Severity.LOW) for n in range(287)]
    many[200] = thing(200, severity=Severity.CRITICAL)
    told = desk.brings(*many)
    assert set(rooms(told)) == set(ROOMS)
    text = "\n".join(texts([each for each in told if each.room == ROOMS[0]]))
    assert text.startswith("TLP:GREEN · acme: 287 new entries\n")
    assert text.split("\n")[2] == "• CRITICAL · A-200 · Gate 200 opens"
    assert "• and 187 more" in text


def test_a_trickle_of_more_than_a_day_may_have_is_a_list_too(desk: Desk) -> None:
    desk.feed(sending=replace(POSTS, flood=3))
    assert len(desk.brings(thing(1), thing(2))) == 6
    assert "2 new entries" in texts(desk.brings(thing(3), thing(4)))[0]
    desk.now += 25 * HOUR
    assert "A-5" in texts(desk.brings(thing(5)))[0].split("\n")[0]


def test_a_list_holds_in_each_room_what_that_may_hold(desk: Desk) -> None:
    desk.news.alliance.open()
    desk.feed(sending=replace(POSTS, flood=1))
    told = desk.brings(thing(1, label=Label.CLEAR), thing(2, label=Label.AMBER_STRICT), thing(3))
    assert all("TLP:AMBER+STRICT" not in text or "3 new" in text for text in texts(told))


def test_the_first_reading_of_a_feed_floods_nobody(desk: Desk) -> None:
    desk.feed()
    told = desk.brings(*(thing(n) for n in range(1404)), first=True)
    assert rooms(told) == sorted(ROOMS)
    text = texts(told)[0]
    assert "read for the first time: 1404 entries" in text
    assert len(text.split("\n")) < 20
    assert "A-2000" in texts(desk.brings(thing(2000)))[0]


def test_few_of_a_new_feed_are_told_each(desk: Desk) -> None:
    desk.feed()
    assert len(desk.brings(thing(1), thing(2), first=True)) == 6


def test_nothing_is_told_before_a_reading_is_over(desk: Desk) -> None:
    desk.feed()
    shelf.hold(desk.news.session, "acme", [Found("x", thing())], BEGUN)
    assert desk.told() == []
    assert shelf.waiting_feeds(desk.news.session) == []
    shelf.release(desk.news.session, "acme", first=False)
    assert len(desk.told()) == 3


def drafts(desk: Desk) -> Sequence[Advisory]:
    return desk.news.session.execute(select(Advisory)).scalars().all()


def test_an_item_becomes_a_draft_that_its_team_is_told_of(desk: Desk) -> None:
    desk.feed(sending=DRAFTS)
    told = desk.brings(thing(details=(("What", "It *opens*."),)))
    (row,) = drafts(desk)
    assert rooms(told) == [HOME]
    assert f"TLP:GREEN · {row.ref} is a draft, made of the feed acme." in texts(told)[0]
    document = keeping.document_of(row)
    assert (document.title, document.label) == ("Gate 1 opens", Label.GREEN)
    assert document.cves == ("CVE-2026-1001",)
    assert (row.team, row.state, row.author) == ("a", AdvisoryState.DRAFT, "feed:acme")
    assert desk.news.seal(row, "a"), "anybody who speaks for the team seals what no person wrote"


def test_a_draft_that_nobody_wrote_at_follows_its_source(desk: Desk) -> None:
    desk.feed(sending=DRAFTS)
    desk.brings(thing())
    desk.brings(thing(title="Gate 1 opens wide", version="2"))
    (row,) = drafts(desk)
    assert keeping.document_of(row).title == "Gate 1 opens wide"


def test_a_draft_that_somebody_wrote_at_is_left_alone(desk: Desk) -> None:
    desk.feed(sending=DRAFTS)
    desk.brings(thing())
    (row,) = drafts(desk)
    row.writers = keeping.listed(["feed:acme", "fake:a/ada"])
    desk.brings(thing(title="Gate 1 opens wide", version="2"))
    assert keeping.document_of(row).title == "Gate 1 opens"


def test_a_revision_of_what_is_out_waits_for_its_seals(desk: Desk) -> None:
    from bot.advisories import releasing

    desk.feed(sending=DRAFTS)
    desk.brings(thing())
    (row,) = drafts(desk)
    desk.news.seal(row, "a")
    desk.news.left(releasing.release(desk.news.session, desk.news, row, desk.now), desk.now)
    desk.brings(thing(severity=Severity.CRITICAL, version="2"))
    update = releasing.pending_of(row)
    assert update is not None
    assert "HIGH → CRITICAL" in update.text


def test_a_revision_that_is_marked_higher_is_added_to_nothing_that_is_out(desk: Desk) -> None:
    from bot.advisories import releasing

    desk.feed(sending=DRAFTS)
    desk.brings(thing())
    (row,) = drafts(desk)
    desk.news.seal(row, "a")
    desk.news.left(releasing.release(desk.news.session, desk.news, row, desk.now), desk.now)
    told = desk.brings(thing(title="Kranich", label=Label.AMBER, version="2"))
    assert releasing.pending_of(row) is None
    assert "its source was revised" in "".join(texts(told))


def test_a_flood_is_one_draft(desk: Desk) -> None:
    desk.feed(sending=DRAFTS)
    desk.brings(*(thing(n) for n in range(50)))
    (row,) = drafts(desk)
    assert keeping.document_of(row).title == "acme: 50 new entries"
    desk.brings(*(thing(n) for n in range(100, 200)), first=True)
    assert len(drafts(desk)) == 1


def test_what_a_team_runs_is_told_in_its_own_room_alone(desk: Desk) -> None:
    desk.feed(sending=Sending())
    desk.products = {TeamKey("a"): ("ACME Gate",), TeamKey("b"): ("Door",)}
    told = desk.brings(thing(), thing(2, products=("Window",)))
    assert rooms(told) == [HOME]
    (text,) = texts(told)
    assert text.split("\n")[0] == "TLP:GREEN · 1 entry of acme is about what you run"
    assert "A-1 · Gate 1 opens — ACME Gate" in text
    assert desk.brings(thing(version="2")) == []


def test_what_a_home_room_may_not_hold_is_not_told_there(desk: Desk) -> None:
    desk.feed(sending=Sending(), marking=Marking(Label.GREEN, (frozenset({"b"}),)))
    desk.products = {TeamKey("a"): ("ACME Gate",)}
    assert desk.brings(thing()) == []


def test_a_document_that_is_refused_is_kept_with_its_reason_and_not_told(desk: Desk) -> None:
    desk.feed()
    session = desk.news.session
    refused = Found("x", None, Refusal.CYCLE, "A-1")
    assert shelf.hold(session, "acme", [refused], BEGUN) == (0, 1)
    shelf.release(session, "acme", first=False)
    assert desk.told() == []
    assert shelf.refused_of(session, "acme") == [("A-1", "cycle")]
    shelf.hold(session, "acme", [Found("x", thing())], BEGUN)
    shelf.release(session, "acme", first=False)
    assert len(desk.told()) == 3
    assert shelf.refused_of(session, "acme") == []


def test_a_revision_that_is_refused_leaves_what_was_told(desk: Desk) -> None:
    desk.feed()
    desk.brings(thing())
    session = desk.news.session
    row = session.execute(select(SourceItem)).scalar_one()
    shelf.hold(session, "acme", [Found(row.place, None, Refusal.HASH)], BEGUN)
    shelf.release(session, "acme", first=False)
    assert desk.told() == []
    assert shelf.refused_of(session, "acme") == [(row.identity, "hash")]
    told = desk.brings(thing(version="2", severity=Severity.LOW))
    assert "Severity: HIGH → LOW" in texts(told)[-1]


def test_what_is_told_keeps_no_more_than_is_compared(desk: Desk) -> None:
    desk.feed()
    desk.brings(thing(details=(("What", "secret words"),)))
    row = desk.news.session.execute(select(SourceItem)).scalar_one()
    assert row.state == State.TOLD
    assert "secret words" not in row.item
    assert desk.news.session.execute(select(Story)).scalar_one().kind == "post"


def test_who_asked_for_feeds_hears_of_what_is_new_as_far_as_their_team_may(desk: Desk) -> None:
    from bot.advisories import subscribing
    from bot.advisories.subscribing import Place, Wanted
    from tests.bot.advisories.newsroom import person

    session = desk.news.session
    for team in "ac":
        place = Place(f"fake:{team}/room")
        wanted = Wanted(severity=Severity.HIGH)
        subscribing.begin(session, person(team), TeamKey(team), wanted, place, BEGUN)
    desk.feed(sending=Sending(), marking=Marking(Label.GREEN, (frozenset({"a"}),)))
    told = desk.brings(thing(), thing(2, severity=Severity.LOW))
    assert [each.room for each in told] == ["fake:a/room"]
    assert desk.brings(thing()) == []


def test_a_team_that_asked_hears_in_its_own_room(desk: Desk) -> None:
    from bot.advisories import subscribing
    from bot.advisories.subscribing import Place, Wanted
    from tests.bot.advisories.newsroom import person

    place = Place("fake:a/room")
    subscribing.begin(
        desk.news.session, person("a"), TeamKey("a"), Wanted(), place, BEGUN, whole_team=True
    )
    desk.feed(sending=Sending())
    (told,) = desk.brings(thing())
    assert (told.room, isinstance(told.content, Post)) == (HOME, True)


KEV = Path(__file__).parents[5] / "shared" / "data" / "kev"


@pytest.mark.skipif(not KEV.exists(), reason="../shared/data/kev is not there")
def test_the_day_with_287_new_entries_is_one_list(desk: Desk) -> None:
    content = (KEV / "known_exploited_vulnerabilities.json").read_bytes()
    every = [each for each in read_kev(content) if isinstance(each, Item)]
    days = [each.updated for each in every]
    worst = max(set(days), key=days.count)
    desk.feed("kev", marking=Marking(Label.CLEAR))
    told = desk.brings(*(e for e in every if e.updated != worst), name="kev", first=True)
    assert len(told) == len(ROOMS)
    told = desk.brings(*every, name="kev")
    assert sum("kev: 287 new entries" in text for text in texts(told)) == len(ROOMS)
    changed = [msgspec.structs.replace(e, ransomware=True) for e in every if not e.ransomware]
    told = desk.brings(*changed[:2], name="kev")
    assert len(told) == 2 * len(ROOMS), "each by itself, as the list was of many"
    assert all("Ransomware is known to use it now." in text for text in texts(told))
