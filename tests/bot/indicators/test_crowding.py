"""What is said very often of one thing costs no more than its measure, and hides nobody's word."""

from __future__ import annotations

import pytest

from bot.indicators import crowding, hanging, lookup
from bot.indicators.answers import Answer
from bot.indicators.things import Link, Thing
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from tests.indicators import ADDRESS, DOMAIN, A, feed, one, rendered, sees, take_in, thing

AMBER = Marking(Label.AMBER)


def seen(database: Database) -> Answer:
    return one(database, ADDRESS, sees(A, Label.GREEN))


@pytest.fixture(params=[5, 1000])
def _measured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small measure, which what is asked at once is below, or above."""
    for module in (lookup, hanging):
        monkeypatch.setattr(module, "ROOM", request.param)
    monkeypatch.setattr(lookup, "EACH", 3)
    monkeypatch.setattr(hanging, "TIES", 3)
    monkeypatch.setattr(crowding, "_PAGE", 2)


@pytest.mark.usefixtures("_measured")
def test_of_each_source_the_newest_statements_are_shown_whatever_lies_between(
    database: Database,
) -> None:
    take_in(database, feed("acme"), thing(1, ADDRESS, confidence=50))
    take_in(database, feed("hostile"), *(thing(n, ADDRESS, name=f"n{n}") for n in range(10, 19)))
    alone = seen(database)
    assert sorted(each.name for each in alone.statements) == ["", "n16", "n17", "n18"]
    hidden = (thing(n, ADDRESS, marking=AMBER) for n in range(100, 109))
    take_in(database, feed("hostile"), *hidden)
    assert rendered([seen(database)]) == rendered([alone])
    assert one(database, DOMAIN).statements == ()


@pytest.mark.usefixtures("_measured")
def test_of_what_an_object_hangs_together_with_the_newest_is_followed(database: Database) -> None:
    indicator = thing(1, ADDRESS)

    def tied(number: int, **more: object) -> list[Thing]:
        malware = thing(number, kind="malware", name=f"m{number}")
        tie = Link("indicates", indicator.id, malware.id)
        return [malware, thing(number, kind="relationship", links=(tie,), **more)]

    take_in(database, feed(), indicator, *(each for n in range(10, 19) for each in tied(n)))
    alone = seen(database)
    names = [each.name for each in alone.statements[0].belongs]
    assert names == ["m16", "m17", "m18"]
    take_in(database, feed(), *(e for n in range(100, 109) for e in tied(n, marking=AMBER)))
    assert rendered([seen(database)]) == rendered([alone])
