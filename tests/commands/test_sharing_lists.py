"""What is listed privately and shared then: made anew for all who read the room, by what they may
know, and marked by that.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.custody.doors import Circles
from bot.custody.effective import Marked, marked_of, stored_marked
from bot.events import Outgoing, Post, RoomId, Share, Standing
from bot.richtext import plain
from bot.schedules import keeping
from bot.schedules.keeping import Plan
from bot.sharing.doors import Rules
from bot.sharing.marking import Label, Marking
from bot.sharing.membership import Membership
from bot.sharing.teams import TeamKey
from bot.store.tables import Roster
from tests.commands.assembly import HOUR, MINUTE, Assembly, assembled
from tests.commands.house import DIRECT_ROOM, NOW
from tests.custody import ROOMS, member

A, B, C = ROOMS
INNER = (frozenset({"inner"}),)
"""Teams a and b; c is none of it."""


@pytest.fixture
def three() -> Iterator[Assembly]:
    with assembled() as found:
        yield found


def offered(three: Assembly) -> str:
    """What *Share* below the last answer stands for."""
    (call,) = (each.call for each in three.reply.controls if each.label == "Share")
    return call


def marking(three: Assembly) -> Marking:
    """How the last answer, which all in the room see, is marked."""
    assert three.reply.public
    assert three.reply.matter is not None
    return marked_of(three.reply.matter).marking


def both(three: Assembly) -> None:
    """A decision that all know of, and one that is for the inner group; each with something that
    team b is to do.
    """
    action = '--action "b 2026-03-05T09:00 {}"'
    three.ask("a/ada", f"decide {action.format('Unplug')} Block it.")
    inner = f"decide --group inner --marking TLP:AMBER {action.format('Listen')} Among us."
    three.ask("a/ada", inner)
    three.land()
    three.pass_to(NOW + 11 * MINUTE)
    three.land()


def test_decisions_that_are_shared_are_those_that_all_in_the_room_may_know(
    three: Assembly,
) -> None:
    both(three)
    assert "2 decisions" in three.ask("b/ada", "decisions")
    assert offered(three) == "share decisions"
    answer = three.ask("b/ada", "share decisions")
    assert answer.startswith("TLP:AMBER REL INNER · 2 decisions")
    assert marking(three) == Marking(Label.AMBER, INNER)
    answer = three.ask("c/ada", "share decisions")
    assert answer.startswith("TLP:GREEN · 1 decision, ")
    assert "INN-" not in answer
    assert marking(three) == Marking(Label.GREEN)


def test_who_asks_for_all_hides_what_the_room_may_not_know_though_they_may(
    three: Assembly,
) -> None:
    """Ben of team b asks in the room of c."""
    both(three)
    assert "2 decisions" in three.ask("b/ben", "decisions", room=C)
    for search in ("decisions", "decisions among", "decisions INN-2026-001"):
        answer = three.ask("b/ben", f"share {search}", room=C)
        assert "Among us" not in answer
        assert "INN-" not in answer
    assert "1 decision" in three.ask("b/ben", "share decisions", room=C)


@pytest.mark.parametrize(
    ("what", "two", "one"),
    [
        ("actions", "2 things are left", "1 thing is left to do"),
        ("todo", "2 things wait for CERT B", "1 thing waits for CERT B"),
    ],
)
def test_what_is_left_and_what_waits_is_shared_as_far_as_the_room_may_know_it(
    three: Assembly, what: str, two: str, one: str
) -> None:
    both(three)
    assert two in three.ask("b/ada", what)
    assert offered(three) == f"share {what}"
    assert three.ask("b/ada", f"share {what}").startswith(f"TLP:AMBER REL INNER · {two}")
    assert marking(three) == Marking(Label.AMBER, INNER)
    answer = three.ask("b/ben", f"share {what}", room=C)
    assert answer.startswith(f"TLP:GREEN · {one}")
    assert "Listen" not in answer
    assert marking(three) == Marking(Label.GREEN)


def test_what_waits_in_another_channel_is_not_shared_with_this_one(three: Assembly) -> None:
    three.propose()
    ports, doors = RoomId("fake:b/ports"), three.house.gate.doors
    circles = Circles("ports", (ports,), Rules(Label.AMBER), Label.GREEN, teams=("b",))
    doors.settle([*doors.channels.values(), circles], doors.directory, NOW)
    three.alliance.joined(
        *(Membership(TeamKey("b"), each.circle) for each in doors.channels.values())
    )
    three.alliance.seat(ports, member(ports))
    three.house.rooms["ports"] = [ports]
    assert "1 thing waits" in three.ask("b/ada", "todo", room=ports)
    assert three.ask("b/ada", "share todo", room=ports) == "Nothing waits for CERT B."


def test_a_timeline_that_is_shared_shows_what_the_room_may_know_and_its_picture_once(
    three: Assembly,
) -> None:
    both(three)
    three.ask("b/ada", "timeline --since 2026-03-04T12:00Z")
    assert offered(three) == "share timeline --since 2026-03-04T12:00Z --table"
    assert "INN-2026-001" in three.ask("b/ada", offered(three))
    assert marking(three) == Marking(Label.AMBER, INNER)
    answer = three.ask("b/ben", "share timeline", room=C)
    assert "INN-" not in answer
    assert "Among us" not in answer
    assert marking(three) == Marking(Label.GREEN)
    picture = three.outgoing[-1]
    assert isinstance(picture.content, Share)
    assert picture.room == C
    assert "Among us" not in picture.content.file.alt


def test_a_timeline_is_shared_from_a_direct_room_with_its_picture(three: Assembly) -> None:
    both(three)
    three.outgoing.clear()
    three.ask("b/ada", "timeline --channel c", room=DIRECT_ROOM)
    assert offered(three) == "share --channel c timeline"
    three.outgoing.clear()
    assert three.ask("b/ada", offered(three), room=DIRECT_ROOM) == "Shared in 1 room."
    post, picture = three.outgoing
    assert (post.room, picture.room) == (B, B)
    assert isinstance(post.content, Post)
    assert isinstance(picture.content, Share)
    assert post.matter == picture.matter


def test_schedules_that_are_shared_are_the_channels_as_far_as_the_room_may_know(
    three: Assembly,
) -> None:
    session = three.session
    inner = stored_marked(Marked(Marking(Label.AMBER, INNER), TeamKey("a"), NOW))
    for channel, marked in (("c", None), ("c", inner), (None, None)):
        plan = Plan("text", "x", by="fake:a/ada", team="a", channel=channel, marking=marked)
        keeping.begin(session, plan, "weekdays 08:30", "UTC", NOW)
    assert "2 schedules" in three.ask("a/ada", "schedule list")
    assert offered(three) == "share schedule list"
    assert "2 schedules" in three.ask("a/ada", "share schedule list")
    assert marking(three) == Marking(Label.AMBER, INNER)
    assert "1 schedule" in three.ask("a/ada", "share schedule list", room=C)
    assert marking(three) == Marking(Label.GREEN)


def test_who_is_on_duty_is_shared_without_how_they_are_rung(three: Assembly) -> None:
    assert "No alerts beside chat." in three.ask("a/ada", "duty list b")
    assert offered(three) == "share duty list b"
    assert three.ask("a/ada", "share duty list b") == "CERT B: nobody is on duty."


def _posts(outgoing: list[Outgoing]) -> list[str]:
    return [plain(each.content.body) for each in outgoing if isinstance(each.content, Post)]


def test_what_is_shared_of_many_rooms_is_made_for_each(three: Assembly) -> None:
    """Who is in two rooms shares with each what that may know."""
    both(three)
    seat = Roster(room=C, person="fake:b/ada", name="Ada", team="b", standing=Standing.MEMBER,
                  since=NOW - HOUR)  # fmt: skip
    three.session.add(seat)
    three.outgoing.clear()
    answer = three.ask("b/ada", "share --channel c decisions", room=DIRECT_ROOM)
    assert answer == "Shared in 2 rooms."
    with_inner, without = _posts(three.outgoing)
    assert "INN-2026-001" in with_inner
    assert "INN-" not in without
    assert without.startswith("TLP:GREEN · 1 decision")
