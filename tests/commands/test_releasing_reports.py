"""`release` and `ask-release` of what teams report of values: sightings, and false positives."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.bridge.names import cleaned
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.store.database import Database
from tests.commands.indicators import answered, context_of, person, said
from tests.commands.test_contribute import seat, told
from tests.commands.test_releasing import AMBER, NOTHING, alliance, confirmed, low
from tests.indicators import ADDRESS, A, C, feed, one, sees, take_in, thing

WAYS = ["sighting 198.51.100.7 --marking amber", "harmless 198.51.100.7 --marking amber"]
IOC = "ioc 198.51.100.7"


def handles(text: str) -> list[str]:
    return re.findall(r"i-[2-9a-kmnp-z]{13}", text)


@pytest.mark.parametrize("typed", WAYS)
def test_what_a_team_reported_is_released_by_that_team_and_seen_at_once(
    database: Database, typed: str
) -> None:
    there = alliance(clearances={"b": Label.GREEN})
    said(database, context_of(there), typed)
    before = said(database, context_of(there, "b"), IOC)
    question, answer = confirmed(database, there, "release 198.51.100[.]7 --marking green")
    assert plain(question.body).startswith("Release it as TLP:GREEN?\nIt is marked TLP:AMBER")
    assert plain(answer.body) == "Released as TLP:GREEN.\nIt goes to: CERT B"
    after = said(database, context_of(there, "b"), IOC)
    assert "CERT A" in after
    assert "CERT A" not in before


def test_all_that_was_reported_under_one_marking_is_one_thing(database: Database) -> None:
    there = alliance()
    for typed in (WAYS[0], f"{WAYS[0]} --count 3", "sighting 198.51.100.7 --marking amber+strict"):
        said(database, context_of(there), typed)
    several = said(database, context_of(there), "release 198.51.100.7")
    assert several.startswith("Several speak of it. Say which: i-")
    assert several.count("(a, sighting, TLP:AMBER") == 2
    confirmed(database, there, f"release {handles(several)[0]} --marking green")
    (seen,) = one(database, ADDRESS, low()).sightings
    assert seen.times in {4, 1}


def test_an_indicator_of_ones_own_is_meant_before_what_was_reported(database: Database) -> None:
    there = alliance()
    said(database, context_of(there), WAYS[0])
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    confirmed(database, there, "release 198.51.100.7 --marking green")
    answer = one(database, ADDRESS, low())
    assert (len(answer.statements), len(answer.sightings)) == (1, 0)
    details = said(database, context_of(there), "ioc --details 198.51.100.7")
    (handle,) = handles("\n".join(each for each in details.split("\n") if "own" in each))
    confirmed(database, there, f"release {handle} --marking green")
    assert one(database, ADDRESS, low()).sightings


def test_nobody_else_is_shown_what_it_is_called(database: Database) -> None:
    there = alliance()
    for typed in WAYS:
        said(database, context_of(there), typed)
    assert len(handles(said(database, context_of(there), "ioc --details 198.51.100.7"))) == 2
    assert not handles(said(database, context_of(there, "b"), "ioc --details 198.51.100.7"))


def test_another_team_asks_for_it_and_hears_the_answer(database: Database) -> None:
    there = alliance()
    seat(database, "a", "b")
    said(database, context_of(there), WAYS[0])
    said(database, context_of(there, "b"), "sighting 198.51.100.7 --marking amber")
    refused = said(database, context_of(there, "c"), "release 198.51.100.7 --marking green")
    assert refused.startswith("Several speak of it. Say which: i-")
    asked = answered(database, context_of(there, "b"), "ask-release 198.51.100.7")
    assert plain(asked.body).startswith("I have asked those whom it came from.")
    (text,) = told(asked).values()
    assert text.startswith(
        f"TLP:AMBER {cleaned('Ada')} of CERT B asks you to release what you say of 198[.]51"
    )
    wish = text.rsplit("release ", 1)[-1].split("”")[0]
    _, answer = confirmed(database, there, f"release {wish} --marking green")
    assert plain(answer.body).startswith("Released as TLP:GREEN.")
    assert "was released" in told(answer)["fake:b/ada"]
    seen = one(database, ADDRESS, sees(C, Label.GREEN)).sightings
    assert [each.team for each in seen] == [A]


@pytest.mark.parametrize("typed", WAYS)
def test_who_may_not_see_it_is_told_what_is_told_of_nothing(database: Database, typed: str) -> None:
    there = alliance(clearances={"b": Label.GREEN})
    said(database, context_of(there), typed)
    (handle,) = handles(said(database, context_of(there), "ioc --details 198.51.100.7"))
    for command in ("release", "ask-release"):
        for ref in ("198.51.100.7", handle, "i-2222222222222"):
            assert said(database, context_of(there, "b"), f"{command} {ref}") == NOTHING


def test_what_was_seen_anonymously_is_nobodys_to_release(database: Database) -> None:
    there = alliance()
    said(database, context_of(there), f"{WAYS[0]} --anonymous")
    assert said(database, context_of(there), "release 198.51.100.7") == NOTHING


def test_those_who_watch_and_could_not_see_it_hear_of_it(database: Database) -> None:
    there = alliance(clearances={"b": Label.GREEN})
    for team in ("b", "c"):
        said(database, context_of(there, team), "watch 198.51.100.7")
    said(database, context_of(there), WAYS[0])
    _, answer = confirmed(database, there, "release 198.51.100.7 --marking green")
    news = told(answer)
    assert list(news) == ["fake:b/ada"]
    assert "seen once by CERT A" in news["fake:b/ada"]


def test_two_persons_agree_to_the_same_reports(database: Database) -> None:
    there = alliance(needs=2)
    seat(database, "a")
    said(database, context_of(there), WAYS[0])
    _, first = confirmed(database, there, "release 198.51.100.7 --marking green")
    waiting = plain(first.body).rsplit(" ", 1)[-1]
    assert not one(database, ADDRESS, low()).sightings
    _, second = confirmed(database, there, f"release {waiting}", name="ben")
    assert plain(second.body).startswith("Released as TLP:GREEN.")
    assert one(database, ADDRESS, low()).sightings
    ben = replace(context_of(there), asker=person("a", "ben"))
    assert said(database, ben, f"release {waiting}").startswith("I know")
