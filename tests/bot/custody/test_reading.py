"""Who could read a message is told from what was written down at the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.custody.reading import Readers, configured, readers
from bot.events import RoomId, Standing
from bot.store.database import Database
from bot.store.tables import Message, Outbox, Roster, State
from tests.bot.custody.rows import NOW

HOME, THERE, NEVER = RoomId("slack:alpha/C1"), RoomId("matrix:c/!r:x"), RoomId("matrix:c/!n:x")


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def was_in(
    room: RoomId, name: str, since: float, until: float | None = None, **more: str
) -> Roster:
    return Roster(
        room=room,
        person=f"slack:alpha/{name}",
        name=name,
        standing=more.get("standing", Standing.MEMBER),
        team=more.get("team", "cert-alpha"),
        since=at(since),
        until=None if until is None else at(until),
    )


def copy(room: RoomId, landed: float | None, gone: float | None = None, part: int = 0) -> Outbox:
    return Outbox(
        id=f"d{room}{part}",
        lane=room,
        room=room,
        source=1,
        kind="post",
        part=part,
        state=State.WAITING if landed is None else State.DELIVERED,
        attempts=1,
        created=NOW,
        finished=None if landed is None else at(landed),
        landed=None if landed is None else "$1",
        gone=None if gone is None else at(gone),
    )


def fill(database: Database, *rows: Roster | Outbox, deleted: float | None = None) -> None:
    message = Message(
        id=1, room=HOME, message="1.1", channel="c", author="slack:alpha/Ada", said=NOW,
        received=NOW, known="said", deleted=None if deleted is None else at(deleted),
    )  # fmt: skip

    def work(session: Session) -> None:
        session.add(message)
        session.flush()
        session.add_all(rows)

    database.run_now(work)


def asked(database: Database, when: float | None = None) -> Readers:
    moment = None if when is None else at(when)
    return database.read_now(lambda s: readers(s, 1, at(1000), moment))


def named(found: Readers) -> list[tuple[str, Sequence[str]]]:
    return [(room.room, [each.name for each in room.readers]) for room in found.rooms]


def test_it_reached_the_rooms_where_it_landed_and_no_others(database: Database) -> None:
    fill(database, copy(THERE, 5), copy(THERE, 7, part=1), copy(NEVER, None))
    assert [(room.room, room.landed, room.gone) for room in asked(database).rooms] == [
        (HOME, NOW, None),
        (THERE, at(5), None),
    ]


def test_those_could_read_it_who_were_there_at_any_time_since(database: Database) -> None:
    fill(
        database,
        copy(THERE, 5),
        was_in(THERE, "before", -60, 4),
        was_in(THERE, "around", -60, 6),
        was_in(THERE, "still", -60),
        was_in(THERE, "later", 60),
        was_in(THERE, "bot", -60, standing=Standing.OURS),
        was_in(NEVER, "elsewhere", -60),
    )
    found = asked(database)
    assert named(found) == [(HOME, []), (THERE, ["around", "later", "still"])]
    assert [room.known for room in found.rooms] == [False, True]


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        (-1, []),
        (3, [(HOME, ["Ada"])]),
        (5, [(HOME, ["Ada"]), (THERE, ["early"])]),
        (20, [(HOME, ["Ada"]), (THERE, ["late"])]),
        (30, [(HOME, ["Ada"])]),
        (60, []),
    ],
)
def test_at_a_moment_it_is_who_was_there_then(
    database: Database, when: float, wanted: list[tuple[str, list[str]]]
) -> None:
    fill(
        database,
        copy(THERE, 5, gone=30),
        was_in(HOME, "Ada", -60),
        was_in(THERE, "early", -60, 20),
        was_in(THERE, "late", 20),
        deleted=60,
    )
    assert named(asked(database, when)) == wanted


def test_what_was_taken_back_is_read_by_nobody_who_came_later(database: Database) -> None:
    fill(database, copy(THERE, 5, gone=30), was_in(THERE, "late", 30), was_in(THERE, "early", 29))
    (_, there) = asked(database).rooms
    assert there.gone == at(30)
    assert [each.name for each in there.readers] == ["early"]


def test_a_room_has_it_as_long_as_a_part_of_it_stands(database: Database) -> None:
    fill(database, copy(THERE, 5, gone=30), copy(THERE, 6, part=1))
    assert asked(database).rooms[1].gone is None


def test_who_left_and_came_back_is_named_for_each_time(database: Database) -> None:
    fill(database, was_in(HOME, "Ada", -60, 10, team="cert-bravo"), was_in(HOME, "Ada", 20))
    (home,) = asked(database).rooms
    assert [(each.team, each.since, each.until) for each in home.readers] == [
        ("cert-alpha", at(20), None),
        ("cert-bravo", at(-60), at(10)),
    ]


def test_the_settings_of_the_time_are_named(database: Database) -> None:
    for minute, fingerprint in ((-90, "a"), (-60, "b"), (-30, "b"), (10, "c"), (20, "a")):
        new = database.run_now(
            lambda s, m=minute, f=fingerprint: configured(s, f, at(m))  # type: ignore[misc]  # defaults hold the loop's values
        )
        assert new == (minute != -30)
    fill(database)
    assert [each.fingerprint for each in asked(database).configurations] == ["b", "c", "a"]
    assert [each.fingerprint for each in asked(database, 15).configurations] == ["c"]
    assert asked(database, -100).configurations == ()
