"""Watches: who hears of what sources give, and that nobody hears of what they may not see."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bot.events import Answer
from bot.indicators import people
from bot.indicators.observable import Kind, Observable
from bot.richtext import plain
from bot.sharing.marking import Label, Marking
from bot.sharing.membership import Circle, Membership
from bot.sharing.membership import Kind as Circling
from bot.store.database import Database
from bot.store.tables import Outbox
from bot.tasks import lookout
from bot.tasks.lookout import Lookout
from bot.words import words_for
from tests.commands.indicators import answered, context_of, said
from tests.custody import Alliance
from tests.indicators import ADDRESS, DAY, DOMAIN, NOW, A, B, at, feed, take_in, thing
from tests.stores import opened, sqlite_url


class Heard:
    """An alliance whose teams' delegates watch, and what they have heard."""

    def __init__(self, database: Database, **clearances: Label) -> None:
        self.database = database
        self.alliance = Alliance(clearances=clearances)
        self.alliance.open()
        self.lookout = Lookout(
            database, self.alliance.custody, lambda _lanes: None, words_for("en"), clock=lambda: NOW
        )
        self._read = 0

    def watch(self, team: str, what: str) -> None:
        said(self.database, context_of(self.alliance, team), f"watch {what}")

    def look(self) -> dict[str, str]:
        """What is told by a look."""
        return {str(each.person): plain(each.body) for each in self._answers()}

    def texts(self) -> list[str]:
        """All that is told by a look, to whomever."""
        return [plain(each.body) for each in self._answers()]

    def _answers(self) -> list[Answer]:
        asyncio.run(self.lookout.look())
        rows = self.database.read_now(
            lambda s: [row.content or b"" for row in s.query(Outbox).order_by(Outbox.seq)]
        )
        new, self._read = rows[self._read :], len(rows)
        return [msgspec.json.decode(each, type=Answer) for each in new]


def test_who_watches_hears_of_it_alone_with_its_marking_and_once(database: Database) -> None:
    heard = Heard(database)
    heard.watch("a", "198.51.100.7")
    assert heard.look() == {}
    said = thing(1, ADDRESS, name="C2 of Cat", labels=("c2", "cat"))
    take_in(database, feed("acme"), said, thing(2, DOMAIN))
    assert heard.look() == {
        "fake:a/ada": "TLP:GREEN 🔔 New about 198[.]51[.]100[.]7\n"
        "• 198[.]51[.]100[.]7: TLP:GREEN; indicator C2 of Cat; c2; cat\n"
        "“unwatch ipv4:198[.]51[.]100[.]7” ends this."
    }
    assert heard.look() == {}
    take_in(database, feed("acme"), thing(1, ADDRESS, name="C2 of Dog", version=2))
    assert "C2 of Dog" in heard.look()["fake:a/ada"]


def test_a_row_that_a_list_names_again_is_no_news(database: Database) -> None:
    """A list tells its rows anew four times in their time to live, and who watched one heard it
    each time.
    """
    heard = Heard(database)
    heard.watch("a", "198.51.100.7")

    def listed(days: int, **more: object) -> str:
        now, day = NOW + timedelta(days=days), timedelta(days=1)
        row = thing(1, ADDRESS, kind="line", version=0, valid_until=at(now + 30 * day), **more)
        take_in(database, feed(), row, now=now)
        return heard.look().get("fake:a/ada", "")

    assert "New about" in listed(0)
    assert listed(8) == listed(16) == ""
    assert "c2" in listed(24, labels=("c2",)), "that is new"
    assert listed(32, labels=("c2",)) == ""
    assert "New about" in listed(100, labels=("c2",)), "it was not listed any more"
    low = {"labels": ("c2",), "marking": Marking(Label.CLEAR)}
    assert "New about" in listed(101, **low)
    assert listed(108, **low) == ""
    hidden = {"labels": ("c2",), "marking": Marking(Label.AMBER)}
    assert "TLP:AMBER" in listed(109, **hidden)
    assert listed(110, **low) == "", "what others see in between makes it no news"


def test_whoever_came_into_a_group_meanwhile_hears_of_what_a_list_names_still(
    database: Database,
) -> None:
    heard = Heard(database)
    inner, meanwhile = Circle(Circling.GROUP, "inner"), NOW + timedelta(days=1)
    facts = [Membership(A, inner), Membership(B, inner, meanwhile)]
    heard.alliance.custody.doors.join(facts, meanwhile)
    heard.watch("a", "198.51.100.7")
    heard.watch("b", "198.51.100.7")
    for days, who in ((0, ["fake:a/ada"]), (8, ["fake:b/ada"]), (16, [])):
        now = NOW + timedelta(days=days)
        row = thing(1, ADDRESS, kind="line", version=0, valid_until=at(now) + 30 * DAY)
        take_in(database, feed(group="inner"), row, now=now)
        assert sorted(heard.look()) == who


