"""A delivery's way, state by state, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.delivery import advancing, outbox, outcomes
from bot.delivery.advancing import Empty, LookUp, Send, Step, Wait
from bot.delivery.outbox import THROTTLED
from bot.delivery.outcomes import Delivered, NotFound, Postponed, Refusal, Unclear
from bot.delivery.rules import Rules
from bot.events import (
    Answer,
    Author,
    Content,
    DeliveryId,
    MessageId,
    MessagePosted,
    Outgoing,
    PersonId,
    Post,
    RoomId,
)
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Outbox, State

NOW = datetime.fromisoformat("2026-03-04T14:30:00+00:00")
ROOM, OTHER = RoomId("fake:far/r1"), RoomId("fake:far/r2")
PERSON = PersonId("fake:far/ada")
SECOND = timedelta(seconds=1)
FORGETS = Rules("", timedelta(0), 30 * SECOND, resend_privates=True)
REMEMBERS = Rules("device-1", timedelta(hours=12), 30 * SECOND, resend_privates=False)


@dataclass(frozen=True)
class Row:
    """A delivery as a test finds it."""

    state: State = State.WAITING
    not_before: timedelta | None = None
    expires: timedelta | None = None
    sent: timedelta | None = None
    via: str | None = None
    reason: str | None = None
    private: bool = False

    def write(self, session: Session) -> DeliveryId:
        content: Content = Answer(PERSON, say("x")) if self.private else Post(say("x"))
        lane = f"person:{PERSON}" if self.private else ""
        outbox.put(session, [Outgoing(ROOM, content, lane)], NOW)
        row = session.execute(select(Outbox)).scalar_one()
        row.state, row.reason, row.via = self.state, self.reason, self.via
        row.not_before = None if self.not_before is None else NOW + self.not_before
        row.expires = None if self.expires is None else NOW + self.expires
        row.sent = row.tried = None if self.sent is None else NOW + self.sent
        session.flush()
        return DeliveryId(row.id)


@dataclass(frozen=True)
class Case:
    """What `advance` is to do with a row."""

    claim: str
    row: Row
    step: type[Step]
    state: State
    rules: Rules = FORGETS
    hurry: bool = False
    settled: Callable[[DeliveryId], outcomes.Settled] | None = field(default=None)


SENT = -5 * SECOND
CASES = [
    Case("what waits is sent", Row(), Send, State.SENDING),
    Case("what waits for a time is not", Row(not_before=9 * SECOND), Wait, State.WAITING),
    Case("what waited long enough is", Row(not_before=-SECOND), Send, State.SENDING),
    Case("it need not wait when the network is back", Row(not_before=9 * SECOND), Send,
         State.SENDING, hurry=True),
    Case("a pause that was asked for holds nevertheless",
         Row(not_before=9 * SECOND, reason=THROTTLED), Wait, State.WAITING, hurry=True),
    Case("what has expired is dead", Row(expires=-SECOND), Empty, State.DEAD),
    Case("what expires later is sent", Row(expires=SECOND), Send, State.SENDING),
    Case("what a crash interrupted is unknown", Row(State.SENDING, sent=SENT), LookUp,
         State.UNKNOWN),
    Case("what was public and tried does not expire",
         Row(State.SENDING, sent=SENT, expires=-SECOND), LookUp, State.UNKNOWN),
    Case("the same session repeats it instead", Row(State.SENDING, sent=SENT, via="device-1"),
         Send, State.SENDING, REMEMBERS),
    Case("another session does not", Row(State.SENDING, sent=SENT, via="device-0"), LookUp,
         State.UNKNOWN, REMEMBERS),
    Case("nor the same one after the network forgot",
         Row(State.UNKNOWN, sent=timedelta(hours=-13), via="device-1"), LookUp, State.UNKNOWN,
         REMEMBERS),
    Case("before a session is known nothing is tried", Row(), Wait, State.WAITING,
         Rules("", timedelta(hours=12), 30 * SECOND, resend_privates=False)),
    Case("a harmless repetition waits its time",
         Row(State.UNKNOWN, sent=SENT, via="device-1", not_before=SECOND), Wait, State.UNKNOWN,
         REMEMBERS),
    Case("a private answer that cannot be looked up is repeated",
         Row(State.UNKNOWN, sent=SENT, private=True), Send, State.SENDING),
    Case("unless it has expired", Row(State.UNKNOWN, sent=SENT, private=True, expires=-SECOND),
         Empty, State.DEAD),
    Case("what landed is delivered", Row(State.SENDING, sent=SENT), Empty, State.DELIVERED,
         settled=lambda key: Delivered(key, MessageId("m1"))),
    Case("what was refused is dead", Row(State.SENDING, sent=SENT), Empty, State.DEAD,
         settled=lambda key: Refusal(key, "room_gone")),
    Case("what was not sent waits", Row(State.SENDING, sent=SENT), Wait, State.WAITING,
         settled=lambda key: Postponed(key, NOW + SECOND, "unreachable")),
    Case("what is unclear is looked up", Row(State.SENDING, sent=SENT), LookUp, State.UNKNOWN,
         settled=lambda key: Unclear(key, "cut", NOW)),
    Case("what was not found is sent again", Row(State.UNKNOWN, sent=SENT), Send, State.SENDING,
         settled=NotFound),
    Case("what was met meanwhile is not", Row(State.DELIVERED, sent=SENT), Empty,
         State.DELIVERED, settled=NotFound),
    Case("what was dropped meanwhile is not", Row(State.DEAD, sent=SENT), Empty, State.DEAD,
         settled=NotFound),
    Case("nor does it become unclear again", Row(State.DELIVERED, sent=SENT), Empty,
         State.DELIVERED, settled=lambda key: Unclear(key, "cut", NOW)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim.replace(" ", "-"))
def test_a_lanes_next_step(database: Database, case: Case) -> None:
    def work(session: Session) -> tuple[Step, str]:
        key = case.row.write(session)
        settled = None if case.settled is None else case.settled(key)
        lane = f"person:{PERSON}" if case.row.private else ROOM
        step = advancing.advance(session, lane, settled, case.rules, NOW, hurry=case.hurry)
        state = session.execute(select(Outbox.state).where(Outbox.id == key)).scalar_one()
        return step, state

    step, state = database.run_now(work)
    assert (type(step), state) == (case.step, case.state)


def test_a_look_up_is_not_made_before_the_request_is_over(database: Database) -> None:
    def work(session: Session) -> Step:
        Row(State.SENDING, sent=SENT).write(session)
        return advancing.advance(session, ROOM, None, FORGETS, NOW)

    step = database.run_now(work)
    assert isinstance(step, LookUp)
    assert step.not_before == NOW + SENT + 30 * SECOND


def test_a_lane_goes_in_the_order_of_writing_and_knows_no_other(database: Database) -> None:
    def work(session: Session) -> list[str]:
        posts = [Outgoing(room, Post(say(text))) for text in ("1", "2") for room in (ROOM, OTHER)]
        assert outbox.put(session, posts, NOW) == {ROOM, OTHER}
        ids, settled = [], None
        while isinstance(step := advancing.advance(session, ROOM, settled, FORGETS, NOW), Send):
            assert step.delivery.room == ROOM
            ids.append(step.delivery.content)
            settled = Delivered(step.delivery.id, None)
        return [str(each) for each in ids]

    assert database.run_now(work) == [str(Post(say("1"))), str(Post(say("2")))]


@pytest.mark.parametrize("state", [State.WAITING, State.SENDING, State.UNKNOWN])
def test_meeting_our_own_message_settles_it(database: Database, state: State) -> None:
    def work(session: Session) -> tuple[set[str], str, str | None]:
        key = Row(state, sent=SENT).write(session)
        lane = outbox.landed(session, key, MessageId("m7"), NOW)
        row = session.execute(select(Outbox.state, Outbox.landed)).one()
        assert outbox.landed(session, key, MessageId("m7"), NOW) == set()
        return lane, row.state, row.landed

    assert database.run_now(work) == ({ROOM}, State.DELIVERED, "m7")


def test_what_is_not_ours_settles_nothing(database: Database) -> None:
    nothing = outbox.landed
    assert database.run_now(lambda s: nothing(s, DeliveryId("dx"), MessageId("m"), NOW)) == set()


def test_a_reply_goes_where_its_root_landed(database: Database) -> None:
    """Said in one room, copied to the other: a reply from either finds the root in both."""

    def work(session: Session) -> list[MessageId | None]:
        author = Author(PERSON, "Ada")
        root = MessagePosted(ROOM, MessageId("root"), author, say("root"), NOW)
        number = links.remember(session, root, "c", NOW, {})
        outbox.put(session, [Outgoing(OTHER, Post(say("root"), author), source=number)], NOW)
        step = advancing.advance(session, OTHER, None, FORGETS, NOW)
        assert isinstance(step, Send)
        outbox.settle(session, Delivered(step.delivery.id, MessageId("copy")), NOW)
        assert links.origin(session, ROOM, MessageId("root")) == number
        assert links.origin(session, OTHER, MessageId("copy")) == number
        found: list[MessageId | None] = []
        for room in (ROOM, OTHER):
            outbox.put(session, [Outgoing(room, Post(say("reply"), author), thread=number)], NOW)
            reply = advancing.advance(session, room, None, FORGETS, NOW)
            assert isinstance(reply, Send)
            assert isinstance(reply.delivery.content, Post)
            found.append(reply.delivery.content.thread)
        return found

    assert database.run_now(work) == ["root", "copy"]


def test_ids_are_of_one_form_and_never_the_same() -> None:
    ids = {outbox.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(each) == 27 and each[0] == "d" and each.isalnum() for each in ids)
