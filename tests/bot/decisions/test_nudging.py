"""Who is to do something is reminded: in their working hours, three times at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.decisions import nudging, tasks
from bot.events import Answer, Outgoing, PersonId, Post, RoomId
from bot.richtext import plain
from bot.schedules.advancing import coming, move_on
from bot.schedules.kinds import Due
from bot.sharing.teams import Directory
from bot.store.tables import Schedule
from bot.store.tables.decisions import Decision, Task
from tests.bot.decisions.council import OPENED, TEAMS, SmallCouncil, council

A, B, C = TEAMS
HOME = RoomId("fake:b/home")
HOUR = timedelta(hours=1)
FRIDAY = datetime(2026, 11, 27, 16, tzinfo=UTC)
"""After hours in Berlin, where the next day is a Saturday."""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallCouncil]:
    with council(tmp_path) as found:
        yield found


def settle(small: SmallCouncil, **team: Any) -> None:
    """Team b has a room of its own, and works in Berlin."""
    teams = dict(small.alliance.directory.teams)
    zone = ZoneInfo("Europe/Berlin")
    own: dict[str, Any] = {"home": HOME, "zone": zone, "workdays": frozenset(range(5))}
    teams[B] = replace(teams[B], quiet=None, **(own | team))
    small.alliance.directory = Directory(list(teams.values()))


def given(small: SmallCouncil, due: datetime) -> Task:
    row = small.propose()
    small.land(OPENED)
    task = tasks.begin(small.session, row, B, B, "Pull the plug.", due, OPENED)
    nudging.begin(small.session, small, task, OPENED)
    return task


def reminders(small: SmallCouncil) -> list[tuple[datetime, list[Outgoing]]]:
    """When each reminder is due, and what leaves then: until none is to come."""
    found = []
    waiting = select(Schedule).where(Schedule.ended.is_(None), Schedule.kind == nudging.KIND)
    while (
        row := small.session.execute(waiting.order_by(Schedule.id)).scalars().first()
    ) is not None:
        assert row.due is not None
        now, been = row.due, coming(row, row.due)
        assert been is not None
        due = Due(row.handle, row.object, now, row.zone, False, PersonId(""), row.team, None, None)
        found.append((now, list(nudging.handler(small)(small.session, due, now))))
        move_on(row, been, now)
        small.session.flush()
    return found


def test_three_reminders_in_working_hours_and_no_word_of_what_is_to_be_done(
    small: SmallCouncil,
) -> None:
    settle(small)
    given(small, FRIDAY)
    found = reminders(small)
    assert [when for when, _ in found] == [
        FRIDAY - 24 * HOUR,
        FRIDAY,
        datetime(2026, 11, 29, 23, tzinfo=UTC),
    ]
    for when, (sent,) in found:
        assert sent.room == HOME
        assert isinstance(sent.content, Post)
        text = plain(sent.content.body)
        assert "TLP:GREEN" in text
        assert "plug" not in text
        assert ("overdue" in text) == (when >= FRIDAY)
        assert "2026-11-27 16:00 UTC · 17:00 Europe/Berlin" in text
        (control,) = sent.content.controls
        assert control.call.startswith("done p-")


def test_nobody_is_reminded_at_night_or_on_a_holiday(small: SmallCouncil) -> None:
    settle(small, country="DE")
    christmas = datetime(2026, 12, 25, 12, tzinfo=UTC)
    given(small, christmas)
    assert [when for when, _ in reminders(small)] == [
        christmas - 24 * HOUR,
        datetime(2026, 12, 27, 23, tzinfo=UTC),
        datetime(2026, 12, 28, 7, tzinfo=UTC),
    ]


def test_what_is_due_soon_is_not_reminded_of_a_day_before(small: SmallCouncil) -> None:
    settle(small)
    given(small, OPENED + 2 * HOUR)
    assert [when for when, _ in reminders(small)] == [OPENED + 2 * HOUR, OPENED + 26 * HOUR]


def test_what_is_done_or_withdrawn_is_over(small: SmallCouncil) -> None:
    settle(small)
    task = given(small, FRIDAY)
    row = small.session.get_one(Decision, task.ref)
    row.state = "withdrawn"
    assert [sent for _, sent in reminders(small)] == [[]]
    row.state = "open"
    other = given(small, FRIDAY)
    other.done = OPENED
    assert [sent for _, sent in reminders(small)] == [[]]


def test_a_team_without_a_room_is_told_through_its_people(small: SmallCouncil) -> None:
    settle(small, home=None)
    given(small, FRIDAY)
    (_, (sent,)), *_ = reminders(small)
    assert isinstance(sent.content, Answer)
    assert sent.content.person == "fake:b/ada"
