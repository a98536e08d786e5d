"""The bot shows in each room what somebody elsewhere shows."""

from __future__ import annotations

import pytest

from bot.bridge import links, reactions
from bot.bridge.places import Channel
from bot.events import MessageId
from tests.bot.bridge.conftest import ABLE, MakeBot
from tests.bot.bridge.networks import R1, R2, R3, ROOMS, Bot, person
from tests.bot.bridge.people import ADA, BEN, deleted, reacted, said


def marks(bot: Bot) -> list[list[str]]:
    return [[mark for each in bot.rooms[room].standing() for mark in each.marks] for room in ROOMS]


@pytest.fixture
def copy(bot: Bot) -> MessageId:
    """The copy, in the second room, of a message said in the first."""
    bot.rooms[R1].say("m1")
    bot.tell(said("words"))
    bot.settle()
    return next(iter(bot.rooms[R2].shown))


def test_a_reaction_is_shown_in_every_other_room(bot: Bot, copy: MessageId) -> None:
    bot.tell(reacted("👍", copy, R2))
    bot.settle()
    assert marks(bot) == [["👍"], [], ["👍"]]


def test_one_is_shown_however_many_react_until_the_last_is_gone(bot: Bot, copy: MessageId) -> None:
    bot.tell(reacted(author=ADA, at=1))
    bot.tell(reacted(author=BEN, at=2))
    bot.tell(reacted(author=BEN, at=2))
    bot.tell(reacted(message=copy, room=R2, author=person("Cy", R2), at=3))
    bot.settle()
    assert marks(bot) == [["👍"], ["👍"], ["👍"]]
    bot.tell(reacted(author=ADA, at=4, added=False))
    bot.settle()
    assert marks(bot) == [["👍"], ["👍"], ["👍"]]
    bot.tell(reacted(author=BEN, at=5, added=False))
    bot.settle()
    assert marks(bot) == [["👍"], [], ["👍"]]
    bot.tell(reacted(message=copy, room=R2, author=person("Cy", R2), at=6, added=False))
    bot.settle()
    assert marks(bot) == [[], [], []]


def test_what_comes_late_or_twice_changes_nothing(bot: Bot, copy: MessageId) -> None:
    bot.tell(reacted(at=2, added=False))
    bot.tell(reacted(at=1))
    bot.settle()
    assert marks(bot) == [[], [], []]
    bot.tell(reacted(at=3))
    bot.tell(reacted(at=3))
    bot.tell(reacted(at=2, added=False))
    bot.settle()
    assert marks(bot) == [[], ["👍"], ["👍"]]


def test_a_reaction_with_an_id_is_taken_back_by_it_in_whatever_order(
    bot: Bot, copy: MessageId
) -> None:
    bot.tell(reacted(reaction="e1"))
    bot.tell(deleted("e1"))
    bot.tell(reacted(reaction="e1"))
    bot.tell(deleted("e2"))
    bot.tell(reacted(reaction="e2"))
    bot.settle()
    assert marks(bot) == [[], [], []]
    bot.tell(reacted(reaction="e3"))
    bot.settle()
    assert marks(bot) == [[], ["👍"], ["👍"]]


def test_the_id_of_our_own_reaction_is_used_to_take_it_back(bot: Bot, copy: MessageId) -> None:
    bot.tell(reacted())
    bot.tell(reacted(added=False, at=1))
    bot.settle()
    shown, taken = bot.sent[R2][-2:]
    assert getattr(taken.content, "reaction", None) == bot.landed[shown.id]


def test_what_is_shown_on_an_unknown_message_waits_for_it(bot: Bot) -> None:
    assert not bot.tell(reacted()).lanes
    bot.tell(said("words"))
    bot.settle()
    assert marks(bot) == [[], ["👍"], ["👍"]]


def test_nothing_is_shown_where_the_network_cannot(make_bot: MakeBot) -> None:
    from dataclasses import replace

    bot = make_bot(Channel("c", ROOMS), replace(ABLE, reactions=False))
    bot.tell(said("words"))
    assert not bot.tell(reacted()).lanes


def test_who_reacted_is_known_by_name_and_room(bot: Bot, copy: MessageId) -> None:
    bot.tell(reacted("👍", at=1))
    bot.tell(reacted("🎉", copy, R2, author=person("Cy", R2), at=2))
    bot.tell(reacted("🎉", author=ADA, at=3))
    bot.tell(reacted("🎉", author=ADA, at=4, added=False))
    number = links.origin(bot.session, R3, next(iter(bot.rooms[R3].shown)))
    assert number is not None
    rows = [tuple(row) for row in reactions.who_reacted(bot.session, number)]
    assert rows == [("👍", "Ben", R1), ("🎉", "Cy", R2)]
