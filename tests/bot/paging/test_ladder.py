"""The ladder: each step once, by its minutes or where a service is down, until one answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import Answer, Post
from bot.paging import keeping, ladder
from bot.paging.showing import alert_lines
from bot.sharing.marking import Label
from bot.times.hours import Quiet
from bot.times.working import Severity
from tests.bot.paging.watchroom import HOME, HOOK, MAIL, MINUTE, B, Watchroom, watchroom
from tests.commands.house import ADMIN_ROOM
from tests.custody import ROOMS

SECRET = "Kranich at the gates, call +49 30 1234"


@pytest.fixture
def room() -> Iterator[Watchroom]:
    with watchroom() as found:
        yield found


def test_it_climbs_from_who_is_on_duty_to_who_stands_in_to_the_admins(room: Watchroom) -> None:
    answer = room.ask("a/ada", f"page b {SECRET}")
    assert answer[-1] == "Without an answer the next is rung after 5m."
    assert room.spoken_to() == ["b/ada"]
    room.pass_by(5 * MINUTE)
    assert room.spoken_to() == ["b/ada", "b/ben"]
    room.pass_by(5 * MINUTE)
    assert room.spoken_to() == ["b/ada", "b/ben", "b/eve"]
    assert [(each.rung, each.service) for each in room.alerts()] == [
        (1, "mail-1"), (2, "mail-1"), (3, "mail-1"),
    ]  # fmt: skip


def test_every_word_is_for_who_is_of_its_team_still_when_it_is_sent(room: Watchroom) -> None:
    room.ask("a/ada", f"page b {SECRET}")
    room.pass_by(5 * MINUTE)
    room.ask("b/ben", "duty ack")
    answers = [each.content for each in room.outgoing if isinstance(each.content, Answer)]
    assert len(answers) == 4, "two are rung, the author and the one who has not answered hear of it"
    for each in answers:
        assert each.person.startswith(f"fake:{each.team}/")


def test_nothing_is_rung_before_its_minutes_are_over(room: Watchroom) -> None:
    room.call()
    room.pass_by(4.9 * MINUTE)
    assert room.spoken_to() == ["b/ada"]


def test_when_nobody_is_left_its_author_and_the_admin_rooms_hear_so(room: Watchroom) -> None:
    room.ask("a/ada", f"page b {SECRET}")
    for _ in range(3):
        room.pass_by(5 * MINUTE)
    (told,) = room.told("a/ada")
    assert "nobody of CERT B has answered" in told
    assert any("nobody of CERT B" in each for each in room.posts(ADMIN_ROOM))
    assert room.page().ended == room.now
    assert len(keeping.waiting(room.session, B, room.now)) == 1, "it is still to do"


def test_one_tap_stops_it_and_whoever_was_rung_hears_so(room: Watchroom) -> None:
    room.ask("a/ada", f"page b {SECRET}")
    room.pass_by(5 * MINUTE)
    ref = room.page().ref
    answer = room.ask("b/ben", f"duty ack {ref}")
    assert answer == [f"{ref}: it is yours, 5 min after the call."]
    assert room.told("a/ada") == [f"{ref}: CERT B has it, after 5 min."]
    assert room.told("b/ada")[-1] == f"{ref}: CERT B has it, after 5 min."
    assert {each.state for each in room.alerts()} == {ladder.DROPPED}
    room.pass_by(60 * MINUTE)
    assert room.spoken_to().count("b/eve") == 0
    assert not keeping.waiting(room.session, B, room.now)


def test_a_second_tap_says_that_somebody_has_it(room: Watchroom) -> None:
    ref = room.call().ref
    room.ask("b/ben", f"duty ack {ref}")
    room.now += 2 * MINUTE
    assert "for 2 min already" in room.refused("b/ada", f"duty ack {ref}")


def test_nobody_of_another_team_answers_or_learns_that_there_is_a_page(room: Watchroom) -> None:
    ref = room.call().ref
    unknown = room.refused("c/ada", "duty ack g-zzzzz")
    assert room.refused("c/ada", f"duty ack {ref}") == unknown


def test_nobody_is_rung_twice_and_a_step_without_anybody_new_is_passed_over() -> None:
    with watchroom(duty=("fake:b/ada",), admins=("fake:b/ada", "fake:b/eve")) as room:
        room.ask("a/ada", f"page b {SECRET}")
        room.pass_by(5 * MINUTE)
        assert room.spoken_to() == ["b/ada", "b/eve"]
        assert [each.rung for each in room.alerts()] == [1, 3]


# ── a service that is down ──────────────────────────────────────────────────────────────────────


def test_a_service_that_is_down_rings_the_next_step_at_once(room: Watchroom) -> None:
    room.ask("a/ada", f"page b {SECRET}")
    room.down(room.alerts()[0])
    assert room.spoken_to() == ["b/ada", "a/ada", "b/ben"]
    (told,) = room.told("a/ada")
    assert "an alert service of CERT B does not work (mail)" in told
    room.pass_by(5 * MINUTE)
    assert room.spoken_to()[-1] == "b/eve", "the minutes begin anew, and no step comes twice"


def test_its_author_hears_once_of_each_service(room: Watchroom) -> None:
    room.ask("a/ada", f"page b {SECRET}")
    room.down(room.alerts()[0])
    room.down(room.alerts()[1])
    assert len(room.told("a/ada")) == 1
    assert room.spoken_to()[-1] == "b/eve"


def test_it_is_not_over_before_its_minutes_because_all_services_are_down(room: Watchroom) -> None:
    room.ask("a/ada", f"page b {SECRET}")
    for number in range(3):
        room.down(room.alerts()[number])
    assert room.page().ended is None
    room.pass_by(5 * MINUTE)
    assert room.page().ended is not None


def test_one_of_two_services_that_fails_late_rings_no_step_twice(room: Watchroom) -> None:
    room.house.alerts = {B: (MAIL, HOOK)}
    room.ask("a/ada", f"page b {SECRET}")
    first, second = room.alerts()
    room.down(first)
    room.down(second)
    assert [each for each in room.spoken_to() if each != "a/ada"] == ["b/ada", "b/ben"]
    assert len(room.told("a/ada")) == 2


# ── what is said where ──────────────────────────────────────────────────────────────────────────


def test_an_alert_holds_number_severity_and_link_and_no_word(room: Watchroom) -> None:
    room.ask("a/ada", f"page b --severity high {SECRET}")
    page = room.page()
    assert alert_lines(page) == (f"{page.ref} high", f"https://chat.test/{ROOMS[1]}")


def test_an_alert_leads_somewhere_even_where_nobody_of_the_team_is_seen() -> None:
    with watchroom(duty=(), admins=(), delegates=()) as room:
        room.call()
        assert alert_lines(room.page())[1] == f"https://chat.test/{ROOMS[1]}"


def test_the_text_is_in_the_direct_room_of_who_is_rung_under_its_label(room: Watchroom) -> None:
    room.ask("a/ada", f"page b {SECRET}")
    (told,) = room.told("b/ada")
    lines = told.split("\n")
    assert lines[0] == f"CRITICAL · {room.page().ref}: CERT A calls CERT B."
    assert lines[1] == f"TLP:GREEN: {SECRET}"
    answer = next(each.content for each in room.outgoing if isinstance(each.content, Answer))
    assert answer.lasting
    assert [each.call for each in answer.controls] == [f"duty ack {room.page().ref}"]


def test_a_home_that_may_not_hold_the_text_is_told_without_it(room: Watchroom) -> None:
    room.team("b", home=HOME)
    room.ask("a/ada", f"page b {SECRET}")
    (post,) = room.posts(HOME)
    assert SECRET not in post
    assert room.page().ref in post


def test_a_home_that_may_hold_the_text_has_it_through_the_gate(room: Watchroom) -> None:
    room.team("b", home=HOME)
    room.ask("a/ada", "page b TLP:CLEAR Call us.")
    sent = next(each for each in room.outgoing if each.room == HOME)
    assert isinstance(sent.content, Post)
    assert room.posts(HOME)[0].split("\n")[1] == "TLP:CLEAR Call us."
    assert sent.matter is not None, "the gate is asked again before it is sent"


def test_a_team_that_may_not_read_it_is_not_called_with_it(room: Watchroom) -> None:
    room.team("b", clearance=Label.CLEAR)
    assert "may not read it" in room.refused("a/ada", f"page b {SECRET}")
    assert not room.alerts()


def test_the_home_says_who_has_it(room: Watchroom) -> None:
    room.team("b", home=HOME)
    ref = room.call().ref
    room.ask("b/ada", f"duty ack {ref}")
    assert room.posts(HOME)[-1] == f"{ref}: CERT B has it, after 0 s."


# ── at night ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_grave_enough_waits_for_the_end_of_the_quiet_hours() -> None:
    quiet = Quiet(time(14), time(16))  # it is 14:30 UTC
    with watchroom(quiet=quiet, quiet_override=Severity.HIGH) as room:
        answer = room.ask("a/ada", f"page b --severity medium {SECRET}")
        assert "is asleep" in answer[0]
        assert "16:00" in answer[1]
        assert not room.outgoing
        room.pass_by(timedelta(minutes=89))
        assert not room.alerts()
        room.pass_by(MINUTE)
        assert room.spoken_to() == ["b/ada"]


@pytest.mark.parametrize(
    ("override", "severity", "rings"),
    [
        (Severity.HIGH, "high", True),
        (Severity.CRITICAL, "high", False),
        (None, "critical", True),
        (None, "high", False),
    ],
)
def test_quiet_override_says_what_rings_at_any_hour(
    override: Severity | None, severity: str, *, rings: bool
) -> None:
    with watchroom(quiet=Quiet(time(14), time(16)), quiet_override=override) as room:
        room.ask("a/ada", f"page b --severity {severity} {SECRET}")
        assert bool(room.alerts()) is rings


def test_a_team_that_nobody_can_reach_is_said_at_once() -> None:
    with watchroom(duty=(), admins=(), delegates=()) as room:
        room.house.alerts = {}
        assert "Nobody of CERT B can be reached" in room.refused("a/ada", f"page b {SECRET}")


def test_its_text_is_kept_no_longer_than_any_other(room: Watchroom) -> None:
    room.ask("a/ada", f"page b {SECRET}")
    room.now += timedelta(days=7)
    keeping.forget(room.session, room.now - timedelta(days=8), room.now - timedelta(days=400))
    room.session.expire_all()
    assert room.page().text == SECRET
    keeping.forget(room.session, room.now, room.now - timedelta(days=400))
    room.session.expire_all()
    assert room.page().text is None
    keeping.forget(room.session, room.now, room.now)
    assert not room.alerts()


# ── whatever happens ────────────────────────────────────────────────────────────────────────────


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.sampled_from(["minute", "five", "hour", "down", "again", "ack"]), min_size=1, max_size=12
    )
)
def test_each_step_rings_each_service_and_each_person_once_whatever_happens(
    steps: list[str],
) -> None:
    with watchroom(zone=ZoneInfo("Asia/Tokyo")) as room:
        room.house.alerts = {B: (MAIL, HOOK)}
        ref = room.call().ref
        acknowledged = 0
        for step in steps:
            match step:
                case "minute":
                    room.pass_by(MINUTE)
                case "five":
                    room.pass_by(5 * MINUTE)
                case "hour":
                    room.pass_by(60 * MINUTE)
                case "down" | "again":
                    waiting = [a for a in room.alerts() if a.state == ladder.WAITING]
                    if waiting:
                        room.down(waiting[0 if step == "down" else -1])
                case "ack" if room.page().acknowledged is None:
                    room.ask("b/eve", f"duty ack {ref}")
                    acknowledged = len(room.alerts())
        rung = [(each.rung, each.service) for each in room.alerts()]
        assert len(rung) == len(set(rung))
        people = [each.person for each in keeping.rang(room.page())]
        assert len(people) == len(set(people))
        if acknowledged:
            assert len(rung) == acknowledged, "nothing rings after somebody has it"
