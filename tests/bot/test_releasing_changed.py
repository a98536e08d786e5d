"""Releases of what is marked higher or said otherwise, before or after them, by the running bot."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.bridge import links, quoting
from bot.delivery.retention import sweep
from bot.events import MessageEdited, MessageId
from bot.richtext import say
from bot.sharing.marking import Label
from bot.sharing.membership import Circle, Kind, Membership
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables import Message
from tests.bot.test_releasing import A, B, Town, alliance, link, town
from tests.fake_platform import SAID

UNHEARD = MessageId("00009999")
"""The version of an edit that nobody has told of."""


def test_what_was_marked_higher_after_a_release_stays_so_after_an_edit(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance(ceiling=Label.AMBER_STRICT)) as at:
            said = at["a"].say("TLP:AMBER+STRICT\nthe gate code", local="room")
            await at.quiet()
            await at.confirmed("a", f"release {link(said)} --marking green")
            await at.quiet()
            assert len(at.texts("b")) == 1
            await at.type("a", f"mark {link(said)} TLP:RED")
            await at.quiet()
            assert at.texts("b") == []
            at["a"].edit(said, "the gate", local="room")
            await at.quiet()
            at["a"].say("it is 4711", local="room", thread=said)
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []

    asyncio.run(scenario())


def test_an_edit_that_is_first_seen_by_fetching_takes_back_what_stands(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance(ceiling=Label.AMBER)) as at:
            said = at["a"].say("TLP:AMBER REL DEU\nfor one", local="room")
            at["a"].say("an answer", local="room", thread=said)
            await at.quiet()
            assert len(at.texts("b")) == 2
            stricter = "TLP:AMBER+STRICT\nfor nobody"
            at["a"]._replace(A, said, text=stricter, version=UNHEARD)
            await at.confirmed("a", f"release {link(said)} --group DEU,ITA")
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []
            author = at["a"].author("Ada")
            at["a"].hand_out(MessageEdited(A, said, author, say(stricter), UNHEARD, SAID))
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []

    asyncio.run(scenario())


def test_an_edit_that_is_first_seen_by_fetching_is_seen_where_it_stood(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say("TLP:AMBER REL DEU\nfor one", local="room")
            await at.quiet()
            other = "TLP:AMBER REL DEU\nin other words"
            at["a"]._replace(A, said, text=other, version=UNHEARD)
            await at.confirmed("a", f"release {link(said)} --group DEU,ITA")
            await at.quiet()
            author = at["a"].author("Ada")
            at["a"].hand_out(MessageEdited(A, said, author, say(other), UNHEARD, SAID))
            await at.quiet()
            for end in ("b", "c"):
                (text,) = at.texts(end)
                assert "in other words" in text
                assert "for one" not in text

    asyncio.run(scenario())


def test_one_persons_word_for_a_release_ends_with_an_edit(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance(needs=2)) as at:
            said = at["a"].say("TLP:AMBER+STRICT\nharmless", local="room")
            await at.quiet()
            _, first = await at.confirmed("a", f"release {link(said)} --marking green")
            handle = first.rsplit(" ", 1)[-1]
            at["a"].edit(said, "TLP:AMBER+STRICT\nthe gate code is 4711", local="room")
            await at.quiet()
            refused = await at.type("a", f"release {handle}", "Ben")
            assert "changed" in refused
            _, second = await at.confirmed("a", f"release {link(said)} --marking green", "Ben")
            assert "another person" in second, "what was agreed to were other words"
            await at.quiet()
            assert at.texts("b") == []
            _, third = await at.confirmed("a", f"release {second.rsplit(' ', 1)[-1]}")
            assert third.startswith("Released as TLP:GREEN")

    asyncio.run(scenario())


def test_marking_higher_lets_nobody_in_who_came_after_the_release(sqlite: Database) -> None:
    async def scenario() -> None:
        made = alliance(ceiling=Label.AMBER)
        circle = Circle(Kind.CHANNEL, "c")
        async with town(sqlite, made) as at:
            said = at["a"].say("TLP:AMBER REL DEU\nfor one", local="room")
            await at.quiet()
            await at.confirmed("a", f"release {link(said)} --marking green")
            await at.quiet()
            came = at.bot.clock()
            made.joined(
                Membership(TeamKey("a"), circle),
                Membership(TeamKey("b"), circle),
                Membership(TeamKey("c"), circle, came),
            )
            at.bot.clock.advance(60)
            await at.type("a", f"mark {link(said)} TLP:AMBER")
            at["a"].say("an answer", local="room", thread=said)
            at["a"].say("TLP:GREEN\nnew", local="room")
            await at.quiet()
            row = sqlite.read_now(lambda s: links.said_here(s, A, said))
            assert row is not None
            assert made.custody.markings.marked(row).said < came

    asyncio.run(scenario())


def test_what_stands_says_how_it_is_marked_now(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            root = at["a"].say("for us", local="room")
            at["a"].say("and more", local="room", thread=root)
            await at.quiet()
            assert at.texts("b") == ["for us", "and more"]
            await at.type("a", f"mark {link(root)} TLP:AMBER REL DEU")
            await at.quiet()
            narrow = "TLP:AMBER REL DEU\n\n"
            assert at.texts("b") == [f"{narrow}for us", f"{narrow}and more"]
            assert at.texts("c") == []
            await at.confirmed("a", f"release {link(root)} --marking green --group DEU,ITA")
            await at.quiet()
            wide = "TLP:GREEN REL DEU, ITA\n\n"
            assert at.texts("b") == [f"{wide}for us", f"{wide}and more"]
            (text,) = at.texts("c")
            assert wide in text

    asyncio.run(scenario())


async def forget(at: Town) -> None:
    """Every text is so old that it is kept no more."""
    clock = at.bot.clock
    clock.advance(timedelta(days=8).total_seconds())
    await sweep(at.bot.database, clock(), payloads=timedelta(days=7), links=timedelta(days=400))
    assert not [row.content for row in await at.bot.rows() if row.kind == "post" and row.content]


def test_what_is_marked_higher_is_taken_back_though_its_text_is_kept_no_more(
    sqlite: Database,
) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            root = at["a"].say("for us", local="room")
            at["a"].say("and more", local="room", thread=root)
            await at.quiet()
            await forget(at)
            await at.type("a", f"mark {link(root)} TLP:AMBER REL DEU")
            await at.quiet()
            narrow = "TLP:AMBER REL DEU\n\n"
            assert at.texts("b") == [f"{narrow}for us", f"{narrow}and more"]
            assert at.texts("c") == []
            await forget(at)
            at["a"].edit(root, "TLP:RED for us", local="room")
            await at.quiet()
            assert (at.texts("b"), at.texts("c")) == ([], [])

    asyncio.run(scenario())


def test_what_is_released_says_so_though_its_text_is_kept_no_more(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            root = at["a"].say("TLP:AMBER REL DEU\nfor us", local="room")
            await at.quiet()
            await forget(at)
            await at.confirmed("a", f"release {link(root)} --marking amber --group DEU,ITA")
            await at.quiet()
            assert at.texts("b") == ["TLP:AMBER REL DEU, ITA\n\nTLP:AMBER REL DEU\nfor us"]
            assert len(at.texts("c")) == 1

    asyncio.run(scenario())


def test_a_recall_lists_what_others_said_that_shows_it(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say("not for you after all", local="room")
            shows = at["b"].say("look at this", local="room")
            gone = at["b"].say("and at this", local="room")
            await at.quiet()

            def show(session: Session) -> None:
                rows = session.query(Message)
                numbers = {(row.room, row.message): row.id for row in rows}
                for each in (shows, gone):
                    quoting.note(session, numbers[B, each], [numbers[A, said]])

            at.bot.database.run_now(show)
            at["b"].delete(gone, local="room")
            await at.quiet()
            question = await at.type("a", f"recall {link(said)}")
            assert f"1 message shows it (a forward, a link), and stays: {B}/{shows}" in question
            await at.type("a", "confirm")
            await at.quiet()
            assert at.texts("b") == []
            assert at.texts("c") == ["look at this"]

    asyncio.run(scenario())
