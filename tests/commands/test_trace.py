"""Where a message has landed, and why not elsewhere, is told to those of its channel alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from bot.bridge import copies, links
from bot.delivery import outbox
from bot.delivery.outcomes import Delivered, Postponed, Refusal, Settled, Unclear
from bot.errors import UserError
from bot.events import DeliveryId, Edit, MessageId, MessagePosted, Outgoing, Post, RoomId
from bot.richtext import plain, say
from bot.store.tables import Base, Outbox
from bot.words import words_for
from commands.registry import Context, Registry
from commands.trace import trace
from tests.commands.house import ADA, DIRECT_ROOM, MATRIX_ROOM, NOW, SLACK_ROOM, context_in

MESSAGE = MessageId("1772634600.000100")
OTHER = RoomId("matrix:coalition/!other:example.org")


@pytest.fixture
def context() -> Iterator[Context]:
    """What Ada asks in answer to a message of hers."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        event = MessagePosted(SLACK_ROOM, MESSAGE, ADA, say("canary"), NOW)
        links.remember(session, event, "ransomware", NOW, {})
        yield replace(context_in(), session=session, answers=MESSAGE)
    engine.dispose()


def pass_on(context: Context, *rooms: RoomId, edit: bool = False) -> list[DeliveryId]:
    """Copies of the message for rooms, or edits of those; their ids."""
    session, body = context.session, say("canary")
    number = links.origin(session, SLACK_ROOM, MESSAGE)
    outgoing = [
        Outgoing(room, Edit(body), about=number)
        if edit
        else Outgoing(room, Post(body), source=number)
        for room in rooms
    ]
    outbox.put(session, outgoing, NOW)
    ids = session.execute(select(Outbox.id).order_by(Outbox.seq)).scalars()
    return [DeliveryId(key) for key in ids][-len(rooms) :]


def settle(context: Context, *settled: Settled) -> None:
    for each in settled:
        outbox.settle(context.session, each, NOW)
    context.session.expire_all()


def told(context: Context, ref: str | None = None) -> list[str]:
    answer = trace.function(context, ref)
    assert not answer.public
    text = plain(answer.body)
    assert "canary" not in text
    return text.split("\n")


def test_each_room_has_a_line_with_what_became_of_it(context: Context) -> None:
    first, second = pass_on(context, MATRIX_ROOM, OTHER)
    settle(context, Delivered(first, MessageId("$copy")), Refusal(second, "M_FORBIDDEN"))
    assert told(context) == [
        "Delivered in 1 of 2 other rooms.",
        f"• {MATRIX_ROOM}: delivered 14:30 UTC",
        f"• {OTHER}: not delivered: the bot is not in the room, or may not do that there",
    ]


@pytest.mark.parametrize(
    ("settled", "line"),
    [
        (None, "on its way since 14:30 UTC"),
        (
            lambda key: Postponed(key, NOW, "unreachable"),
            "waiting since 14:30 UTC: the network cannot be reached",
        ),
        (
            lambda key: Unclear(key, "no answer in time", NOW),
            "sent 14:30 UTC, and nobody knows if it landed: the network did not answer",
        ),
        (lambda key: Refusal(key, "M_STRANGE"), "not delivered: its network says [M_STRANGE]"),
        (lambda key: Refusal(key, "dropped"), "not delivered: an administrator gave it up"),
    ],
)
def test_every_state_is_said_in_words(context: Context, settled: object, line: str) -> None:
    (key,) = pass_on(context, MATRIX_ROOM)
    if callable(settled):
        settle(context, settled(key))
    assert told(context)[1:] == [f"• {MATRIX_ROOM}: {line}"]


def test_what_waits_behind_another_says_what_that_waits_for(context: Context) -> None:
    before = Outgoing(MATRIX_ROOM, Post(say("other")))
    outbox.put(context.session, [before], NOW)
    first = context.session.execute(select(Outbox.id)).scalar_one()
    settle(context, Postponed(DeliveryId(first), NOW, "throttled"))
    pass_on(context, MATRIX_ROOM)
    (line,) = told(context)[1:]
    assert line.endswith("waiting since 14:30 UTC: the network asked for a pause")


def test_an_edit_that_has_not_landed_is_told_until_a_later_one_has(context: Context) -> None:
    (copy,) = pass_on(context, MATRIX_ROOM)
    (edit,) = pass_on(context, MATRIX_ROOM, edit=True)
    settle(context, Delivered(copy, MessageId("$copy")), Refusal(edit, "too long"))
    summary, line = told(context)
    assert summary == "Delivered in 0 of 1 other rooms."
    assert line == f"• {MATRIX_ROOM}: its edit: not delivered: it is too long"
    (edit,) = pass_on(context, MATRIX_ROOM, edit=True)
    settle(context, Delivered(edit, MessageId("$edit")))
    assert told(context)[0] == "Delivered in 1 of 1 other rooms."


def test_a_copy_that_was_deleted_in_its_room_is_told_as_such(context: Context) -> None:
    (copy,) = pass_on(context, MATRIX_ROOM)
    settle(context, Delivered(copy, MessageId("$copy")))
    row = context.session.execute(select(Outbox)).scalar_one()
    copies.mark_gone(context.session, row.seq, NOW)
    context.session.expire_all()
    assert told(context)[1].endswith("delivered 14:30 UTC, and deleted there since")


@pytest.mark.parametrize(
    "ref",
    [
        f"{SLACK_ROOM}/{MESSAGE}",
        "https://alpha.slack.com/archives/C01GEN/p1772634600000100?thread_ts=1.2&cid=C01GEN",
        "https://matrix.to/#/!abc:example.org/$copy?via=example.org",
        "matrix:r/abc:example.org/e/copy?via=example.org",
        "$copy",
    ],
)
def test_it_is_found_by_every_name_in_its_channel_alone(context: Context, ref: str) -> None:
    (key,) = pass_on(context, MATRIX_ROOM)
    settle(context, Delivered(key, MessageId("$copy")))
    asked = replace(context, answers=None)
    for name in (ref, key):
        assert told(asked, name)[0] == "Delivered in 1 of 1 other rooms."
        with pytest.raises(UserError, match="know nothing"):
            trace.function(replace(asked, channel="ports"), name)
        with pytest.raises(UserError, match="know nothing"):
            trace.function(replace(asked, channel=None), name)
    with pytest.raises(UserError, match="in answer"):
        trace.function(asked)


def test_in_a_direct_room_the_other_rooms_are_not_named(context: Context) -> None:
    pass_on(context, MATRIX_ROOM)
    asked = replace(context, room=DIRECT_ROOM, direct=True, answers=None)
    assert told(asked, MESSAGE)[1] == "• matrix:coalition: on its way since 14:30 UTC"


def test_what_went_nowhere_or_was_deleted_says_so(context: Context) -> None:
    assert told(context) == ["It was not passed on to any other room."]
    number = links.origin(context.session, SLACK_ROOM, MESSAGE)
    assert number is not None
    links.change(context.session, number, deleted=NOW)
    context.session.expire_all()
    assert "deleted" in told(context)[0]


def test_it_speaks_french(context: Context) -> None:
    (key,) = pass_on(context, MATRIX_ROOM)
    settle(context, Refusal(key, "M_FORBIDDEN"))
    lines = told(replace(context, words=words_for("fr")))
    assert lines[0] == "Remis dans 0 des 1 autres salons."


def test_it_is_a_command() -> None:
    assert "trace" in Registry.load().names
