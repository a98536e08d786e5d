"""Telling a team: those of it alone, and who is of it still when that is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.custody import telling
from bot.events import Answer, Outgoing, Post
from bot.sharing.teams import TeamKey
from commands.originating import tell_admins, tell_team
from tests.bot.paging.watchroom import HOME, Watchroom, watchroom

B = TeamKey("b")


@pytest.fixture
def room() -> Iterator[Watchroom]:
    with watchroom(delegates=("fake:b/ada",)) as found:
        yield found


def told(room: Watchroom) -> list[list[Outgoing]]:
    """A word to team b, in each of the ways."""
    session, directory = room.session, room.house.directory()
    team = directory.teams[B]
    return [
        telling.tell(session, directory, team, "x"), tell_team(session, directory, team, "x"),
        tell_admins(session, directory, team, "x"),
    ]  # fmt: skip


def test_a_word_to_its_people_is_for_who_is_of_it_still(room: Watchroom) -> None:
    for outgoing in told(room):
        assert outgoing
        for each in outgoing:
            assert isinstance(each.content, Answer)
            assert each.content.team == B


def test_a_team_with_a_room_of_its_own_hears_there(room: Watchroom) -> None:
    room.team("b", home=HOME)
    for outgoing in told(room)[:2]:
        (each,) = outgoing
        assert each.room == HOME
        assert isinstance(each.content, Post)
