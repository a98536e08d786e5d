"""`drill`: all of a page, with EXERCISE on every line, and the minutes that it took."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.events import Control, Edit, Post
from bot.paging import keeping
from bot.paging.showing import alert_lines
from bot.richtext import plain
from bot.store.tables.paging import Drill, Page
from tests.bot.paging.watchroom import HOME, MINUTE, B, Watchroom, watchroom
from tests.custody import ROOMS


@pytest.fixture
def room() -> Iterator[Watchroom]:
    with watchroom(home=HOME, delegates=("fake:b/ada",)) as found:
        yield found


def drill(room: Watchroom, text: str = "drill run") -> str:
    """Ada of team a, who speaks for it, runs one; its handle."""
    room.ask("a/ada", text)
    assert room.asked, "ringing many asks first"
    room.ask("a/ada", text, confirmed=room.asked)
    return room.session.execute(select(Drill.ref)).scalar_one()


def test_every_line_and_every_alert_says_that_it_is_an_exercise(room: Watchroom) -> None:
    drill(room, "drill run b --announced")
    ref = room.page().ref
    room.pass_by(5 * MINUTE)
    room.down(room.alerts()[-1])
    room.ask("b/ben", f"duty ack {ref}")
    room.pass_by(5 * MINUTE)
    said = [plain(o.content.body) for o in room.outgoing if hasattr(o.content, "body")]
    lines = [line for text in said for line in text.split("\n")]
    assert lines
    assert all(line.startswith("EXERCISE") for line in lines)
    assert all(line.startswith("EXERCISE") for line in alert_lines(room.page()))
    assert all(each.label.startswith("EXERCISE") for each in controls(room))


def controls(room: Watchroom) -> list[Control]:
    return [c for o in room.outgoing for c in getattr(o.content, "controls", ())]


def test_its_pages_have_handles_of_their_own_and_stand_on_no_board(room: Watchroom) -> None:
    drill(room, "drill run b")
    assert room.page().ref.startswith("ex-")
    assert not keeping.waiting(room.session, B, room.now)
    assert len(keeping.waiting(room.session, B, room.now, exercises=True)) == 1


def test_an_announced_one_is_told_in_the_rooms_of_its_channel(room: Watchroom) -> None:
    drill(room, "drill run b --announced")
    begun = "EXERCISE An alert exercise begins. Whoever is rung answers as if it was real."
    assert all(room.posts(each) == [begun] for each in ROOMS)


def test_one_that_is_not_announced_is_told_nowhere(room: Watchroom) -> None:
    drill(room, "drill run b")
    assert not any(isinstance(each.content, Post | Edit) and each.room in ROOMS
                   for each in room.outgoing)  # fmt: skip


def test_it_reports_the_minutes_to_reach_and_to_acknowledge(room: Watchroom) -> None:
    ref = drill(room)
    room.now += MINUTE
    room.land()
    room.now += 2 * MINUTE
    page = room.session.execute(select(Page).where(Page.team == "b")).scalar_one()
    room.ask("b/ada", f"duty ack {page.ref}")
    report = room.ask("a/ada", f"drill report {ref}")
    assert report[0] == f"EXERCISE {ref}: 1 of 3 teams have answered."
    assert "EXERCISE • CERT B: reached after 1.0 min, acknowledged after 3.0 min" in report


def test_its_author_is_told_when_it_is_over(room: Watchroom) -> None:
    ref = drill(room, "drill run b")
    room.now += MINUTE
    room.ask("b/ada", f"duty ack {room.page().ref}")
    assert any(f"{ref}: 1 of 1 team" in each for each in room.told("a/ada"))


def test_who_never_answers_is_never_reached_in_the_report(room: Watchroom) -> None:
    ref = drill(room, "drill run b")
    for _ in range(3):
        room.pass_by(5 * MINUTE)
    report = "\n".join(room.ask("a/ada", f"drill report {ref}"))
    assert "CERT B: reached never, acknowledged never" in report


@pytest.mark.parametrize(
    ("who", "text", "why"),
    [
        ("a/ben", "drill run", "speaks for or administers"),
        ("a/ada", "drill run nowhere", "I know no team “nowhere”"),
        ("a/ada", "drill report drill-zzzzz", "no such exercise"),
    ],
)
def test_what_is_wrong_is_said(room: Watchroom, who: str, text: str, why: str) -> None:
    assert why in room.refused(who, text)


def test_nobody_else_learns_of_its_report(room: Watchroom) -> None:
    ref = drill(room, "drill run b")
    assert room.refused("c/ada", f"drill report {ref}") == room.refused(
        "c/ada", "drill report drill-zzzzz"
    )
