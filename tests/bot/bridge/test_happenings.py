"""Topics, pins, and who comes and goes: as the channel's `relay` says."""

from __future__ import annotations

from dataclasses import replace

from bot.bridge.places import Channel
from bot.events import MessageId, Moved, Pinned, TopicChanged
from tests.bot.bridge.conftest import ABLE, MakeBot
from tests.bot.bridge.networks import R1, R2, R3, ROOMS, START, Bot
from tests.bot.bridge.people import ADA, said

TOPIC = TopicChanged(R1, "t1", ADA, "ports are closed", START)
PIN = Pinned(R1, "p1", MessageId("m1"), ADA, True, START)
JOIN = Moved(R1, "j1", ADA, True, START)


def test_a_topic_is_set_in_every_other_room_once(bot: Bot) -> None:
    bot.tell(TOPIC)
    bot.tell(TOPIC)
    bot.settle()
    assert bot.rooms[R2].topic == bot.rooms[R3].topic == "ports are closed"
    assert len(bot.sent[R2]) == 1


def test_a_topic_that_was_relayed_last_is_not_relayed_back(bot: Bot) -> None:
    bot.tell(TOPIC)
    bot.settle()
    assert not bot.tell(replace(TOPIC, room=R2, event="t2", own=True)).lanes
    assert not bot.tell(replace(TOPIC, room=R2, event="t3")).lanes
    bot.tell(replace(TOPIC, room=R2, event="t4", topic="open"))
    bot.settle()
    assert bot.rooms[R1].topic == "open"
    bot.tell(replace(TOPIC, event="t5"))
    bot.settle()
    assert bot.rooms[R2].topic == "ports are closed"


def test_where_topics_cannot_be_set_a_line_says_it(make_bot: MakeBot) -> None:
    bot = make_bot(Channel("c", ROOMS), replace(ABLE, topics=False))
    bot.tell(TOPIC)
    bot.tell(replace(TOPIC, event="t2", topic=""))
    bot.tell(replace(TOPIC, event="t3", topic="work", purpose=True))
    bot.settle()
    assert bot.rooms[R2].texts() == [
        "Ada changed the topic: ports are closed",
        "Ada cleared the topic.",
        "Ada changed what the room is for: work",
    ]


def test_a_pin_is_a_line_that_answers_what_was_pinned(bot: Bot) -> None:
    bot.tell(said("words"))
    bot.tell(PIN)
    bot.tell(PIN)
    bot.tell(replace(PIN, event="p2", pinned=False, message=MessageId("long ago")))
    bot.settle()
    words, pinned, unpinned = bot.rooms[R2].standing()
    assert (pinned.text, pinned.reply_to) == ("Ada pinned a message.", words.message)
    assert (unpinned.text, unpinned.reply_to) == ("Ada unpinned a message.", None)


def test_joins_are_told_only_if_the_channel_wants_them(make_bot: MakeBot) -> None:
    for wanted in (False, True):
        relay = frozenset({"joins"} if wanted else ())
        bot = make_bot(Channel("c", ROOMS, relay=relay), ABLE)
        for event in (JOIN, replace(JOIN, event="j2", joined=False), TOPIC, PIN):
            bot.tell(event)
        bot.settle()
        assert bot.rooms[R2].texts() == (["Ada joined.", "Ada left."] if wanted else [])
