"""The gate, against a plainly written reading of the promise: reader by reader."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from bot.sharing.gate import ALLOWED, NOT_YET, Allowed, Denied, Door, Matter, Reason, judge
from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ALPHA, BRAVO, CHARLIE = (TeamKey(name) for name in ("alpha", "bravo", "charlie"))
CLEARANCES = {ALPHA: Label.AMBER_STRICT, BRAVO: Label.AMBER, CHARLIE: Label.GREEN}

AUDIENCES: list[tuple[TeamKey | None, ...]] = [
    (),
    (ALPHA,),
    (ALPHA, BRAVO),
    (ALPHA, BRAVO, CHARLIE),
    (BRAVO, None),
    (None,),
]
"""Who can read a room, None for somebody of no team."""
ROSTERS = [frozenset({ALPHA}), frozenset({ALPHA, BRAVO, CHARLIE})]
RELEASABLE = [None, frozenset[TeamKey](), frozenset({BRAVO}), frozenset({ALPHA, BRAVO})]
ORIGINATORS = [None, ALPHA, CHARLIE]


def door(
    audience: tuple[TeamKey | None, ...],
    ceiling: Label,
    roster: frozenset[TeamKey],
    *,
    unfit: bool = False,
) -> Door:
    teams = frozenset(team for team in audience if team is not None)
    return Door(
        ceiling,
        teams,
        roster,
        lowest=min((CLEARANCES[team] for team in teams), default=Label.AMBER_STRICT),
        strangers=None in audience,
        unfit=unfit,
    )


def may_read(reader: TeamKey | None, matter: Matter, roster: frozenset[TeamKey]) -> bool:
    """Whether one reader may read something, as TLP 2.0 and the promise say it."""
    if matter.label is Label.RED:
        return False
    if reader is None:
        return matter.label is Label.CLEAR and matter.releasable is None
    if matter.releasable is not None and reader not in matter.releasable | {matter.originator}:
        return False
    if matter.label is Label.CLEAR:
        return True
    if matter.label is Label.AMBER_STRICT and reader not in roster:
        return False
    return CLEARANCES[reader] >= matter.label


def test_a_room_is_entered_exactly_when_everyone_in_its_audience_may_read_it() -> None:
    counted = {True: 0, False: 0}
    cases = itertools.product(
        Label, Label, AUDIENCES, ROSTERS, RELEASABLE, ORIGINATORS, [False, True]
    )
    for label, ceiling, audience, roster, releasable, originator, unfit in cases:
        matter = Matter(label, NOW, originator, releasable)
        verdict = judge(matter, door(audience, ceiling, roster, unfit=unfit))
        may = (
            label <= ceiling
            and label is not Label.RED
            and not (unfit and label > Label.GREEN)
            and all(may_read(reader, matter, roster) for reader in audience)
        )
        assert isinstance(verdict, Allowed) is may, (matter, audience, ceiling, roster, verdict)
        counted[may] += 1
    assert min(counted.values()) > 500


def test_nothing_but_what_is_for_everybody_enters_where_the_audience_is_not_known() -> None:
    room = Door(Label.AMBER, frozenset(), frozenset(), known=False)
    assert judge(Matter(Label.GREEN, NOW), room) is NOT_YET
    assert judge(Matter(Label.CLEAR, NOW, ALPHA, frozenset()), room) is NOT_YET
    assert judge(Matter(Label.CLEAR, NOW), room) is ALLOWED
    assert judge(Matter(Label.RED, NOW), room) == Denied(Reason.RED)


def test_what_was_said_before_a_team_joined_stays_closed_to_it() -> None:
    room = Door(Label.AMBER, frozenset({ALPHA}), frozenset({ALPHA}), youngest=NOW)
    before = Matter(Label.GREEN, NOW - timedelta(seconds=1))
    assert judge(before, room) == Denied(Reason.LEFT_OUT)
    assert judge(Matter(Label.GREEN, NOW), room) is ALLOWED


def test_strangers_are_let_be_where_the_channel_only_reports_them() -> None:
    room = Door(Label.AMBER, frozenset({ALPHA}), frozenset(), strangers=True, hold=False)
    assert judge(Matter(Label.AMBER, NOW), room) is ALLOWED


@pytest.mark.parametrize(
    ("matter", "because"),
    [
        (Matter(Label.AMBER_STRICT, NOW), Denied(Reason.NOT_ON_ROSTER, frozenset({ALPHA}))),
        (
            Matter(Label.AMBER, NOW, None, frozenset({BRAVO})),
            Denied(Reason.NOT_RELEASABLE, frozenset({ALPHA})),
        ),
    ],
    ids=["roster", "releasable"],
)
def test_a_denial_names_the_teams_because_of_whom(matter: Matter, because: Denied) -> None:
    room = Door(Label.AMBER_STRICT, frozenset({ALPHA, BRAVO}), frozenset({BRAVO}))
    assert judge(matter, room) == because
