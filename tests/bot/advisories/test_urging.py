"""Urgent advisories call the teams that they are for, until those acknowledge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import select

from bot.advisories import releasing, urging
from bot.advisories.document import Document, Update
from bot.events import PersonId
from bot.paging import keeping, ladder, linking
from bot.paging.showing import alert_lines
from bot.schedules.kinds import Due
from bot.sharing.marking import Label
from bot.store.database import Database
from bot.store.tables import Schedule
from bot.store.tables.advisories import Advisory
from bot.store.tables.paging import Alert, Page
from bot.times.working import Severity
from tests.bot.advisories.newsroom import BEGUN, DOCUMENT, TEAMS, Newsroom, newsroom, person
from tests.commands.house import SmallHouse
from tests.custody import ROOMS, Alliance

CRITICAL = msgspec.structs.replace(DOCUMENT, severity=Severity.CRITICAL)


@pytest.fixture
def house(sqlite: Database) -> Iterator[Newsroom]:
    with newsroom(sqlite) as found:
        yield found


def small(house: Newsroom) -> SmallHouse:
    """The same, as commands and tasks know it."""
    return SmallHouse({"c": []}, teams=house.directory(), gate=house.custody())


def out(house: Newsroom, document: Document = CRITICAL) -> Advisory:
    row = house.sealed(document)
    house.left(releasing.release(house.session, house, row, BEGUN), BEGUN)
    return row


def rung(house: Newsroom, now: datetime = BEGUN) -> list[Page]:
    """The pages, once the scheduler has done what it has to right after a release."""
    urgent = select(Schedule).where(Schedule.kind == urging.KIND, Schedule.due <= now)
    for row in house.session.execute(urgent).scalars().all():
        due = Due(row.handle, row.object, now, "UTC", late=False, by=PersonId(""), team=None,
                  channel=None, marking=None)  # fmt: skip
        house.left(urging.handler(small(house))(house.session, due, now), now)
    return list(house.session.execute(select(Page).order_by(Page.team)).scalars())


def test_each_team_that_it_is_for_is_called_but_its_authors(house: Newsroom) -> None:
    out(house)
    assert [each.team for each in rung(house)] == ["b", "c"]


def test_it_calls_nobody_twice_however_often_that_is_tried(house: Newsroom) -> None:
    out(house)
    rung(house)
    assert len(rung(house)) == 2


def test_what_is_added_rings_a_team_anew_that_answered_nothing_to_the_end(house: Newsroom) -> None:
    row = out(house)
    for page in rung(house):
        page.ended = BEGUN
    later = BEGUN + timedelta(hours=5)
    releasing.add(row, Update("It is worse.", person("a"), later))
    house.seal(row, "a", "ben")
    house.left(releasing.publish(house.session, house, row, later), later)
    assert [each.team for each in rung(house, later)] == ["b", "b", "c", "c"]
    assert len(rung(house, later)) == 4, "nobody is called twice because of the same words"


def test_an_alert_names_the_number_and_no_word_of_it(house: Newsroom) -> None:
    out(house)
    page = rung(house)[0]
    assert page.number == f"RTF-{BEGUN.year}-001"
    assert alert_lines(page)[0] == f"RTF-{BEGUN.year}-001 critical"
    assert page.text is None


def test_an_alert_leads_to_its_post_in_a_room_that_has_somebody_of_the_team(
    house: Newsroom,
) -> None:
    out(house)
    of_b, of_c = rung(house)
    assert linking.link_of(house.session, small(house), of_b) == of_b.link
    house.land(BEGUN)
    for page, number in ((of_b, 1), (of_c, 2)):
        link = linking.link_of(house.session, small(house), page)
        assert link == f"https://chat.test/{ROOMS[number]}/{number}/{BEGUN:%H%M%S}"


def test_what_is_not_grave_enough_calls_nobody(house: Newsroom) -> None:
    out(house, msgspec.structs.replace(DOCUMENT, severity=Severity.HIGH))
    assert not rung(house)


def test_a_team_that_may_not_read_it_is_not_called(house: Newsroom) -> None:
    house.alliance = Alliance(clearances={"b": Label.CLEAR})
    house.alliance.open()
    out(house)
    assert [each.team for each in rung(house)] == ["c"]


def test_acknowledging_the_advisory_answers_the_page_of_that_team_alone(house: Newsroom) -> None:
    row = out(house)
    of_b, of_c = rung(house)
    later = BEGUN + timedelta(minutes=3)
    urging.acknowledged(house.session, small(house), row, TEAMS[1], person("b"), later)
    assert of_b.acknowledged == later
    assert of_c.acknowledged is None
    assert not keeping.waiting(house.session, TEAMS[1], later)


def test_what_is_withdrawn_rings_nobody_any_more(house: Newsroom) -> None:
    row = out(house)
    page = rung(house)[0]
    later = BEGUN + timedelta(minutes=3)
    house.left(releasing.withdraw(house.session, house, row, "It was wrong.", later), later)
    house.session.refresh(page)
    assert page.ended == later
    assert not keeping.waiting(house.session, TEAMS[1], later)
    alerts = house.session.execute(select(Alert.state)).scalars().all()
    assert set(alerts) <= {ladder.DROPPED}
