"""Whose member a person is, and whom a name means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import PersonId, Standing
from bot.sharing.teams import Directory, Team, TeamKey
from tests.bot.sharing.allies import ALLIES, ALPHA, BRAVO, CHARLIE, directory, matrix, slack

MEMBER = Standing.MEMBER


@pytest.mark.parametrize(
    ("person", "standing", "team"),
    [
        (slack("U5"), Standing.MEMBER, ALPHA),
        (slack("B5"), Standing.APP, ALPHA),
        (slack("U5"), Standing.GUEST, None),
        (slack("U5"), Standing.FOREIGN, None),
        (slack("U5"), Standing.UNKNOWN, None),
        (slack("U5", "other"), Standing.MEMBER, None),
        # who is named is of the team that names them, whatever the workspace is
        (slack("U7"), Standing.MEMBER, BRAVO),
        (slack("U7"), Standing.GUEST, BRAVO),
        (slack("U7"), Standing.UNKNOWN, BRAVO),
        (slack("U7", "other"), Standing.MEMBER, None),
        (slack("U1"), Standing.GUEST, ALPHA),
        (slack("U7"), Standing.OURS, None),
        (matrix("@ada:bravo.example"), Standing.MEMBER, BRAVO),
        (matrix("@ada:BRAVO.example"), Standing.MEMBER, BRAVO),
        (matrix("@ada:bravo.example", "second"), Standing.MEMBER, BRAVO),
        (matrix("@liaison:bravo.example"), Standing.OURS, None),
        (matrix("@ada:bravo.example:8448"), Standing.MEMBER, None),
        (matrix("@ada:evil.bravo.example"), Standing.MEMBER, None),
        (matrix("@bravo.example:evil.example"), Standing.MEMBER, None),
        (matrix("@cyd:open.example"), Standing.MEMBER, CHARLIE),
        (matrix("@dan:open.example"), Standing.MEMBER, None),
        (matrix("@eve:elsewhere.example"), Standing.MEMBER, BRAVO),
        (matrix("@eve:elsewhere.example/x"), Standing.MEMBER, None),
    ],
)
def test_the_most_specific_wins(person: PersonId, standing: Standing, team: TeamKey | None) -> None:
    found = ALLIES.team_of(person, standing)
    assert (found and found.key) == team


@pytest.mark.parametrize(
    ("name", "teams"),
    [
        ("alpha", {ALPHA}),
        ("Alpha", {ALPHA}),
        ("inner", {ALPHA, BRAVO}),
        ("PARTNERS", {ALPHA, BRAVO, CHARLIE}),
        ("nobody", set()),
        ("FRA", {ALPHA, CHARLIE}),
        ("fr", {ALPHA, CHARLIE}),
        ("deu", {BRAVO}),
        ("DE", {BRAVO}),
        ("US", set()),
        ("outer", set()),
        ("CERT Alpha", set()),
        ("", set()),
    ],
)
def test_a_name_means_a_team_a_group_or_a_country(name: str, teams: set[TeamKey]) -> None:
    assert ALLIES.reached_by(name) == teams


def test_a_teams_name_comes_before_a_countrys() -> None:
    both = directory([Team(TeamKey("de"), "A"), Team(BRAVO, "B", country="DEU")])
    assert both.reached_by("DE") == {"de"}
    assert both.reached_by("DEU") == {BRAVO}


def test_without_teams_everybody_is_a_stranger() -> None:
    nobody = Directory()
    assert nobody.team_of(slack("U1"), MEMBER) is None
    assert nobody.reached_by("FRA") == frozenset()


NAMES = [f"n{n}" for n in range(6)]


@given(
    st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from([*NAMES, "a", "b"]))),
    st.sampled_from(NAMES),
)
def test_a_group_has_the_teams_of_its_groups(groups: dict[str, list[str]], name: str) -> None:
    teams = [Team(TeamKey(key), key) for key in ("a", "b")]
    found = directory(teams, groups)
    below = [found.members_of(each) for each in groups.get(name, [])]
    assert found.members_of(name) == frozenset().union(*below)
    assert found.members_of(name) <= {"a", "b"}
