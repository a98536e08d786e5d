"""The digest of a channel: what is new and open, to each room what it may hold, else nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest

from bot.advisories import acknowledging, digesting, releasing
from bot.advisories.states import Ack
from bot.events import Outgoing, PersonId, Post
from bot.richtext import plain
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Due
from bot.sharing.marking import Label
from bot.store.database import Database
from bot.store.tables import Occurrence, Schedule
from tests.bot.advisories.newsroom import BEGUN, DOCUMENT, HOUR, TEAMS, Newsroom, newsroom, person
from tests.custody import ROOMS

DAY = timedelta(days=1)


@pytest.fixture
def house(database: Database) -> Iterator[Newsroom]:
    with newsroom(database) as found:
        yield found


def planned(house: Newsroom) -> Schedule:
    plan = Plan("digest", "c", channel="c")
    return schedules.begin(house.session, plan, "daily 12:00", "UTC", BEGUN)


def happen(house: Newsroom, row: Schedule, at: datetime) -> list[Outgoing]:
    due = Due(row.handle, row.object, at, row.zone, False, PersonId(""), None, "c", None)
    found = list(digesting.handler(house)(house.session, due, at))
    house.session.add(Occurrence(schedule=row.id, instant=at, state="posted", done=at))
    house.session.flush()
    return found


def texts(outgoing: list[Outgoing]) -> list[str]:
    return [plain(each.content.body) for each in outgoing if isinstance(each.content, Post)]


def test_what_is_new_and_open_is_told_and_days_with_nothing_say_nothing(house: Newsroom) -> None:
    digest, noon = planned(house), BEGUN + 3 * HOUR
    assert happen(house, digest, noon) == []
    row = house.sealed()
    house.left(releasing.release(house.session, house, row, noon + HOUR), noon + HOUR)
    house.land(noon + HOUR)
    told = happen(house, digest, noon + DAY)
    assert [each.room for each in told] == list(ROOMS)
    assert texts(told)[0].split("\n") == [
        "TLP:GREEN · Digest: 1 new, 1 open",
        "",
        "New:",
        "• TLP:GREEN · MEDIUM · RTF-2026-001 · Patch the VPN: 3 silent",
        "Not acknowledged by all:",
        "• TLP:GREEN · MEDIUM · RTF-2026-001 · Patch the VPN: 3 silent",
    ]
    assert texts(happen(house, digest, noon + 2 * DAY))[0].startswith(
        "TLP:GREEN · Digest: 0 new, 1 open"
    )
    for team in TEAMS:
        acknowledging.say(house.session, row, team, Ack.FIXED, person(team), noon + 2 * DAY)
    assert happen(house, digest, noon + 3 * DAY) == []


def test_a_room_is_told_what_it_may_hold_alone(house: Newsroom) -> None:
    digest, noon = planned(house), BEGUN + 3 * HOUR
    wide = house.sealed()
    inner = house.sealed(msgspec.structs.replace(DOCUMENT, title="Inner", group="inner"))
    for row in (wide, inner):
        releasing.release(house.session, house, row, BEGUN + HOUR)
    told = texts(happen(house, digest, noon))
    assert ["INN-2026-001" in text for text in told] == [True, True, False]
    assert ["RTF-2026-001" in text for text in told] == [True, True, True]
    assert told[0].startswith("TLP:GREEN · Digest: 2 new, 2 open\n\nTLP:GREEN REL INNER")


def test_it_bears_the_strictest_label_of_what_it_tells(house: Newsroom) -> None:
    digest = planned(house)
    for label in (Label.GREEN, Label.AMBER):
        row = house.sealed(msgspec.structs.replace(DOCUMENT, label=label))
        releasing.release(house.session, house, row, BEGUN + HOUR)
    for outgoing in happen(house, digest, BEGUN + 3 * HOUR):
        assert outgoing.matter is not None
        assert outgoing.matter.startswith('["TLP:AMBER"')
