"""What is released is seen, watched, given out and counted as it is marked from then on."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.custody.releasing import Releaser
from bot.errors import UserError
from bot.events import PersonId, RoomId
from bot.indicators import exporting, people, shelf
from bot.indicators.importing import Importing
from bot.indicators.observable import Observable
from bot.indicators.releasing import Indicators, by_handle, by_name, by_ref, by_value
from bot.indicators.sight import Sight, of_operator, of_team
from bot.indicators.stix.markings import TLP_2
from bot.indicators.things import Seen, Thing
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from tests.custody import KEY, Alliance
from tests.indicators import (
    ADDRESS,
    LATER,
    NOW,
    A,
    B,
    C,
    feed,
    markings,
    one,
    sees,
    take_in,
    thing,
)

GREEN, AMBER = Marking(Label.GREEN), Marking(Label.AMBER)
INNER = Marking(Label.GREEN, (frozenset({"inner"}),))
BY = Releaser(PersonId("fake:a/ada"), RoomId("fake:a/room"))
IDS = {label: each for each, label in TLP_2.items()}


def low() -> Sight:
    """What a team sees that may read no more than TLP:GREEN."""
    return sees(B, Label.GREEN)


def release(
    database: Database, marking: Marking, value: Observable = ADDRESS, sight: Sight | None = None
) -> None:
    """The first that is said of a value."""
    kind = Indicators(Alliance().custody)
    seen = of_operator() if sight is None else sight
    (found,) = database.read_now(lambda s: by_value(s, seen, KEY, value))
    database.run_now(lambda s: kind.release(s, kind.thing(found), marking, BY, LATER))


def stix(number: int, **more: object) -> Thing:
    """An object of STIX that bears TLP:AMBER."""
    told = {
        "type": "indicator", "spec_version": "2.1", "modified": "2026-11-24T09:00:00.000Z",
        "created": "2026-11-24T09:00:00.000Z",
        "id": f"indicator--00000000-0000-4000-8000-{number:012d}",
        "object_marking_refs": [IDS[Label.AMBER], "marking-definition--" + "1" * 8],
    } | more  # fmt: skip
    raw = json.dumps(told).encode()
    return thing(number, ADDRESS, raw=raw, marking=AMBER)


def test_it_is_seen_at_once_by_whoever_may_read_its_new_label(database: Database) -> None:
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    assert not one(database, ADDRESS, low()).known
    release(database, GREEN)
    for sight in (low(), sees(A), of_operator()):
        (found,) = one(database, ADDRESS, sight).statements
        assert (found.marking, found.team) == (GREEN, A)


def test_a_wider_group_sees_it_and_who_came_before_the_release_too(database: Database) -> None:
    since = {"inner": {A: None, B: NOW + timedelta(hours=1)}}
    take_in(database, feed(originator=C), thing(1, ADDRESS, marking=INNER))

    def known(team: TeamKey) -> bool:
        return one(database, ADDRESS, of_team(markings(since=since), team)).known

    assert (known(A), known(B)) == (True, False), "b was not in the group by then"
    release(database, INNER)
    assert (known(A), known(B)) == (True, True)


def test_those_who_watch_are_told_as_of_something_new(database: Database) -> None:
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    found, until = database.read_now(lambda s: people.appeared(s, low(), 0))
    assert found == []
    release(database, GREEN)
    (told,), _ = database.read_now(lambda s: people.appeared(s, low(), until))
    assert (told.said[0].observable, told.marked.marking) == (ADDRESS, GREEN)


def test_what_is_given_out_bears_the_new_label_and_is_new_to_who_asks_on(
    database: Database,
) -> None:
    granular = [{"marking_ref": IDS[Label.AMBER], "selectors": ["name"]}, {"lang": "de"}]
    take_in(database, feed(originator=A), stix(1, granular_markings=granular))
    before, _ = database.read_now(lambda s: shelf.page(s, sees(A), shelf.Wanted()))
    release(database, GREEN)
    wanted = shelf.Wanted(after=before[0].added)
    (given,), _ = database.read_now(lambda s: shelf.page(s, low(), wanted))
    (bundled,) = database.read_now(lambda s: list(exporting.given(s, low())))
    for content in (given.content, bundled.raw):
        told = json.loads(content)
        assert told["object_marking_refs"] == ["marking-definition--11111111", IDS[Label.GREEN]]
        assert told["granular_markings"] == [{"lang": "de"}]
        assert told["modified"] == "2026-11-24T09:00:00.000Z"
    (raw,) = database.read_now(lambda s: list(exporting.given(s, low(), stix=False)))
    assert json.loads(raw.raw)["granular_markings"] == granular, "its bytes are as they came"


def test_it_is_counted_where_it_is_now(database: Database) -> None:
    take_in(database, feed(label=Label.AMBER, originator=A), thing(1, ADDRESS), thing(2, ADDRESS))
    (first, _) = database.read_now(lambda s: by_value(s, of_operator(), KEY, ADDRESS))
    kind = Indicators(Alliance().custody)
    database.run_now(lambda s: kind.release(s, kind.thing(first), GREEN, BY, LATER))

    def counted(sight: Sight) -> list[object]:
        found = database.read_now(
            lambda s: exporting.stats(s, sight, LATER, None, everything=False)
        )
        return [each["indicators"] for each in found]

    assert (counted(low()), counted(sees(A))) == ([1], [2])


def test_a_sighting_that_was_released_counts_for_those_who_see_it(database: Database) -> None:
    take_in(
        database, feed(originator=A), thing(1, ADDRESS),
        thing(2, kind="sighting", marking=AMBER, seen=Seen(thing(1).id, 3)),
    )  # fmt: skip
    assert not one(database, ADDRESS, low()).sightings
    kind = Indicators(Alliance().custody)
    (found,) = database.read_now(
        lambda s: by_ref(s, of_operator(), KEY, thing(2, kind="sighting").id)
    )
    database.run_now(lambda s: kind.release(s, kind.thing(found), GREEN, BY, LATER))
    assert one(database, ADDRESS, low()).sightings[0].times == 3


def test_what_comes_again_unchanged_stays_released_and_a_new_version_ends_it(
    database: Database,
) -> None:
    source = feed(originator=A)
    first = thing(1, ADDRESS, marking=AMBER)
    take_in(database, source, first)
    release(database, GREEN)
    assert take_in(database, source, first).unchanged == 1
    other = thing(1, ADDRESS, marking=AMBER, raw=b'{"spelled": "otherwise"}')
    assert take_in(database, source, other).unchanged == 1, "the same version, marked the same"
    assert one(database, ADDRESS, low()).known
    assert take_in(database, source, thing(1, ADDRESS, marking=AMBER, version=2)).updated == 1
    assert not one(database, ADDRESS, low()).known
    counts = database.read_now(
        lambda s: exporting.stats(s, of_operator(), LATER, None, everything=True)
    )
    assert [each["indicators"] for each in counts] == [1]


def test_it_is_found_by_value_id_handle_and_name_by_those_who_see_it_alone(
    database: Database,
) -> None:
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    (found,) = database.read_now(lambda s: by_value(s, sees(A), KEY, ADDRESS))
    name = Indicators(Alliance().custody).thing(found).name
    for sight, many in ((sees(A), 1), (low(), 0)):
        ways = database.read_now(
            lambda s, sight=sight: [  # type: ignore[misc]
                by_value(s, sight, KEY, ADDRESS),
                by_ref(s, sight, KEY, thing(1).id),
                by_handle(s, sight, KEY, found.handle),
                list(filter(None, [by_name(s, sight, KEY, name)])),
            ]
        )
        assert [len(each) for each in ways] == [many] * 4


def test_while_its_source_brings_it_nothing_is_released(database: Database) -> None:
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    release(database, Marking(Label.AMBER, ()))  # a row that the next import looks at again
    importing = Importing(feed(originator=A), [], lambda: LATER)
    database.run_now(importing.begin)
    with pytest.raises(UserError, match="being read just now"):
        release(database, GREEN)
    for unit in importing.settle():
        database.run_now(unit.work)
    release(database, GREEN)
    assert one(database, ADDRESS, low()).known
