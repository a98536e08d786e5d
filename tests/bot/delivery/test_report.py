"""What people are told of deliveries, and what they may do with them."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.delivery import outbox, report
from bot.delivery.outcomes import Delivered, Refusal
from bot.errors import UserError
from bot.events import (
    Author,
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
from tests.clock import Clock

ROOM = RoomId("slack:alpha/C01GEN")
TARGETS = [RoomId("matrix:x/!a:b"), RoomId("matrix:x/!dead")]


def relayed(session: Session, clock: Clock) -> list[DeliveryId]:
    """A message whose first copy landed and whose second was refused; their ids."""
    author = Author(PersonId("slack:alpha/U1"), "Ada")
    event = MessagePosted(ROOM, MessageId("1772634600.000100"), author, say("canary"), clock())
    number = links.remember(session, event, "c", clock(), {})
    copies = [Outgoing(room, Post(event.body, author), source=number) for room in TARGETS]
    outbox.put(session, copies, clock())
    ids = [DeliveryId(key) for key in session.execute(
        select(Outbox.id).order_by(Outbox.seq)).scalars()]  # fmt: skip
    outbox.settle(session, Delivered(ids[0], MessageId("$copy")), clock())
    outbox.settle(session, Refusal(ids[1], "room_gone"), clock())
    return ids


def test_one_messages_way_by_any_of_its_names(database: Database, clock: Clock) -> None:
    landed, dead = database.run_now(lambda s: relayed(s, clock))
    names = [
        landed,
        dead,
        "1772634600.000100",
        f"{ROOM}/1772634600.000100",
        "https://alpha.slack.com/archives/C01GEN/p1772634600000100",
        "https://alpha.slack.com/archives/C01GEN/p1772634600000100?thread_ts=1.2",
        "$copy",
    ]
    for name in names:
        found = database.read_now(lambda s, name=name: report.trace(s, name))  # type: ignore[misc]  # a default holds the loop's value
        assert found is not None, name
        copies = found["copies"]
        assert isinstance(copies, list)
        assert [each["state"] for each in copies] == ["delivered", "dead"]
        assert "canary" not in str(found)
    assert database.read_now(lambda s: report.trace(s, "nothing")) is None


def test_only_what_did_not_land_is_listed(database: Database, clock: Clock) -> None:
    _, dead = database.run_now(lambda s: relayed(s, clock))
    (row,) = database.read_now(lambda s: report.list_deliveries(s, None))
    assert set(row) >= {"id", "room", "state", "attempts", "reason", "said", "delivered"}
    assert (row["id"], row["reason"], row["delivered"]) == (dead, "room_gone", None)
    assert row["said"] == "2026-03-04T14:30:00.000Z"
    assert database.read_now(lambda s: report.list_deliveries(s, State.UNKNOWN)) == []


def test_what_is_dead_can_be_tried_again_or_dropped(database: Database, clock: Clock) -> None:
    landed, dead = database.run_now(lambda s: relayed(s, clock))
    assert database.run_now(lambda s: report.retry(s, [dead])) == 1
    assert database.read_now(outbox.lanes_in_use) == [TARGETS[1]]
    with pytest.raises(UserError, match="not dead"):
        database.run_now(lambda s: report.retry(s, [dead]))
    assert database.run_now(lambda s: report.drop(s, [dead], clock())) == 1
    assert database.read_now(outbox.lanes_in_use) == []
    with pytest.raises(UserError, match="erased"):
        database.run_now(lambda s: report.retry(s, [dead]))
    assert database.run_now(lambda s: report.retry(s, None)) == 0
    with pytest.raises(UserError, match="delivered"):
        database.run_now(lambda s: report.drop(s, [landed], clock()))
    with pytest.raises(UserError, match="no delivery"):
        database.run_now(lambda s: report.drop(s, ["dnone"], clock()))
