"""The digest of a channel: what is new and open, to each room what it may hold, else nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest

from bot.advisories import acknowledging, releasing
from bot.advisories.states import Ack
from bot.briefing import digest as briefing
from bot.decisions import tasks
from bot.events import Outgoing, PersonId, Post
from bot.indicators import reports
from bot.richtext import plain
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Due
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables import Occurrence, Schedule
from tests.bot.advisories.newsroom import BEGUN, DOCUMENT, HOUR, TEAMS, Newsroom, newsroom, person
from tests.bot.decisions.council import SmallCouncil
from tests.custody import ROOMS, Alliance
from tests.indicators import ADDRESS, feed, take_in, thing

DAY = timedelta(days=1)
GREEN = Marking(Label.GREEN)


@pytest.fixture
def house(database: Database) -> Iterator[Newsroom]:
    with newsroom(database) as found:
        yield found


def planned(house: Newsroom) -> Schedule:
    plan = Plan("digest", "c", channel="c")
    return schedules.begin(house.session, plan, "daily 12:00", "UTC", BEGUN)


def happen(house: Newsroom, row: Schedule, at: datetime) -> list[Outgoing]:
    due = Due(
        row.handle, row.object, at, row.zone, False, PersonId(""), row.team, row.channel, None
    )  # fmt: skip
    found = list(briefing.handler(house)(house.session, due, at))
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


def test_what_was_released_before_a_digest_that_was_missed_is_told_by_the_next(
    house: Newsroom,
) -> None:
    digest, noon = planned(house), BEGUN + 3 * HOUR
    happen(house, digest, noon)
    row = house.sealed()
    house.left(releasing.release(house.session, house, row, noon + HOUR), noon + HOUR)
    missed = noon + DAY
    house.session.add(
        Occurrence(schedule=digest.id, instant=missed, state="skipped", done=missed + HOUR)
    )
    house.session.flush()
    told = texts(happen(house, digest, noon + 2 * DAY))
    assert told[0].startswith("TLP:GREEN · Digest: 1 new, 1 open")


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


def see(house: Newsroom, team: int, at: datetime, marking: Marking = GREEN) -> None:
    reports.saw(house.session, ADDRESS, TEAMS[team], marking, at)


def test_what_two_teams_have_seen_is_told_once_to_those_who_may_know(
    database: Database, house: Newsroom
) -> None:
    digest, noon = planned(house), BEGUN + 3 * HOUR
    house.session.commit()
    take_in(database, feed(label=Label.GREEN), thing(1, ADDRESS), now=BEGUN - DAY)
    see(house, 0, noon)
    assert happen(house, digest, noon) == []
    see(house, 1, noon + HOUR)
    told = texts(happen(house, digest, noon + DAY))
    assert [text.split("\n") for text in told] == [
        [
            "TLP:GREEN · Digest: 0 new, 0 open",
            "",
            "Seen by two teams or more:",
            "• TLP:GREEN · 198[.]51[.]100[.]7: CERT A, CERT B",
        ]
    ] * len(ROOMS)
    assert happen(house, digest, noon + 2 * DAY) == []
    see(house, 1, noon + 2 * DAY + HOUR, Marking(Label.GREEN, (frozenset({"inner"}),)))
    told = texts(happen(house, digest, noon + 3 * DAY))
    assert ["CERT B" in text for text in told] == [True, True], "the third room may not know"
    assert told[0].startswith("TLP:GREEN · Digest: 0 new, 0 open\n\nTLP:GREEN REL INNER")


def test_what_is_decided_or_to_be_done_before_the_next_digest_is_told(house: Newsroom) -> None:
    digest, noon = planned(house), BEGUN + 3 * HOUR
    council = SmallCouncil(house.session, house.alliance)
    row = council.propose()
    tasks.begin(house.session, row, "b", TEAMS[1], "Block it.", noon + HOUR, BEGUN)
    told = texts(happen(house, digest, noon))
    assert told[0].split("\n")[2:] == [
        "Due:",
        f"• TLP:GREEN · {row.ref}.1 · CERT B · by Tue 2026-11-24 13:00 UTC",
    ]
    told = texts(happen(house, digest, noon + 2 * DAY))
    assert told[0].split("\n")[3] == (
        f"• TLP:GREEN · {row.ref} is decided Fri 2026-11-27 09:00 UTC"
    )
    assert "Block" not in "".join(told)


def test_a_teams_own_is_told_in_its_home_on_its_working_days_and_misses_nothing(
    house: Newsroom,
) -> None:
    home = ROOMS[1]
    house.alliance = Alliance(homes={"b": home})
    house.alliance.open()
    plan = Plan("digest", briefing.OWN, team="b")
    digest = schedules.begin(house.session, plan, "daily 08:30", "UTC", BEGUN)
    row = house.sealed()
    house.left(releasing.release(house.session, house, row, BEGUN), BEGUN)
    house.land(BEGUN)
    wednesday = BEGUN + timedelta(hours=23, minutes=30)
    (told,) = happen(house, digest, wednesday)
    assert told.room == home
    assert "Not acknowledged by you:" in texts([told])[0]
    acknowledging.say(house.session, row, TEAMS[1], Ack.FIXED, person("b"), wednesday)
    assert happen(house, digest, wednesday + DAY) == [], "A and C are silent: no matter of theirs"
    friday = wednesday + 2 * DAY
    late = house.sealed()
    house.left(releasing.release(house.session, house, late, friday + HOUR), friday + HOUR)
    for days in (1, 2):
        assert happen(house, digest, friday + days * DAY) == [], "nobody works at the weekend"
    (monday,) = happen(house, digest, friday + 3 * DAY)
    assert texts([monday])[0].startswith("TLP:GREEN · Digest: 1 new, 1 open")
