"""Who may give a command."""

from __future__ import annotations

import pytest

from bot.errors import UserError
from bot.events import Author, Standing
from bot.richtext import plain
from bot.sharing.teams import Directory
from commands.grammar import Call
from commands.registry import Command, Context, Registry, Reply, Role, command, reply
from tests.bot.sharing.allies import ALLIES, slack
from tests.commands.house import SmallHouse, context_in


def declared(role: Role) -> Command:
    @command(role.value, role=role)
    def function(context: Context) -> Reply:
        """Is it allowed?"""
        return reply("done")

    return function


REGISTRY = Registry([declared(role) for role in Role])
GUEST = Author(slack("U9"), "Ada", standing=Standing.GUEST)
MEMBER = Author(slack("U9"), "Ada", standing=Standing.MEMBER)
ADMIN = Author(slack("U2"), "Ada", standing=Standing.MEMBER)


def run(role: Role, asker: Author, text: str = "", allies: Directory = ALLIES) -> str:
    context = context_in(house=SmallHouse(teams=allies), asker=asker)
    return plain(REGISTRY.run(Call(role.value, text), context).body)


@pytest.mark.parametrize(
    ("asker", "allowed"),
    [
        (GUEST, {Role.GUEST}),
        (MEMBER, {Role.GUEST, Role.MEMBER}),
        (ADMIN, {Role.GUEST, Role.MEMBER, Role.ADMIN}),
    ],
)
def test_a_command_runs_for_who_has_its_role(asker: Author, allowed: set[Role]) -> None:
    for role in Role:
        if role in allowed:
            assert run(role, asker) == "done"
        else:
            with pytest.raises(UserError, match=f"“{role}” is for"):
                run(role, asker)


def test_a_guest_learns_nothing_of_the_arguments() -> None:
    with pytest.raises(UserError) as caught:
        run(Role.MEMBER, GUEST, "one two three")
    assert str(caught.value) == (
        "“member” is for members of a team, and I know you as a guest. Try “whoami”."
    )


def test_who_is_not_known_yet_is_asked_for_a_minute_and_not_called_a_guest() -> None:
    unknown = Author(slack("U9"), "Ada")
    with pytest.raises(UserError, match="try again in a minute"):
        run(Role.MEMBER, unknown)
    assert run(Role.GUEST, unknown) == "done"


def test_help_is_for_everybody() -> None:
    assert run(Role.ADMIN, GUEST, "--help").startswith("Is it allowed?")


def test_without_teams_everybody_may_do_what_members_may() -> None:
    assert run(Role.MEMBER, GUEST, allies=Directory()) == "done"


def test_what_everybody_may_type_is_a_short_list() -> None:
    registry = Registry.load()
    found = {name: registry.get(name) for name in registry.names}
    everybody = {name for name, each in found.items() if each and each.role is Role.GUEST}
    speaking = {"voice", "vote", "approve"}  # who has no voice is told so, and so is the chair
    assert everybody == {"help", "link", "ping", "status", "unlink", "whoami"} | speaking
