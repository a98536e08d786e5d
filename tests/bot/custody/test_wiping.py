"""Words that a law wants gone leave what the bot keeps of its own messages, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import wiping
from bot.delivery import outbox
from bot.events import Answer, Outgoing, PersonId, Post, RoomId
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Message, Outbox, Request, State

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
ROOM = RoomId("fake:a/room")
TEXT = 'Call "Émile Zanzibar" 🦊 at home, and nobody else of his house.\nNo.'
TITLE = 'TLP:GREEN · C-2026-001 · Call "Émile Zanzibar" 🦊 at…'


def _put(session: Session) -> None:
    said = Message(
        room=ROOM, message="m", channel="c", author="fake:a/ada", said=NOW, received=NOW,
        known="said", originator="a", label="TLP:GREEN",
    )  # fmt: skip
    session.add(said)
    session.flush()
    answer = Answer(PersonId("fake:a/ada"), say(TEXT))
    outbox.put(
        session,
        [
            Outgoing(ROOM, Post(say(TITLE))),
            Outgoing(ROOM, answer),
            Outgoing(ROOM, Post(say("No. Other words."))),
            Outgoing(ROOM, Post(say(TEXT)), source=said.id),
        ],
        NOW,
    )
    session.query(Outbox).update({"state": State.DELIVERED, "finished": NOW})
    outbox.put(session, [Outgoing(ROOM, Post(say(TEXT)))], NOW)
    for handle, kind in (("x-1", "step"), ("r-1", "release")):
        wanted = '{"call":"voice p-1 object Call \\"Émile Zanzibar\\" 🦊 at home"}'
        session.add(
            Request(handle=handle, kind=kind, object="o", by="b", wanted=wanted, answers="[]",
                    state="open", created=NOW)
        )  # fmt: skip


def test_what_holds_the_words_is_erased_of_what_is_the_bots_own(database: Database) -> None:
    database.run_now(_put)
    database.run_now(lambda session: wiping.wipe(session, [TEXT]))
    kept = select(Outbox.content.is_not(None)).order_by(Outbox.seq)
    found = database.read_now(lambda s: list(s.execute(kept).scalars()))
    assert found == [False, False, True, True, True], "others' words, and what is still to be said"
    steps = select(Request.wanted).order_by(Request.handle)
    told = database.read_now(lambda s: list(s.execute(steps).scalars()))
    assert ["Zanzibar" in each for each in told] == [True, False]


def test_of_what_is_too_short_to_be_told_apart_nothing_is_erased(database: Database) -> None:
    database.run_now(_put)
    database.run_now(lambda session: wiping.wipe(session, ["No.", "", "\n"]))
    kept = select(Outbox.content).where(Outbox.content.is_not(None))
    assert len(database.read_now(lambda s: list(s.execute(kept).scalars()))) == 5