def test_what_a_watcher_may_not_see_triggers_nothing(database: Database) -> None:
    heard = Heard(database, b=Label.GREEN)
    heard.watch("a", "198.51.100.7")
    heard.watch("b", "198.51.100.7")
    take_in(database, feed(label=Label.AMBER), thing(1, ADDRESS))
    assert list(heard.look()) == ["fake:a/ada"]
    take_in(database, feed("red"), thing(2, ADDRESS, marking=Marking(Label.RED)))
    assert heard.look() == {}


@pytest.mark.parametrize(
    ("what", "value", "name", "hears"),
    [
        ("198.51.100.0/24", ADDRESS, "", True),
        ("198.51.101.0/24", ADDRESS, "", False),
        ("198.51.0.0/16", Observable(Kind.NETWORK, "198.51.100.0/24"), "", True),
        ("2001:db8::/32", ADDRESS, "", False),
        ("*.example.org", DOMAIN, "", True),
        ("*.evil.example.org", DOMAIN, "", False),
        ("*.example.org", Observable(Kind.URL, "http://a.evil.example.org/x"), "", True),
        ("evil.example.org", Observable(Kind.URL, "http://evil.example.org/x"), "", True),
        ("evil.example.org", Observable(Kind.DOMAIN, "a.evil.example.org"), "", False),
        ("cosy bear", ADDRESS, "C2 of Cosy Bear", True),
        ("cosy bear", ADDRESS, "C2", False),
    ],
)
def test_what_can_be_watched(
    sqlite: Database,
    what: str,
    value: Observable,
    name: str,
    hears: bool,
) -> None:
    heard = Heard(sqlite)
    heard.watch("a", what)
    take_in(sqlite, feed(), thing(1, value, name=name))
    assert bool(heard.look()) is hears


def test_many_new_things_are_one_message_and_caught_up_with_in_bounded_steps(
    sqlite: Database,
) -> None:
    heard = Heard(sqlite)
    heard.watch("a", "198.51.0.0/16")
    values = [Observable(Kind.IPV4, f"198.51.{n // 250}.{n % 250}") for n in range(1500)]
    take_in(sqlite, feed(), *(thing(n, value) for n, value in enumerate(values)))
    text = heard.look()["fake:a/ada"]
    assert text.count("\n") == 12
    assert "• and 490 more" in text
    assert heard.look() == {}


def test_how_many_come_together_tells_nothing_of_what_lies_between(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They came in so many as there were among a thousand objects of all kinds."""
    monkeypatch.setattr(lookout, "AT_ONCE", 10)

    def told(database: Database, hidden: int) -> list[str]:
        heard = Heard(database, b=Label.GREEN)
        heard.watch("b", "198.51.100.0/24")
        items = []
        for n in range(25):
            items.append(thing(n, Observable(Kind.IPV4, f"198.51.100.{n}")))
            items += [thing(1000 * n + k, DOMAIN, marking=Marking(Label.AMBER), kind="x")
                      for k in range(hidden)]  # fmt: skip
        take_in(database, feed(), *items)
        return heard.texts()

    (tmp_path / "other").mkdir()
    with opened(sqlite_url(tmp_path / "other")) as other:
        alone, beside = told(sqlite, 0), told(other, 3)
    assert alone == beside
    assert [text.count("\n• ") for text in alone] == [10, 10, 5]


def test_what_was_removed_meanwhile_is_passed_by(sqlite: Database) -> None:
    heard = Heard(sqlite)
    heard.watch("a", "198.51.100.7")
    take_in(sqlite, feed(), thing(1, ADDRESS))
    take_in(sqlite, feed(), thing(1, ADDRESS, version=2, marking=Marking(Label.RED)))
    assert heard.look() == {}
    (watch,) = sqlite.read_now(people.watches)
    assert sqlite.read_now(lambda s: people.watches(s, before=watch.seen)) == []
    assert watch.seen > 0


def test_who_may_see_it_since_it_was_released_hears_of_it(database: Database) -> None:
    heard = Heard(database, b=Label.GREEN)
    heard.watch("b", "198.51.100.7")
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=Marking(Label.AMBER)))
    assert heard.look() == {}
    context, typed = context_of(heard.alliance), "release 198.51.100.7 --marking green"
    question = answered(database, context, typed)
    answered(database, replace(context, confirmed=question.asks), typed)
    told = heard.look()
    assert list(told) == ["fake:b/ada"]
    assert "• 198[.]51[.]100[.]7: TLP:GREEN; indicator" in told["fake:b/ada"]


def test_the_first_line_fits_whatever_is_watched(sqlite: Database) -> None:
    heard, url = Heard(sqlite), Observable(Kind.URL, f"http://evil.example.org/{'x' * 300}")
    heard.watch("a", url.value)
    take_in(sqlite, feed(label=Label.AMBER_STRICT), thing(1, url))
    assert len(heard.look()["fake:a/ada"].split("\n")[0]) <= 80
