"""From a room to what the gate asks of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.events import PersonId, Standing
from bot.sharing.audience import CLOSED, UNREAD, WORLD, Opening, build_audience
from bot.sharing.doors import Rules, door_of
from bot.sharing.gate import ALLOWED, NOT_YET, Denied, Matter, Reason, Verdict, judge
from bot.sharing.marking import Label
from bot.sharing.traits import Traits
from tests.bot.sharing.allies import ALLIES, ALPHA, BRAVO, matrix, slack

NOW = datetime(2026, 3, 4, tzinfo=UTC)
FIT = Traits(private=True, invitation_only=True)
OPEN = Traits(private=False, invitation_only=False)
ADA = (slack("U5"), Standing.MEMBER)
BEN = (matrix("@b:bravo.example"), Standing.MEMBER)
GUEST = (slack("U6"), Standing.GUEST)
HOLD, REPORT = Rules(Label.AMBER), Rules(Label.AMBER, hold=False)
WAIVED = Rules(Label.AMBER, hold=False, waiver="agreed")
WORKSPACE = Opening(frozenset({"slack:alpha"}))

People = list[tuple[PersonId, Standing]]


def judged(
    label: Label, rules: Rules, people: People, opening: Opening, traits: Traits | None
) -> Verdict:
    door = door_of(
        rules, build_audience(people, opening, ALLIES), traits, frozenset({ALPHA, BRAVO})
    )
    return judge(Matter(label, NOW, ALPHA), door)


@pytest.mark.parametrize(
    ("label", "rules", "people", "opening", "traits", "reason"),
    [
        (Label.AMBER, HOLD, [ADA], CLOSED, FIT, None),
        (Label.GREEN, HOLD, [ADA, BEN], CLOSED, FIT, None),
        (Label.AMBER, HOLD, [ADA, BEN], CLOSED, FIT, Reason.CLEARANCE),
        (Label.AMBER, HOLD, [ADA], WORKSPACE, FIT, Reason.CLEARANCE),  # one in it is of bravo
        (Label.CLEAR, HOLD, [ADA, GUEST], CLOSED, FIT, None),
        (Label.GREEN, HOLD, [ADA, GUEST], CLOSED, FIT, Reason.STRANGERS),
        (Label.GREEN, REPORT, [ADA, GUEST], CLOSED, FIT, None),
        (Label.AMBER, HOLD, [ADA], CLOSED, OPEN, Reason.UNFIT),
        (Label.AMBER, WAIVED, [ADA], CLOSED, OPEN, None),
        (Label.CLEAR, HOLD, [ADA], WORLD, OPEN, None),
        (Label.GREEN, REPORT, [ADA], WORLD, OPEN, Reason.STRANGERS),
        (Label.GREEN, WAIVED, [ADA], WORLD, OPEN, None),
    ],
)
def test_what_a_room_is_like_decides_what_enters_it(
    label: Label,
    rules: Rules,
    people: People,
    opening: Opening,
    traits: Traits,
    reason: Reason | None,
) -> None:
    verdict = judged(label, rules, people, opening, traits)
    assert (verdict.reason if isinstance(verdict, Denied) else None) is reason
    assert isinstance(verdict, Denied) or verdict is ALLOWED


def test_until_all_of_a_room_is_known_what_enters_waits() -> None:
    assert judged(Label.GREEN, HOLD, [ADA], CLOSED, None) is NOT_YET
    assert judge(Matter(Label.GREEN, NOW), door_of(HOLD, UNREAD, FIT, frozenset())) is NOT_YET
    unknown = (slack("U9"), Standing.UNKNOWN)
    assert judged(Label.GREEN, HOLD, [unknown], CLOSED, FIT) is NOT_YET
