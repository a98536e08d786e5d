"""Under the Chatham House Rule the other rooms get the words, and neither person nor team."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sqlalchemy.orm import Session

from bot.bridge.places import Channel
from bot.events import AccountId, File, MessageId, Moved, Pinned, Share, TopicChanged, Undeliverable
from bot.richtext import Mention, Paragraph, RichText, Text
from tests.bot.bridge.conftest import ABLE
from tests.bot.bridge.networks import R1, R2, R3, ROOMS, START, Bot, decode, handler_for, person
from tests.bot.bridge.people import edited, reacted, said
from tests.custody import Alliance, member

RELAYED = frozenset({"bots", "topic", "pins", "joins"})
ADA = replace(member(R1), picture="fake picture of Ada")
HANDLE, M1 = "where-it-lies", MessageId("m1")
OWN_NAME = RichText((Paragraph((Text("I, "), Mention(ADA.person, "Ada"), Text(", say so"))),))


@pytest.fixture
def bot(session: Session) -> Bot:
    alliance = Alliance()
    alliance.open()
    channel = Channel("c", ROOMS, RELAYED, chatham_house=True)
    return Bot(session, handler_for(channel, ABLE, alliance.custody))


def shown(bot: Bot) -> str:
    """Everything that leaves for the other rooms, where files lie aside."""
    rows = [row for row in bot.rows() if row.room != R1 and row.content is not None]
    contents = [decode(row.content or b"") for row in rows]
    return repr(
        [
            replace(each, file=replace(each.file, account="", handle=""))
            if isinstance(each, Share)
            else each
            for each in contents
        ]
    )


def pdf(name: str, mimetype: str) -> File:
    return File(AccountId("fake:a"), HANDLE, name, mimetype=mimetype, size=100)


DEEDS: list[Callable[[Bot], object]] = [
    lambda bot: bot.tell(said("plain words", author=ADA)),
    lambda bot: bot.tell(said("long " * 400, author=ADA)),
    lambda bot: (bot.tell(said("one", author=ADA)), bot.tell(edited("two", author=ADA))),
    lambda bot: bot.tell(edited("nobody told of it", author=ADA)),
    lambda bot: bot.tell(said("", author=ADA, files=(pdf("notes.pdf", "application/pdf"),))),
    lambda bot: bot.tell(said("", author=ADA, files=(pdf("seen.png", "image/png"),))),
    lambda bot: bot.tell(said("", author=ADA, files=(pdf("huge.png", "image/png"),) * 3)),
    lambda bot: bot.tell(TopicChanged(R1, "e1", ADA, "topic", START, purpose=True)),
    lambda bot: bot.tell(TopicChanged(R1, "e1", ADA, "topic", START)),
    lambda bot: bot.tell(Moved(R1, "e1", ADA, True, START)),
    lambda bot: (
        bot.tell(said("one", author=ADA)),
        bot.tell(Pinned(R1, "e1", M1, ADA, True, START)),
        bot.tell(reacted(author=ADA)),
    ),
    lambda bot: bot.tell(Undeliverable(R1, M1, ADA, "It is too long.", START)),
    lambda bot: bot.tell(said(OWN_NAME, author=ADA)),
]


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_that_leaves_names_who_did_it(bot: Bot, deed: Callable[[Bot], object]) -> None:
    deed(bot)
    said_elsewhere = shown(bot)
    for name in ("Ada", "ada", "CERT A", "fake:a", "fake picture"):
        assert name not in said_elsewhere


def test_the_words_come_over_as_said_by_a_participant(bot: Bot) -> None:
    bot.tell(said("plain words", author=ADA))
    bot.settle()
    for room in (R2, R3):
        (post,) = bot.rooms[room].posts
        assert post.author is not None
        assert (post.author.name, post.author.team) == ("a participant", "")
        assert "plain words" in bot.rooms[room].texts()[0]


def test_who_is_mentioned_is_named_where_they_are_and_nowhere_else(bot: Bot) -> None:
    there = Mention(person("Ben", R2).person, "Ben")
    bot.tell(said(RichText((Paragraph((there,)),)), author=ADA))
    bot.settle()
    assert "Ben" in bot.rooms[R2].texts()[0]
    assert "Ben" not in bot.rooms[R3].texts()[0]
    assert "(a participant)" in bot.rooms[R3].texts()[0]


def test_joins_are_not_told(bot: Bot) -> None:
    bot.tell(Moved(R1, "e1", ADA, True, START))
    assert bot.rows() == []


def test_pictures_pass_bare_and_documents_stay(bot: Bot) -> None:
    files = (pdf("seen.png", "image/png"), pdf("notes.pdf", "application/pdf"))
    bot.tell(said("", author=ADA, files=files))
    shares = [decode(row.content or b"") for row in bot.rows() if row.kind == "share"]
    assert [share.file.name for share in shares if isinstance(share, Share)] == ["seen.png"] * 2
    assert all(share.file.bare for share in shares if isinstance(share, Share))
    bot.settle()
    assert any("may say who made it" in text for text in bot.rooms[R2].texts())
