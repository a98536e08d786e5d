"""Who was in a room, and until when: only what differs is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot.custody import rosters
from bot.custody.rosters import Change, compare, keep
from bot.events import Author, RoomId, Standing
from bot.sharing.teams import Directory
from bot.store import tables
from bot.store.database import Database
from tests.bot.sharing.allies import ALLIES, matrix, slack
from tests.clock import Clock

ROOM, ELSEWHERE = RoomId("slack:alpha/C1"), RoomId("slack:alpha/C2")
ADA = Author(slack("U5"), "Ada", standing=Standing.MEMBER)
BEN = Author(slack("U7"), "Ben", standing=Standing.MEMBER)
GUY = Author(slack("U9"), "Guy", standing=Standing.GUEST)
BOT = Author(slack("U0"), "Liaison", bot=True, standing=Standing.OURS)


def read(
    database: Database,
    clock: Clock,
    *readers: Author,
    room: RoomId = ROOM,
    directory: Directory = ALLIES,
) -> Change:
    """A roster was read and is kept."""
    change = database.read_now(lambda s: compare(s, room, readers, directory))
    for piece in change.pieces():
        database.run_now(lambda s, piece=piece: keep(s, piece, clock()))  # type: ignore[misc]
    return change


def rows(database: Database, room: RoomId = ROOM) -> list[tuple[str, str | None, str, bool]]:
    """Who, of which team, what they were, and whether they are there still."""
    row = tables.Roster
    found = database.read_now(
        lambda s: s.execute(select(row).where(row.room == room).order_by(row.id)).scalars().all()
    )
    return [(each.name, each.team, each.standing, each.until is None) for each in found]


def audited(database: Database) -> list[tuple[str, str, str]]:
    row = tables.Audit
    found = database.read_now(lambda s: s.execute(select(row).order_by(row.seq)).scalars().all())
    return [(each.who, each.action, each.object) for each in found]


def people(seats: Sequence[rosters.Seat]) -> list[str]:
    return [seat.name for seat in seats]


def test_the_first_roster_is_kept_and_nobody_came_by_it(database: Database, clock: Clock) -> None:
    change = read(database, clock, ADA, BEN, GUY, BOT)
    assert change.first
    assert not change.joined
    assert rows(database) == [
        ("Ada", "alpha", "member", True),
        ("Ben", "bravo", "member", True),
        ("Guy", None, "guest", True),
    ]
    assert audited(database) == []


def test_who_came_and_who_went_is_kept_with_its_time_and_recorded(
    database: Database, clock: Clock
) -> None:
    read(database, clock, ADA, GUY)
    clock.advance(60)
    change = read(database, clock, ADA, BEN)
    assert (people(change.joined), people(change.left)) == (["Ben"], ["Guy"])
    assert rows(database) == [
        ("Ada", "alpha", "member", True),
        ("Guy", None, "guest", False),
        ("Ben", "bravo", "member", True),
    ]
    assert audited(database) == [
        (BEN.person, "joined", f"room:{ROOM}"),
        (GUY.person, "left", f"room:{ROOM}"),
    ]
    guy = database.read_now(
        lambda s: s.execute(select(tables.Roster).where(tables.Roster.name == "Guy")).scalar_one()
    )
    assert guy.until == clock()
    assert guy.until - guy.since == timedelta(seconds=60)


def test_the_same_again_writes_nothing(database: Database, clock: Clock) -> None:
    read(database, clock, ADA, BEN)
    change = read(database, clock, BEN, ADA)
    assert not list(change.pieces())
    assert len(rows(database)) == 2


def test_who_becomes_something_else_gets_a_row_from_then_on_and_did_not_leave(
    database: Database, clock: Clock
) -> None:
    read(database, clock, ADA, GUY)
    clock.advance(60)
    change = read(database, clock, ADA, replace_standing(GUY, Standing.MEMBER))
    assert not change.joined
    assert not change.left
    assert rows(database)[1:] == [
        ("Guy", None, "guest", False),
        ("Guy", "alpha", "member", True),
    ]
    nobody = Directory(member_of=ALLIES.member_of)
    read(database, clock, ADA, directory=nobody)
    assert ("Ada", None, "member", True) in rows(database)


def test_who_comes_back_has_two_rows(database: Database, clock: Clock) -> None:
    for readers in ((ADA, BEN), (ADA,), (ADA, BEN)):
        clock.advance(60)
        read(database, clock, *readers)
    assert [here for name, _, _, here in rows(database) if name == "Ben"] == [False, True]


def test_rooms_are_kept_apart_and_an_emptied_room_is_none_of_which_nothing_is_known(
    database: Database, clock: Clock
) -> None:
    read(database, clock, ADA)
    assert read(database, clock, BEN, room=ELSEWHERE).first
    read(database, clock)
    assert not read(database, clock, BEN).first
    assert [here for *_, here in rows(database)] == [False, True]


def test_many_are_written_in_pieces_and_what_is_of_one_person_stays_together(
    database: Database, clock: Clock
) -> None:
    many = [
        Author(matrix(f"@p{number}:bravo.example"), f"P{number}", standing=Standing.MEMBER)
        for number in range(1200)
    ]
    first = read(database, clock, *many)
    assert [len(piece.begun) for piece in first.pieces()] == [250, 250, 250, 250, 200]
    others = [replace_standing(each, Standing.GUEST) for each in many]
    change = database.read_now(lambda s: compare(s, ROOM, others, ALLIES))
    for piece in change.pieces():
        assert {seat.person for seat in piece.begun} == {seat.person for seat in piece.ended}
    assert not change.joined
    assert len(rows(database)) == 1200


def replace_standing(author: Author, standing: Standing) -> Author:
    return Author(author.person, author.name, standing=standing)


def test_a_piece_that_is_kept_alone_is_whole(database: Database, clock: Clock) -> None:
    """As where the bot is ended between two pieces: the rest is written when it looks again."""
    change = database.read_now(lambda s: compare(s, ROOM, [ADA, BEN], ALLIES))
    database.run_now(lambda s: keep(s, replace(change, begun=change.begun[:1]), clock()))
    assert [name for name, *_ in rows(database)] == ["Ada"]
    read(database, clock, ADA, BEN)
    assert [name for name, *_ in rows(database)] == ["Ada", "Ben"]
