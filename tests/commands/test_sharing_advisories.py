"""Which advisories there are, and how one stands, shared: as far as the room may know it."""

from __future__ import annotations

import pytest

from bot.custody.doors import weigh
from bot.custody.effective import marked_of
from bot.errors import UserError
from bot.platforms.base import Roster
from bot.richtext import plain
from bot.sharing.marking import Label, Marking
from commands.registry import Reply
from tests.commands.house import NOW, SLACK_ROOM
from tests.commands.newsdesk import ADA, EVE, TEAMS, Newsdesk

AMBER = "draft --marking TLP:AMBER Change the keys\nNow."


def shared(desk: Newsdesk, text: str) -> Reply:
    """What Ada lets her room see."""
    answer = desk.run(ADA, f"advisory {text}", command="share")
    assert answer.public
    return answer


def marking(answer: Reply) -> Marking:
    assert answer.matter is not None
    return marked_of(answer.matter).marking


def test_a_list_that_is_shared_names_what_is_out_and_no_draft(desk: Newsdesk) -> None:
    draft, name = desk.drafted(), desk.posted()
    private = desk.run(ADA, "list")
    assert draft in plain(private.body)
    assert [each.call for each in private.controls] == ["share advisory list"]
    for asked in ("list", ""):
        answer = shared(desk, asked)
        assert plain(answer.body).startswith("TLP:GREEN · 1 advisory:")
        assert name in plain(answer.body)
        assert draft not in plain(answer.body)
        assert marking(answer) == Marking(Label.GREEN)


def test_what_the_room_may_not_have_is_on_no_list_that_is_shared_there(desk: Newsdesk) -> None:
    low = desk.posted()
    high = desk.ask(ADA, f"post {desk.sealed(AMBER)} now")[0].partition(" ")[0]
    both = shared(desk, "list")
    assert plain(both.body).startswith("TLP:AMBER · 2 advisories:")
    assert marking(both) == Marking(Label.AMBER)
    open_now = weigh(Roster((ADA,), private=False), TEAMS)  # which is for TLP:GREEN at most
    desk.house.gate.doors.learn(SLACK_ROOM, open_now, NOW)
    one = plain(shared(desk, "list").body)
    assert one.startswith("TLP:GREEN · 1 advisory:")
    assert low in one
    assert high not in one
    with pytest.raises(UserError, match="no such advisory"):
        shared(desk, f"status {high}")


def test_how_one_stands_is_shared_as_its_post_says_it_and_not_as_its_authors_see_it(
    desk: Newsdesk,
) -> None:
    name = desk.posted()
    desk.run(EVE, f"ack {name} not_affected")
    private = desk.run(ADA, f"status {name}")
    assert "• CERT Alpha: not reached" in plain(private.body)
    assert [each.call for each in private.controls] == [f"share advisory status {name}"]
    answer = shared(desk, f"status {name}")
    lines = plain(answer.body).split("\n")
    assert lines[0] == f"TLP:GREEN · {name}: released"
    assert lines[3:] == ["Acknowledged: 1 of 2 · CERT Bravo: not affected"]
    assert marking(answer) == Marking(Label.GREEN)


def test_an_update_that_waits_for_its_seals_is_not_shared(desk: Newsdesk) -> None:
    name = desk.posted()
    desk.run(ADA, f"update {name} There is a patch.")
    assert "waits for the seal" in "\n".join(desk.ask(ADA, f"status {name}"))
    assert "seal" not in plain(shared(desk, f"status {name}").body)
