"""What a person may do."""

from __future__ import annotations

import pytest

from bot.events import PersonId, Standing
from bot.sharing.roles import Part, Role, part_of
from bot.sharing.teams import Directory
from tests.bot.sharing.allies import ALLIES, ALPHA, BRAVO, matrix, slack

GUEST = {Role.GUEST}
MEMBER = {Role.GUEST, Role.MEMBER}


def part(*accounts: tuple[PersonId, Standing]) -> Part:
    return part_of(ALLIES, accounts)


@pytest.mark.parametrize(
    ("person", "standing", "roles"),
    [
        (slack("U9"), Standing.GUEST, GUEST),
        (slack("U9"), Standing.UNKNOWN, GUEST),
        (slack("U9"), Standing.MEMBER, MEMBER),
        (slack("U1"), Standing.MEMBER, MEMBER | {Role.DELEGATE, Role.ADMIN}),
        (slack("U2"), Standing.MEMBER, MEMBER | {Role.ADMIN}),
        (matrix("@ada:bravo.example"), Standing.MEMBER, MEMBER),
        (matrix("@eve:elsewhere.example"), Standing.MEMBER, MEMBER | {Role.DELEGATE}),
        (matrix("@dan:open.example"), Standing.MEMBER, GUEST),
    ],
)
def test_roles_follow_from_the_directory(
    person: PersonId, standing: Standing, roles: set[Role]
) -> None:
    assert part((person, standing)).roles == roles


def test_belonging_to_a_workspace_gives_no_voice() -> None:
    assert Role.DELEGATE not in part((slack("U9"), Standing.MEMBER)).roles


def test_duty_is_told() -> None:
    assert part((slack("U3"), Standing.MEMBER)).on_duty
    assert not part((slack("U1"), Standing.MEMBER)).on_duty


def test_a_linked_account_brings_its_team_and_roles() -> None:
    found = part((matrix("@dan:open.example"), Standing.MEMBER), (slack("U1"), Standing.UNKNOWN))
    assert found.team is not None
    assert found.team.key == ALPHA
    assert Role.DELEGATE in found.roles


def test_roles_in_another_team_do_not_count() -> None:
    found = part((matrix("@ada:bravo.example"), Standing.MEMBER), (slack("U1"), Standing.MEMBER))
    assert found.team is not None
    assert found.team.key == BRAVO
    assert found.roles == MEMBER


def test_without_any_team_everybody_is_a_member_and_nobody_more() -> None:
    assert part_of(Directory(), [(slack("U1"), Standing.GUEST)]) == Part(None, frozenset(MEMBER))
