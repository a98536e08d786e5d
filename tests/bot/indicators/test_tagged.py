"""Values by the tags of what speaks of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.custody.releasing import Releaser
from bot.events import PersonId, RoomId
from bot.indicators import tagged as finding
from bot.indicators.observable import Kind, Observable
from bot.indicators.raw import Asking
from bot.indicators.releasing import Indicators, by_value
from bot.indicators.sight import of_operator
from bot.indicators.tagged import tagged
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from tests.custody import KEY, Alliance
from tests.indicators import ADDRESS, DAY, DOMAIN, NOW, A, at, feed, sees, take_in, thing

AMBER = Marking(Label.AMBER)
OTHER = Observable(Kind.IPV4, "192.0.2.1")


def found(database: Database, tag: str) -> list[Observable]:
    """What a team finds that may read no more than TLP:GREEN."""
    return database.read_now(lambda s: tagged(s, tag, sees(A, Label.GREEN), NOW))


def test_what_bears_a_tag_and_holds_is_found_what_came_last_first(database: Database) -> None:
    take_in(
        database, feed(), thing(1, ADDRESS, labels=("C2", "Cat")), thing(2, DOMAIN, labels=("c2",)),
        thing(3, OTHER, labels=("c2x",)), thing(4, ADDRESS, labels=("c2",), revoked=True),
        thing(5, OTHER, labels=("c2",), valid_until=at(NOW) - DAY),
        thing(6, OTHER, labels=("c2",), marking=AMBER), thing(7, kind="malware", labels=("c2",)),
    )  # fmt: skip
    assert found(database, "c2") == found(database, "C2") == [DOMAIN, ADDRESS]
    assert found(database, "cat") == [ADDRESS]
    assert found(database, "c") == []


def test_what_may_not_be_seen_takes_the_place_of_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest five thousand of all were looked at, and then what of them may be seen."""
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr(finding, "_READ", 2)
    take_in(database, feed(), thing(1, ADDRESS, labels=("c2",)), thing(2, DOMAIN, labels=("c2",)))
    hidden = [thing(n, OTHER, labels=("c2",), marking=AMBER) for n in range(10, 17)]
    take_in(database, feed(), *hidden)
    assert found(database, "c2") == [DOMAIN, ADDRESS]


def test_a_new_version_is_found_by_its_own_tags_alone(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS, labels=("old", "both")))
    take_in(database, feed(), thing(1, ADDRESS, labels=("new", "both"), version=2))
    assert [found(database, each) for each in ("old", "both", "new")] == [[], [ADDRESS], [ADDRESS]]
    count = "SELECT count(*) FROM indicator_tag"
    assert database.read_now(lambda s: Asking(s).rows(count)) == [(2,)]


def test_what_is_released_is_found_by_its_tags_and_values(database: Database) -> None:
    network = Observable(Kind.NETWORK, "198.51.100.0/24")
    take_in(database, feed(originator=A), thing(1, network, labels=("c2",), marking=AMBER))
    kind, by = Indicators(Alliance().custody), Releaser(PersonId("p"), RoomId("r"))
    (spoken,) = database.read_now(lambda s: by_value(s, of_operator(), KEY, network))
    later = NOW + timedelta(hours=1)
    database.run_now(lambda s: kind.release(s, kind.thing(spoken), Marking(Label.GREEN), by, later))
    assert database.read_now(lambda s: tagged(s, "c2", sees(A, Label.GREEN), later)) == [network]
    for table in ("statement", "network", "tag", "raw"):
        rows = database.read_now(
            lambda s, table=table: Asking(s).rows(  # type: ignore[misc]
                f"SELECT count(*) FROM indicator_{table} t "
                "JOIN indicator_object o ON o.id = t.object"
            )
        )
        assert rows == [(1,)]
