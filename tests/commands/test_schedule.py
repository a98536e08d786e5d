"""`schedule`: what exists for whom, and who may change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.custody.effective import Marked, stored_marked
from bot.errors import UserError
from bot.events import Author, PersonId, RoomId, Standing
from bot.richtext import plain
from bot.schedules import keeping
from bot.schedules.keeping import Plan
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.tables import Base, Schedule
from bot.words import words_for
from commands.grammar import Call
from commands.registry import ChannelView, Context, Registry
from commands.schedule import schedule
from tests.bot.sharing.allies import ALLIES, matrix, slack
from tests.commands.house import (
    ADMIN_ROOM,
    DIRECT_ROOM,
    MATRIX_ROOM,
    NOW,
    SLACK_ROOM,
    SmallHouse,
    context_in,
)
from tests.custody import guarded

ADA = Author(slack("U1"), "Ada", standing=Standing.MEMBER)
"""A delegate and admin of alpha;"""
BEN = Author(slack("U3"), "Ben", standing=Standing.MEMBER)
"""a member of it;"""
BEA = Author(matrix("@bea:bravo.example"), "Bea", standing=Standing.MEMBER)
"""a member of bravo, which may read TLP:GREEN;"""
EVE = Author(matrix("@eve:elsewhere.example"), "Eve", standing=Standing.MEMBER)
"""its delegate."""
NOTHING = "Nothing is scheduled here that you may know of."
PORTS = RoomId("slack:alpha/C02PORT")


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def begin(
    session: Session,
    said: str = "weekdays 08:30",
    by: PersonId = BEN.person,
    team: str | None = "alpha",
    channel: str | None = "ransomware",
    marking: str | None = None,
) -> Schedule:
    plan = Plan("digest", "digest:daily", by=by, team=team, channel=channel, marking=marking)
    row = keeping.begin(session, plan, said, "Europe/Brussels", NOW)
    session.flush()
    return row


def marked(label: Label, *names: str) -> str:
    lists = (frozenset(names),) if names else ()
    return stored_marked(Marked(Marking(label, lists), TeamKey("alpha"), NOW))


def ask(
    session: Session, author: Author, text: str, room: RoomId | None = None, language: str = "en"
) -> list[str]:
    there = room or (MATRIX_ROOM if author in (BEA, EVE) else SLACK_ROOM)
    view = ChannelView("ransomware", "R", teams=("alpha", "bravo"), zone=ZoneInfo("Asia/Tokyo"))
    house = SmallHouse(teams=ALLIES, views={"ransomware": view}, gate=guarded([], ALLIES))
    context: Context = replace(
        context_in(there, house, language=language, asker=author), session=session
    )
    answer = Registry([schedule]).run(Call("schedule", text), context)
    assert not answer.public
    session.flush()
    return plain(answer.body).split("\n")


def test_a_channels_schedules_are_listed_in_the_askers_zone_and_in_utc(session: Session) -> None:
    row = begin(session)
    expected = ["1 schedule:", f"• {row.handle}, weekdays 08:30 (Europe/Brussels): digest; "]
    for author, when in (
        (BEN, "next Thu 2026-03-05 08:30 Europe/Paris (07:30 UTC)"),
        (BEA, "next Thu 2026-03-05 07:30 UTC"),
    ):
        assert ask(session, author, "list") == [expected[0], expected[1] + when]
    assert ask(session, BEN, "") == ask(session, BEN, "list")
    french = ask(session, BEN, "list", language="fr")
    assert french[0] == "1 programmation :"
    assert "prochaine jeu 2026-03-05 08:30" in french[1]


def test_show_tells_the_next_three(session: Session) -> None:
    row = begin(session)
    lines = ask(session, BEN, f"show {row.handle.upper()}")
    assert lines[:2] == [f"{row.handle}: weekdays 08:30 (Europe/Brussels)", "Next:"]
    assert [line[2:] for line in lines[2:5]] == [
        f"{day} 08:30 Europe/Paris (07:30 UTC)"
        for day in ("Thu 2026-03-05", "Fri 2026-03-06", "Mon 2026-03-09")
    ]
    assert lines[5:] == ["What: digest, digest:daily", "Of: CERT Alpha"]


@pytest.mark.parametrize("word", ["show", "pause", "resume", "run", "delete"])
def test_a_schedule_of_another_channel_does_not_exist(session: Session, word: str) -> None:
    row = begin(session)
    for author, room in ((BEA, PORTS), (BEA, DIRECT_ROOM), (BEA, ADMIN_ROOM)):
        with pytest.raises(UserError, match="no such schedule"):
            ask(session, author, f"{word} {row.handle}", room)
        assert ask(session, author, "list", room) == [
            "Nothing is scheduled here that you may know of."
        ]
    with pytest.raises(UserError, match="no such schedule"):
        ask(session, BEN, f"{word} s-none")


def test_a_schedule_of_another_audience_does_not_exist(session: Session) -> None:
    above = begin(session, marking=marked(Label.AMBER))
    group = begin(session, marking=marked(Label.GREEN, "alpha"))
    told = begin(session, marking=marked(Label.GREEN, "bravo"))
    for row in (above, group):
        with pytest.raises(UserError, match="no such schedule"):
            ask(session, BEA, f"show {row.handle}")
    assert len(ask(session, BEA, "list")) == 1 + 1
    assert ask(session, BEA, f"show {told.handle}")
    assert len(ask(session, BEN, "list")) == 1 + 3, "the originator's team sees its own"


def test_in_the_direct_room_those_of_ones_own_and_of_a_channel_that_is_named(
    session: Session,
) -> None:
    own = begin(session, by=BEA.person, team="bravo", channel=None)
    begin(session)
    assert ask(session, BEA, "list", DIRECT_ROOM)[1].startswith(f"• {own.handle}")
    assert len(ask(session, BEA, "list", DIRECT_ROOM)) == 2
    assert len(ask(session, BEA, "list --channel ransomware", DIRECT_ROOM)) == 3
    cyd = Author(matrix("@cyd:open.example"), "Cyd", standing=Standing.MEMBER)
    with pytest.raises(UserError, match="I know of no such channel"):
        ask(session, cyd, "list --channel ransomware", DIRECT_ROOM)


def test_whose_it_is_and_who_speaks_for_their_team_may_change_it(session: Session) -> None:
    row = begin(session)
    for word in ("pause", "run", "delete"):
        with pytest.raises(UserError, match="Only whose it is"):
            ask(session, EVE, f"{word} {row.handle}")
    carl = Author(slack("U4"), "Carl", standing=Standing.MEMBER)
    with pytest.raises(UserError, match="Only whose it is"):
        ask(session, carl, f"pause {row.handle}")
    ask(session, BEN, f"pause {row.handle}")
    ask(session, ADA, f"resume {row.handle}")


def test_paused_its_times_go_by_until_it_is_resumed(session: Session) -> None:
    row = begin(session)
    assert ask(session, BEN, f"pause {row.handle}") == [f"{row.handle} is paused: its times go by."]
    assert row.due is None
    assert row.paused == NOW
    assert ask(session, BEN, "list")[1].endswith("paused since 14:30 UTC")
    assert "paused since 14:30 UTC" in ask(session, BEN, f"show {row.handle}")
    with pytest.raises(UserError, match="paused already"):
        ask(session, BEN, f"pause {row.handle}")
    row.next = NOW - timedelta(days=3)
    goes_on = ask(session, BEN, f"resume {row.handle}")
    assert goes_on[1] == "Thu 2026-03-05 08:30 Europe/Paris (07:30 UTC)"
    assert row.due == row.next == datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
    with pytest.raises(UserError, match="not paused"):
        ask(session, BEN, f"resume {row.handle}")


def test_what_is_for_once_and_whose_time_went_by_while_paused_is_not_resumed(
    session: Session,
) -> None:
    plan = Plan("digest", "x", by=BEN.person, team="alpha", channel="ransomware")
    row = keeping.begin_once(session, plan, NOW + timedelta(hours=1), "UTC", NOW)
    ask(session, BEN, f"pause {row.handle}")
    row.next = NOW - timedelta(hours=1)
    with pytest.raises(UserError, match=f"schedule run {row.handle}"):
        ask(session, BEN, f"resume {row.handle}")
    ask(session, BEN, f"run {row.handle}")
    assert row.next is None
    assert row.due == NOW


def test_run_lets_it_happen_now_beside_its_times(session: Session) -> None:
    row = begin(session)
    assert ask(session, BEN, f"run {row.handle}") == [f"{row.handle} happens now."]
    assert (row.due, row.extra) == (NOW, NOW)
    assert row.next == datetime(2026, 3, 5, 7, 30, tzinfo=UTC)


def test_what_is_deleted_exists_no_more(session: Session) -> None:
    row = begin(session)
    ask(session, BEN, f"delete {row.handle}")
    assert (row.due, row.next, row.ended) == (None, None, NOW)
    with pytest.raises(UserError, match="no such schedule"):
        ask(session, BEN, f"show {row.handle}")
    assert ask(session, BEN, "list") == [NOTHING]


def test_a_failure_shows_with_its_reference(session: Session) -> None:
    row = begin(session)
    row.attempts, row.reference = 2, "abc"
    assert "It failed 2 times; reference abc." in ask(session, BEN, f"show {row.handle}")


def test_many_are_cut(session: Session) -> None:
    for _ in range(33):
        begin(session)
    lines = ask(session, BEN, "list")
    assert (lines[0], len(lines), lines[-1]) == ("33 schedules:", 32, "• and 3 more")


def test_every_first_line_is_short_in_every_language(session: Session) -> None:
    row = begin(session, "every monday, wednesday and friday 09:00, 12:00, 15:00 and 18:00")
    for language in ("en", "fr"):
        words_for(language)
        for text in ("list", f"show {row.handle}", f"pause {row.handle}", f"resume {row.handle}"):
            assert len(ask(session, BEN, text, language=language)[0]) <= 80
