"""An embargo holds until its instant, or until two teams lift it: whatever is done in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.advisories import keeping
from bot.errors import UserError
from bot.store.tables import Schedule
from tests.commands.house import NOW
from tests.commands.newsdesk import ADA, ALF, EVE, Newsdesk

HOUR = timedelta(hours=1)
HELD = "under embargo"


def embargoed(desk: Newsdesk) -> str:
    """What alpha and bravo have sealed, to be posted in two hours."""
    ref = desk.drafted("draft --seal alpha,bravo Patch\nNow.")
    sealed(desk, ref)
    desk.ask(ADA, f"post {ref} in 2h", said=NOW)
    return ref


def sealed(desk: Newsdesk, ref: str) -> None:
    for author in (ALF, EVE):
        desk.ask(author, f"seal {ref}")


def planned(desk: Newsdesk) -> Schedule:
    return desk.session.execute(select(Schedule)).scalar_one()


def state_of(desk: Newsdesk, ref: str) -> str:
    row = keeping.find(desk.session, ref)
    assert row is not None
    return row.state


def test_an_edit_in_between_lifts_nothing(desk: Newsdesk) -> None:
    ref = embargoed(desk)
    lines = desk.ask(ADA, f"edit {ref} Patch\nAt once.")
    assert "Its embargo holds, until Wed 2026-03-04 17:30 Europe/Paris (16:30 UTC)" in lines
    with pytest.raises(UserError, match="not sealed yet"):
        desk.ask(ADA, f"lift {ref}")
    sealed(desk, ref)
    for when in ("now", "in 1h"):
        with pytest.raises(UserError, match=HELD):
            desk.ask(ADA, f"post {ref} {when}", said=NOW)
    assert any("Its embargo holds" in line for line in desk.ask(EVE, f"status {ref}"))
    assert desk.ask(ADA, f"post {ref} in 2h", said=NOW)[0].startswith("It is posted")


def test_two_teams_lift_it_also_after_an_edit(desk: Newsdesk) -> None:
    ref = embargoed(desk)
    desk.ask(ADA, f"edit {ref} Patch\nAt once.")
    sealed(desk, ref)
    assert "Another team" in desk.ask(ADA, f"lift {ref}")[0]
    assert state_of(desk, ref) == "sealing"
    assert desk.ask(EVE, f"lift {ref}")[0] == "RANSOMWARE-2026-001 is posted."


def test_leaving_the_other_team_out_lifts_nothing(desk: Newsdesk) -> None:
    ref = embargoed(desk)
    desk.ask(ADA, f"edit --seal alpha {ref}")
    desk.ask(ALF, f"seal {ref}")
    for when in ("now", "in 1h"):
        with pytest.raises(UserError, match=HELD):
            desk.ask(ADA, f"post {ref} {when}", said=NOW)
    desk.ask(ADA, f"post {ref} in 2h", said=NOW)
    with pytest.raises(UserError, match=HELD):
        desk.ask(ADA, f"post {ref} now")
    assert "is posted" in desk.ask(ADA, f"post {ref} now", now=NOW + 3 * HOUR)[0]


def test_running_its_schedule_lifts_nothing(desk: Newsdesk) -> None:
    ref = embargoed(desk)
    row = planned(desk)
    with pytest.raises(UserError, match=HELD):
        desk.ask(ADA, f"run {row.handle}", command="schedule")
    assert (row.extra, state_of(desk, ref)) == (None, "scheduled")


def test_what_one_team_alone_stands_for_may_be_run(desk: Newsdesk) -> None:
    desk.ask(ADA, f"post {desk.sealed()} in 2h", said=NOW)
    row = planned(desk)
    desk.ask(ADA, f"run {row.handle}", command="schedule")
    assert row.extra == NOW


def test_deleting_its_schedule_leaves_it_sealed_and_to_be_posted_anew(desk: Newsdesk) -> None:
    """It stood there as scheduled for ever, and was never posted."""
    ref = embargoed(desk)
    desk.ask(ADA, f"delete {planned(desk).handle}", command="schedule")
    assert state_of(desk, ref) == "sealing"
    assert not any(line.startswith("It is posted") for line in desk.ask(ADA, f"status {ref}"))
    with pytest.raises(UserError, match=HELD):
        desk.ask(ADA, f"post {ref} now")
    assert desk.ask(ADA, f"post {ref} in 4h", said=NOW)[0].startswith("It is posted")


def test_what_is_paused_is_not_said_to_be_posted(desk: Newsdesk) -> None:
    ref = embargoed(desk)
    handle = planned(desk).handle
    desk.ask(ADA, f"pause {handle}", command="schedule")
    lines = desk.ask(EVE, f"status {ref}")
    assert f"Paused: “schedule resume {handle}” lets it go on." in lines
    desk.ask(ADA, f"resume {handle}", command="schedule")
    assert any(line.startswith("It is posted") for line in desk.ask(EVE, f"status {ref}"))
