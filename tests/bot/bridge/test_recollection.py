"""What a network is told of what was taken in, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from bot.bridge.places import Channel
from bot.bridge.recollection import StoredRecollection
from bot.events import MessageId
from bot.store.database import Database
from tests.bot.bridge.conftest import ABLE
from tests.bot.bridge.networks import R1, R2, ROOMS, Bot, handler_for, person
from tests.bot.bridge.people import said

T = TypeVar("T")


def ask(database: Database, question: Callable[[StoredRecollection], Awaitable[T]]) -> T:
    async def asked() -> T:
        return await question(StoredRecollection(database))

    return asyncio.run(asked())


def ids(*messages: str) -> list[MessageId]:
    return [MessageId(message) for message in messages]


def test_what_was_taken_in_is_seen(database: Database) -> None:
    handler = handler_for(Channel("c", ROOMS), ABLE)
    database.run_now(lambda session: Bot(session, handler).tell(said("words", "m1")))
    assert ask(database, lambda it: it.unseen(R1, ids("m0", "m1", "m2"))) == {"m0", "m2"}
    assert ask(database, lambda it: it.unseen(R2, ids("m1"))) == {"m1"}
    assert ask(database, lambda it: it.unseen(R1, [])) == set()


def test_the_lively_threads_of_a_room_are_known(database: Database) -> None:
    handler, copies = handler_for(Channel("c", ROOMS), ABLE), list[str]()

    def play(session: Session) -> None:
        bot = Bot(session, handler)
        for message in ("m1", "m2", "m4"):
            bot.rooms[R1].say(message)
            bot.tell(said(f"words of {message}", message))
        bot.tell(said("a", "m5", thread="m2"))
        bot.tell(said("b", "m6", thread="m2"))
        bot.settle()
        copies.append(sorted(bot.rooms[R2].shown)[2])
        bot.tell(said("c", "x1", R2, author=person("Cy", R2), thread=copies[0]))
        bot.settle()

    database.run_now(play)
    known = ask(database, lambda it: it.threads(R1, MessageId("")))
    assert known == {"m2": "m6", "m4": "000001"}, "what was said there, and what we brought"
    known = ask(database, lambda it: it.threads(R2, MessageId("x0")))
    assert known == {copies[0]: "x1"}
    assert ask(database, lambda it: it.threads(R1, MessageId("m7"))) == {}
