"""What several teams have seen: by what an audience may know alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.indicators import together
from bot.indicators.observable import Kind, Observable
from bot.indicators.reports import saw
from bot.indicators.together import seen_together
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from tests.indicators import ADDRESS, DOMAIN, NOW, A, B, C, feed, sees, take_in, thing

GREEN, AMBER = Marking(Label.GREEN), Marking(Label.AMBER)


def seen(database: Database, value: Observable, team: TeamKey, marking: Marking = GREEN) -> None:
    database.run_now(lambda s: saw(s, value, team, marking, NOW))


def found(database: Database, most: int = 10) -> list[tuple[Observable, tuple[str, ...]]]:
    """What a team is told that may read no more than TLP:GREEN."""
    sight, since = sees(C, Label.GREEN), NOW - timedelta(hours=1)
    rows = database.read_now(lambda s: seen_together(s, sight, since, most))
    return [(each.value, each.teams) for each in rows]


def test_what_two_teams_have_seen_is_told_with_their_names(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS), thing(2, DOMAIN))
    seen(database, ADDRESS, A)
    seen(database, ADDRESS, B)
    seen(database, DOMAIN, A)
    seen(database, DOMAIN, B, AMBER)
    assert found(database) == [(ADDRESS, ("a", "b"))]


def test_what_may_not_be_known_takes_the_place_of_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest sightings of all were looked at, and then what of them may be known."""
    monkeypatch.setattr(together, "_MOST", 3)
    monkeypatch.setattr(together, "_READ", 2)
    take_in(database, feed(), thing(1, ADDRESS), thing(2, DOMAIN))
    for value in (ADDRESS, DOMAIN):
        seen(database, value, A)
        seen(database, value, B)
    for n in range(7):
        seen(database, Observable(Kind.IPV4, f"192.0.2.{n}"), A, AMBER)
    assert [value for value, _ in found(database)] == [DOMAIN, ADDRESS]
    assert [value for value, _ in found(database, 1)] == [DOMAIN]
