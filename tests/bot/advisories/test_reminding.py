"""Reminders: to who is silent and was reached, in working hours, three at most, without a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories import acknowledging, releasing, reminding
from bot.advisories.states import Ack
from bot.events import Outgoing, PersonId, Post, RoomId
from bot.richtext import plain
from bot.schedules.kinds import Due
from bot.sharing.marking import Label
from bot.sharing.teams import Directory
from bot.store.database import Database
from bot.store.tables import Schedule
from bot.store.tables.advisories import Advisory
from bot.times.hours import Quiet
from bot.times.working import Severity
from tests.bot.advisories.newsroom import BEGUN, DOCUMENT, HOUR, TEAMS, Newsroom, newsroom, person
from tests.custody import ROOMS, Alliance

HOME = RoomId("fake:b/home")


@pytest.fixture
def house(database: Database) -> Iterator[Newsroom]:
    """B has a room of its own and quiet hours, in Tokyo."""
    with newsroom(database) as found:
        found.alliance = Alliance(homes={"b": HOME})
        found.alliance.open()
        zone, quiet = ZoneInfo("Asia/Tokyo"), Quiet(time(20), time(8))
        teams = [
            replace(team, zone=zone, quiet=quiet, country=None) if team.key == "b" else team
            for team in found.alliance.directory.teams.values()
        ]
        found.alliance.directory = Directory(teams)
        yield found


def out(house: Newsroom, severity: Severity = Severity.HIGH) -> Advisory:
    row = house.sealed(msgspec.structs.replace(DOCUMENT, severity=severity))
    house.left(releasing.release(house.session, house, row, BEGUN), BEGUN)
    return row


def planned(session: Session) -> list[Schedule]:
    reminds = (Schedule.ended.is_(None), Schedule.kind == reminding.KIND)
    found = select(Schedule).where(*reminds).order_by(Schedule.id)
    return list(session.execute(found).scalars())


def happen(house: Newsroom) -> list[Outgoing]:
    """The one reminder that is planned is due, in the order in which the scheduler does it."""
    (row,) = planned(house.session)
    assert row.next is not None
    now: datetime = row.next
    row.ended = now
    due = Due(
        row.handle, row.object, now, row.zone, False, PersonId(row.by), row.team, row.channel, None
    )
    return list(reminding.handler(house)(house.session, due, now))


def test_only_teams_with_a_room_of_their_own_are_reminded_when_they_are_at_work(
    house: Newsroom,
) -> None:
    out(house)
    (row,) = planned(house.session)
    assert (row.team, row.zone, row.channel) == ("b", "Asia/Tokyo", None)
    # four hours later it is 22:00 in Tokyo
    assert row.next == datetime.fromisoformat("2026-11-25T08:00+09:00")


def test_who_is_silent_is_reminded_three_times_and_no_word_of_it_is_said(house: Newsroom) -> None:
    row = out(house)
    house.land(BEGUN + HOUR)
    for _ in range(3):
        (outgoing,) = happen(house)
        assert outgoing.room == HOME
        assert isinstance(outgoing.content, Post)
        text = plain(outgoing.content.body)
        assert text.startswith("TLP:GREEN · HIGH · RTF-2026-001: CERT B has not")
        assert len(text.partition("\n")[0]) <= 80
        assert DOCUMENT.title not in text
        assert outgoing.content.controls
    assert planned(house.session) == []
    assert row.state == "released"


def test_who_was_not_reached_is_not_reminded_and_who_spoke_is_left_alone(house: Newsroom) -> None:
    row = out(house)
    assert happen(house) == []
    house.land(BEGUN + HOUR, ROOMS[1:2])
    acknowledging.say(house.session, row, TEAMS[1], Ack.CHECKING, person("b"), BEGUN + 2 * HOUR)
    assert happen(house) == []
    assert planned(house.session) == []


def test_a_team_that_may_not_read_it_any_more_is_not_reminded_of_it(house: Newsroom) -> None:
    out(house)
    house.land(BEGUN)
    house.alliance.directory = Directory(
        replace(each, clearance=Label.CLEAR) for each in house.alliance.directory.teams.values()
    )
    assert happen(house) == []


def test_what_asks_anew_ends_the_reminders_before(house: Newsroom) -> None:
    row = out(house, Severity.CRITICAL)
    house.land(BEGUN + HOUR)
    row.asked = BEGUN + timedelta(minutes=5)
    assert happen(house) == []
    assert planned(house.session) == []


def test_a_team_that_wants_to_be_woken_is_told_at_night(house: Newsroom) -> None:
    teams = [
        replace(team, quiet_override=Severity.CRITICAL)
        for team in house.alliance.directory.teams.values()
    ]
    house.alliance.directory = Directory(teams)
    row = house.sealed(msgspec.structs.replace(DOCUMENT, severity=Severity.CRITICAL))
    releasing.release(house.session, house, row, BEGUN + 3 * HOUR)
    assert [each.next for each in planned(house.session)] == [BEGUN + 4 * HOUR]
