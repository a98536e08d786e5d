"""Who reacted is told to those of the channel alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.errors import UserError
from bot.events import Author, MessageId, MessagePosted, PersonId
from bot.richtext import plain, say
from bot.store.tables import Base, Reaction
from commands.registry import Context, Registry
from commands.who_reacted import who_reacted
from tests.commands.house import ADA, NOW, SLACK_ROOM, context_in


@pytest.fixture
def context() -> Iterator[Context]:
    """What Ada asks in answer to a message that two people reacted to."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        event = MessagePosted(SLACK_ROOM, MessageId("m1"), ADA, say("words"), NOW)
        number = links.remember(session, event, "ransomware", NOW, {})
        for name, emoji, present in (("Ben", "👍", True), ("Cy", "👍", True), ("Dan", "🎉", False)):
            session.add(
                Reaction(
                    message=number, room=SLACK_ROOM, person=name, name=name, emoji=emoji,
                    reaction="", present=present, said=NOW,
                )
            )  # fmt: skip
        session.flush()
        yield replace(context_in(), session=session, answers=MessageId("m1"))
    engine.dispose()


def test_names_and_rooms_are_told_by_emoji(context: Context) -> None:
    answer = who_reacted.function(context)
    assert not answer.public
    assert plain(answer.body) == f"2 reactions:\n👍 Ben ({SLACK_ROOM}), Cy ({SLACK_ROOM})"
    by_name = who_reacted.function(replace(context, answers=None), f"{SLACK_ROOM}/m1")
    assert by_name == answer


def test_of_a_message_of_another_channel_nothing_is_told(context: Context) -> None:
    elsewhere = replace(context, channel="ports", answers=None)
    with pytest.raises(UserError, match="know nothing"):
        who_reacted.function(elsewhere, f"{SLACK_ROOM}/m1")


def test_without_a_message_it_says_how_to_ask(context: Context) -> None:
    with pytest.raises(UserError, match="in answer"):
        who_reacted.function(replace(context, answers=None))
    with pytest.raises(UserError, match="know nothing"):
        who_reacted.function(replace(context, answers=MessageId("m9")))


def test_where_nobody_reacted_it_says_so(context: Context) -> None:
    author = Author(PersonId("slack:alpha/U2"), "Ben")
    event = MessagePosted(SLACK_ROOM, MessageId("m2"), author, say("x"), NOW)
    links.remember(context.session, event, "ransomware", NOW, {})
    answer = who_reacted.function(replace(context, answers=MessageId("m2")))
    assert plain(answer.body) == "Nobody has reacted to it."


def test_it_is_a_command() -> None:
    assert "who-reacted" in Registry.load().names
