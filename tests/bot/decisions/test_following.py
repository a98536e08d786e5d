"""What is asked of the store to follow decisions, on each of the databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody.pending import Reader, gathered
from bot.decisions import closing, context, mentioning, pending, timeline
from bot.decisions.context import Quoted
from bot.decisions.timeline import Kind
from bot.decisions.voices import Stance
from bot.store.database import Database
from bot.store.tables import Message
from bot.store.tables.decisions import Ledger
from tests.bot.decisions.council import EXPIRES, MINUTE, OPENED, TEAMS, SmallCouncil
from tests.custody import ROOMS

A, B, C = TEAMS


@pytest.fixture
def small(database: Database) -> Iterator[SmallCouncil]:
    with Session(database.engine) as session:
        found = SmallCouncil(session)
        found.alliance.open()
        yield found


def test_what_waits_what_happened_and_what_is_due_are_asked_alike(small: SmallCouncil) -> None:
    row = small.propose()
    small.land(OPENED)
    small.speak(row, "b", Stance.AGREE, OPENED + MINUTE)
    team = small.directory().teams[C]
    items = gathered([pending.source(small)], small.session, Reader(small.custody(), team, OPENED))
    assert [(each.name, each.teams) for each in items] == [(row.ref, frozenset({A, C}))]
    assert mentioning.known(small.session, small.custody(), row.ref, ROOMS[1]) is not None
    assert closing.due(small.session, OPENED).refs == ()
    assert set(closing.due(small.session, EXPIRES).rooms) == set(ROOMS)
    small.read(EXPIRES)
    assert closing.due(small.session, EXPIRES).refs == (row.ref,)
    small.look(row, EXPIRES + MINUTE)
    moments = timeline.gathered(
        small.session, small.series(), "c", lambda _: True, OPENED, EXPIRES + timedelta(days=1)
    )
    assert [each.kind for each in moments] == [Kind.PUT, Kind.ENDED]


def test_words_of_others_are_given_back(small: SmallCouncil) -> None:
    row = small.propose()
    said = Message(
        room=ROOMS[0], message="m1", channel="c", author="fake:a/ben", said=OPENED, known="said",
        received=OPENED, label="TLP:GREEN", originator="a",
    )  # fmt: skip
    small.session.add(said)
    small.session.flush()
    context.keep(small.session, row, [Quoted(said.id, "x/m1", "Zanzibar.")], OPENED)
    markings = small.custody().markings
    assert context.to_return(small.session, markings) == {}
    said.deleted = OPENED
    small.session.flush()
    back = context.to_return(small.session, markings)
    assert list(back) == [row.ref]
    context.give_back(small.session, back, OPENED)
    kept = select(Ledger.text).where(Ledger.kind == context.KIND)
    assert small.session.execute(kept).scalars().all() == [None]
    assert context.to_return(small.session, markings) == {}
