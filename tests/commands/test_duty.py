"""`duty`: who is on duty by their word, by the rota, by the settings; and answering a page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.errors import UserError
from bot.events import Outgoing, Post, RoomId
from bot.paging.keeping import rang
from bot.paging.turns import check_turns, turn
from bot.richtext import say
from bot.store.tables import Posting
from tests.bot.paging.watchroom import HOME, MINUTE, Watchroom, watchroom
from tests.commands.assembly import linking_to
from tests.custody import ROOMS

HOUR = timedelta(hours=1)


@pytest.fixture
def room() -> Iterator[Watchroom]:
    with watchroom(delegates=("fake:b/eve",)) as found:
        yield found


def test_the_settings_say_who_is_on_duty_and_who_stands_in(room: Watchroom) -> None:
    assert room.ask("b/ada", "duty list") == [
        "CERT B: Ada is on duty.", "Standing in: Ben", "1 alert beside chat",
    ]  # fmt: skip


def test_whoever_says_so_is_on_duty_until_they_say_otherwise(room: Watchroom) -> None:
    assert room.ask("b/ben", "duty on")[0] == "Ben is on duty for CERT B."
    assert room.ask("b/ada", "duty list")[0] == "CERT B: Ben is on duty."
    assert room.ask("b/ben", "duty off")[0] == "Ben: on duty no more."
    assert room.ask("b/ada", "duty list")[0] == "CERT B: Ada is on duty."


def test_who_is_on_duty_by_their_word_is_the_one_who_is_rung(room: Watchroom) -> None:
    room.ask("b/ben", "duty on --deputy @eve --until 8h")
    room.call()
    room.pass_by(5 * MINUTE)
    assert room.spoken_to() == ["b/ben", "b/eve"]


def test_a_shift_begins_and_ends_by_itself(room: Watchroom) -> None:
    room.ask("b/ben", "duty on --from 1h --until 3h")
    assert room.ask("b/ada", "duty list")[0] == "CERT B: Ada is on duty."
    room.now += 2 * HOUR
    assert room.ask("b/ada", "duty list")[0] == "CERT B: Ben is on duty."
    room.now += HOUR
    assert room.ask("b/ada", "duty list")[0] == "CERT B: Ada is on duty."


def test_people_take_turns(room: Watchroom) -> None:
    answer = room.ask("b/eve", 'duty on ada ben eve --every "daily 09:00"')
    assert answer[0] == "Ada is on duty, and they take turns."
    assert len(answer) == 5
    room.now += timedelta(days=1)
    lines = room.ask("b/ada", "duty list")
    assert lines[0] == "CERT B: Ben is on duty."
    assert "Standing in: Eve" in lines
    room.now += timedelta(days=2)
    assert room.ask("b/ada", "duty")[0] == "CERT B: Ada is on duty."
    room.ask("b/eve", "duty off --rota")
    assert room.ask("b/ada", "duty")[0] == "CERT B: Ada is on duty."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("duty on ada ben", "with “--every”"),
        ("duty on nobody", "I know nobody of your team called “nobody”"),
        ("duty on --deputy eve", "Nobody stands in for themselves"),
        ("duty on --until 90d", "is a rota"),
        ("duty on --from 2h --until 1h", "ends after it has begun"),
        ('duty on ada --every "daily 09:00"', "two people or more"),
        ('duty on ada ben --every "every 30m"', "every four hours at most"),
        ("duty off", "Nobody of them has said “duty on”"),
        ("duty off --rota", "has no rota"),
        ("duty list nowhere", "I know no team “nowhere”"),
        ("duty ack", "No page waits for your team"),
        ("duty ack g-zzzzz", "I know of no such page"),
    ],
)
def test_what_is_wrong_is_said(room: Watchroom, text: str, why: str) -> None:
    assert why in room.refused("b/eve", text)


def test_who_speaks_for_no_team_puts_nobody_else_on_duty(room: Watchroom) -> None:
    assert "puts others on duty" in room.refused("b/ben", "duty on ada")
    assert "puts others on duty" in room.refused("b/ben", 'duty on ada ben --every "mon 09:00"')


def test_the_only_page_that_waits_needs_no_name(room: Watchroom) -> None:
    ref = room.call().ref
    assert room.ask("b/ben", "duty ack")[0].startswith(f"{ref}: it is yours")


def test_a_page_is_answered_by_answering_its_post(room: Watchroom) -> None:
    room.team("b", home=HOME)
    first, second = room.call(), room.call()
    room.land()
    assert "Several wait" in room.refused("b/ben", "duty ack")
    assert first.post is not None
    answer = room.ask("b/ben", "duty ack", room=HOME, answers=first.post)
    assert answer[0].startswith(first.ref)
    assert second.acknowledged is None


DIRECT = RoomId("fake:b/direct")
"""Where somebody of team b is spoken to alone: no delivery says that it is there."""


def test_the_word_to_one_person_is_answered_in_their_direct_room(room: Watchroom) -> None:
    first, second = room.call(), room.call()
    room.land()
    (rung,) = rang(second)
    answer = room.ask("b/ada", "duty ack", room=DIRECT, answers=rung.delivery, channel=None)
    assert answer[0].startswith(second.ref)
    assert first.acknowledged is None
    again = room.refused("b/ben", "duty ack", room=DIRECT, answers=rung.delivery, channel=None)
    assert "has had it" in again


def test_a_link_says_which_page_is_meant(room: Watchroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.custody.pointing.networks", linking_to("home"))
    room.team("b", home=HOME)
    pages = [room.call() for _ in range(3)]
    room.land()
    first, second, third = pages
    for page, landed in ((first, first.post), (second, rang(second)[0].delivery)):
        link = f"https://chat.test/{landed}"
        assert "no such page" in room.refused("c/ada", f"duty ack {link}")
        assert room.ask("b/ben", f"duty ack {link}")[0].startswith(page.ref)
    assert "no such page" in room.refused("b/ben", "duty ack https://chat.test/none")
    assert third.acknowledged is None


def test_the_post_of_the_advisory_that_rings_is_answered(room: Watchroom) -> None:
    other, page = room.call(), room.call(about="a-abc", number="C-2026-001")
    post = Outgoing(ROOMS[1], Post(say("TLP:GREEN · C-2026-001")), id=room.house.new_id())
    assert post.id is not None
    room.session.add(Posting(delivery=post.id, ref="a-abc", kind="head", room=ROOMS[1], part=0))
    room.left([post])
    room.land()
    answer = room.ask("b/ben", "duty ack", answers=post.id)
    assert answer[0].startswith("C-2026-001: it is yours")
    assert page.acknowledged is not None
    assert other.acknowledged is None


def test_what_shows_no_page_answers_the_only_one_that_waits(room: Watchroom) -> None:
    ref = room.call().ref
    assert room.ask("b/ben", "duty ack", answers="elsewhere")[0].startswith(ref)


def test_team_shows_who_is_on_duty_now(room: Watchroom) -> None:
    room.ask("b/ben", "duty on")
    lines = room.ask("a/ada", "team b")
    assert "On duty: @Ben" in lines
    assert "Standing in: @Ada" in lines


def test_todo_names_the_pages_that_wait_and_no_word_of_them(room: Watchroom) -> None:
    room.ask("a/ada", "page b Kranich am Tor")
    ref = room.page().ref
    lines = "\n".join(room.ask("b/ben", "todo"))
    assert f"duty ack {ref}" in lines
    assert "Kranich" not in lines
    assert ref not in "\n".join(room.ask("c/ada", "todo"))


# ── turns ───────────────────────────────────────────────────────────────────────────────────────

PARIS = ZoneInfo("Europe/Paris")
BEGUN = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("days", range(0, 400, 13))
def test_turns_go_on_by_the_wall_clock_over_both_nights(days: int) -> None:
    now = BEGUN + timedelta(days=days)
    local = now.astimezone(PARIS)
    passed = (local.date() - BEGUN.astimezone(PARIS).date()).days - (local.hour < 9)
    assert turn("daily 09:00", PARIS, BEGUN, now, 3) == passed % 3


def test_it_is_handed_over_at_its_instant_and_not_before() -> None:
    at = datetime(2026, 3, 3, 8, tzinfo=UTC)  # 09:00 in Paris
    assert turn("daily 09:00", PARIS, BEGUN, at - timedelta(microseconds=1), 2) == 0
    assert turn("daily 09:00", PARIS, BEGUN, at, 2) == 1


def test_a_rota_that_never_comes_is_refused() -> None:
    with pytest.raises(UserError):
        check_turns("0 9 30 2 *", PARIS, BEGUN)
