"""What an order covers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.custody.frozen import Frozen, Kind, Order
from bot.events import Author, PersonId, RoomId, Standing
from bot.sharing.teams import Directory, Team, TeamKey

NOW = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
A, B, SHARED = RoomId("net:a/r1"), RoomId("net:b/r1"), RoomId("net:b/shared")
ADMIN = RoomId("net:b/adm")
ADA = Author(PersonId("net:a/ada"), "Ada", standing=Standing.MEMBER)
BEN = Author(PersonId("net:b/ben"), "Ben", standing=Standing.MEMBER)
OPAL = Author(PersonId("net:c/opal"), "Opal", standing=Standing.MEMBER)
ALLIES = Directory(
    [
        Team(TeamKey("alpha"), "Alpha", members=("net:a",), home=RoomId("net:b/home")),
        Team(TeamKey("bravo"), "Bravo", members=("net:b",)),
    ],
    home_of=lambda member: member.partition("/")[0],
)
READERS = {A: {"alpha"}, B: {"bravo"}, SHARED: {"alpha", "bravo"}}


def frozen(kind: Kind, name: str) -> Frozen:
    found = Frozen(
        ALLIES,
        {"c": [A, B, SHARED]},
        [ADMIN],
        lambda room: frozenset(map(TeamKey, READERS.get(room, ()))),
    )
    assert found.hold([Order(kind, name, NOW)])
    assert not found.hold(found.orders)
    return found


TWIN = RoomId("net:b/alias")
"""The same conversation as `A`, by another name."""


@pytest.mark.parametrize("name", [A, TWIN])
@pytest.mark.parametrize("kind", [Kind.ROOM, Kind.PAUSE])
def test_one_conversation_that_is_two_rooms_is_held_by_either_name(kind: Kind, name: str) -> None:
    found = Frozen(
        ALLIES, {"c": [B, SHARED]}, one_of=lambda room: A if room == TWIN else room
    )  # fmt: skip
    found.hold([Order(kind, name, NOW)])
    for room in (A, TWIN):
        assert found.stops(room, NOW, private=False)
        assert (found.keeps_out(room) is not None) is (kind is Kind.ROOM)
        assert found.state_of(room) is kind
    assert found.reached_by(found.orders[0], [A, B, TWIN]) == [A, TWIN]
    assert not found.stops(B, NOW, private=False)


def test_a_teams_own_room_is_its_own_by_either_name() -> None:
    twin = RoomId("net:b/home-alias")
    found = Frozen(ALLIES, one_of=lambda room: RoomId("net:b/home") if room == twin else room)
    assert found.belongs(twin, ALLIES.teams[TeamKey("alpha")])
    assert not Frozen(ALLIES).belongs(twin, ALLIES.teams[TeamKey("alpha")])


@pytest.mark.parametrize(
    ("kind", "name", "kept_out", "stopped"),
    [
        (Kind.ROOM, A, {(A, "Ada"), (A, "Ben")}, {A}),
        (Kind.ACCOUNT, "net:a", {(A, "Ada"), (A, "Ben"), (SHARED, "Ada")}, {A}),
        (Kind.SERVER, "net:a", {(A, "Ada"), (A, "Ben"), (SHARED, "Ada")}, {A}),
        (Kind.TEAM, "alpha", {(A, "Ada"), (A, "Ben"), (SHARED, "Ada")}, {A}),
        (Kind.TEAM, "gone", set(), set()),
        (Kind.PAUSE, "c", set(), {A, SHARED}),
        (Kind.PAUSE, A, set(), {A}),
        (
            Kind.ALL,
            "all",
            {(A, "Ada"), (A, "Ben"), (SHARED, "Ada"), (SHARED, "Ben"), (ADMIN, "Opal")},
            {A, SHARED},
        ),
    ],
)
def test_an_order_covers_its_own(
    kind: Kind, name: str, kept_out: set[tuple[RoomId, str]], stopped: set[RoomId]
) -> None:
    order = frozen(kind, name)
    places = [(A, ADA), (A, BEN), (SHARED, ADA), (SHARED, BEN), (ADMIN, OPAL)]
    found = {(room, who.name) for room, who in places if order.keeps_out(room, who)}
    assert found == kept_out
    rooms = (A, SHARED, ADMIN)
    assert {room for room in rooms if order.stops(room, NOW, private=False)} == stopped
    for room, who in places:
        assert order.is_frozen(who.person, room, who.standing) == ((room, who.name) in kept_out)


def test_a_frozen_admin_room_is_told_nothing() -> None:
    assert frozen(Kind.ROOM, ADMIN).stops(ADMIN, NOW, private=False)
    assert frozen(Kind.ACCOUNT, "net:b").stops(ADMIN, NOW, private=False)


def test_the_answer_to_who_froze_it_still_goes_and_none_after_it() -> None:
    order = frozen(Kind.ACCOUNT, "net:a")
    assert not order.stops(A, NOW + timedelta(seconds=1), private=True)
    assert order.stops(A, NOW + timedelta(seconds=6), private=True)
    assert not frozen(Kind.PAUSE, "c").stops(A, NOW + timedelta(hours=1), private=True)
    assert not frozen(Kind.ALL, "all").stops(A, NOW + timedelta(hours=1), private=True)


def test_each_change_is_another_epoch() -> None:
    found = frozen(Kind.ALL, "all")
    before = found.epoch
    assert found.hold([])
    assert found.epoch == before + 1
    assert found.keeps_out(A, ADA) is None
