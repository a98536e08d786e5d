"""What this process has done is known when it is met again, from the moment the store knows it."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery.ours import Ours
from bot.delivery.outcomes import Delivered, Unclear
from bot.events import (
    Author,
    Delivery,
    DeliveryId,
    Edit,
    Event,
    MessageEdited,
    MessageId,
    MessagePosted,
    PersonId,
    Post,
    Reacted,
    RoomId,
)
from bot.richtext import say
from tests.clock import Clock

HERE, ELSEWHERE = RoomId("fake:far/r1"), RoomId("fake:far/r2")
MESSAGE, OTHER = MessageId("m1"), MessageId("m2")
US = Author(PersonId("fake:far/us"), "Liaison", bot=True)
POST = Delivery(DeliveryId("d1"), HERE, Post(say("hello")))
EDIT = Delivery(DeliveryId("d2"), HERE, Edit(say("hello, all"), message=MESSAGE))


def posted(clock: Clock, room: RoomId = HERE, message: MessageId = MESSAGE) -> MessagePosted:
    return MessagePosted(room, message, US, say("hello"), clock(), own=DeliveryId("d1"))


def edited(clock: Clock, message: MessageId = MESSAGE, *, own: bool = True) -> MessageEdited:
    return MessageEdited(HERE, message, US, say("hello, all"), "v", clock(), own=own)


def knows(ours: Ours, event: Event) -> bool:
    return asyncio.run(ours.know(event))


def landed(ours: Ours, delivery: Delivery = POST) -> None:
    with ours.settling(delivery, Delivered(delivery.id, MESSAGE)):
        pass


def test_a_message_that_landed_is_known_where_it_stands_and_nowhere_else(clock: Clock) -> None:
    ours = Ours(clock)
    assert not knows(ours, posted(clock))
    landed(ours)
    assert knows(ours, posted(clock))
    assert not knows(ours, posted(clock, message=OTHER))
    assert not knows(ours, posted(clock, room=ELSEWHERE))


def test_what_somebody_else_said_is_never_known(clock: Clock) -> None:
    ours = Ours(clock)
    landed(ours)
    ada = MessagePosted(HERE, MESSAGE, US, say("hello"), clock())
    assert not knows(ours, ada)


def test_who_meets_it_before_the_commit_waits_for_it(clock: Clock) -> None:
    async def scenario() -> None:
        ours = Ours(clock)
        with ours.settling(POST, Delivered(POST.id, MESSAGE)):
            meeting = asyncio.create_task(ours.know(posted(clock)))
            for _ in range(5):
                await asyncio.sleep(0)
            assert not meeting.done()
        assert await asyncio.wait_for(meeting, 20)

    asyncio.run(scenario())


def test_what_the_store_could_not_take_is_not_known(clock: Clock) -> None:
    async def scenario() -> None:
        ours = Ours(clock)
        with pytest.raises(OSError), ours.settling(POST, Delivered(POST.id, MESSAGE)):
            meeting = asyncio.create_task(ours.know(posted(clock)))
            await asyncio.sleep(0)
            raise OSError
        assert not await asyncio.wait_for(meeting, 20)

    asyncio.run(scenario())


def test_a_try_whose_outcome_is_unknown_makes_nothing_known(clock: Clock) -> None:
    ours = Ours(clock)
    with ours.settling(POST, Unclear(POST.id, "cut", clock())):
        pass
    assert not knows(ours, posted(clock))


def test_an_edit_is_known_for_as_long_as_the_store_would_explain_it(clock: Clock) -> None:
    ours = Ours(clock)
    landed(ours)
    assert not knows(ours, edited(clock)), "the message was posted, and not edited"
    landed(ours, EDIT)
    assert knows(ours, edited(clock))
    assert not knows(ours, edited(clock, own=False))
    assert not knows(ours, edited(clock, OTHER))
    clock.advance(180)
    assert not knows(ours, edited(clock)), "somebody has our token"
    assert knows(ours, posted(clock))


def test_nothing_follows_from_our_own_reaction(clock: Clock) -> None:
    said = clock()
    assert knows(Ours(clock), Reacted(HERE, MESSAGE, US, "👀", True, said, own=True))
    assert not knows(Ours(clock), Reacted(HERE, MESSAGE, US, "👀", True, said))
