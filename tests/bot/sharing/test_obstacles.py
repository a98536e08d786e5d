"""What stands between a room and its channel's ordinary messages."""

from __future__ import annotations

import pytest

from bot.events import Author, Standing
from bot.sharing.audience import CLOSED, WORLD, Opening, build_audience
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.obstacles import Obstacle, Sort, obstacles
from bot.sharing.traits import Traits
from tests.bot.sharing.allies import ALLIES, ALPHA, matrix, slack

FIT = Traits(private=True, invitation_only=True)
OPEN = Traits(private=False, invitation_only=True)
ADA = Author(slack("U5"), "Ada", standing=Standing.MEMBER)
BEN = Author(slack("U7"), "Ben", standing=Standing.MEMBER)
CYD = Author(matrix("@cyd:open.example"), "Cyd", standing=Standing.MEMBER)
GUY = Author(slack("U9"), "Guy", standing=Standing.GUEST)
STRANGE = Opening(frozenset({"slack:zulu"}))
PUBLIC = Obstacle(Sort.LACK, "public")


@pytest.mark.parametrize(
    ("marking", "readers", "opening", "traits", "expected"),
    [
        (Label.AMBER, [ADA, CYD], CLOSED, FIT, []),
        (Label.AMBER, [ADA, GUY], CLOSED, FIT, [Obstacle(Sort.PERSON, GUY.person)]),
        (Label.CLEAR, [ADA, GUY], WORLD, FIT, []),
        (Label.GREEN, [ADA], WORLD, FIT, [Obstacle(Sort.WORLD)]),
        (Label.GREEN, [ADA], STRANGE, FIT, [Obstacle(Sort.HOME, "slack:zulu")]),
        (Label.GREEN, [BEN], CLOSED, FIT, []),
        (Label.AMBER, [BEN], CLOSED, FIT, [Obstacle(Sort.TEAM, "bravo")]),
        (Label.AMBER, [CYD], CLOSED, FIT, []),
        (Label.AMBER_STRICT, [ADA, CYD], CLOSED, FIT, [Obstacle(Sort.TEAM, "charlie")]),
        (Label.GREEN, [ADA], CLOSED, OPEN, [PUBLIC]),
        (Label.GREEN, [ADA], CLOSED, None, []),
    ],
)
def test_each_obstacle_is_found(
    marking: Label,
    readers: list[Author],
    opening: Opening,
    traits: Traits | None,
    expected: list[Obstacle],
) -> None:
    people = ((each.person, each.standing) for each in readers)
    audience = build_audience(people, opening, ALLIES)
    rules = Rules(Label.AMBER_STRICT)
    found = obstacles(audience, traits, rules, marking, frozenset({ALPHA}), ALLIES)
    assert list(found) == expected


def test_a_waiver_or_a_low_ceiling_takes_what_a_room_lacks_for_granted() -> None:
    audience = build_audience([], CLOSED, ALLIES)
    for rules in (Rules(Label.AMBER, waiver="agreed"), Rules(Label.GREEN)):
        assert not list(obstacles(audience, OPEN, rules, Label.GREEN, frozenset(), ALLIES))
