"""What is not relayed marks what hangs on it all the same: commands, programs, our own posts."""

from __future__ import annotations

import pytest
from msgspec import structs
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.custody import posting
from bot.custody.effective import Marked
from bot.delivery import outbox
from bot.delivery.outbox import new_id
from bot.events import MessageId, RoomId
from bot.richtext import say
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.tables import Message, Reaction
from tests.bot.bridge.conftest import ABLE
from tests.bot.bridge.networks import R1, R2, R3, ROOMS, Bot
from tests.bot.bridge.people import edited, reacted, said
from tests.bot.bridge.test_quoting import ADA, ALL, bot_of, got, quoting
from tests.custody import BEGINNING

AMBER, INNER = Marking(Label.AMBER), Marking(Label.GREEN, (frozenset({"inner"}),))
SHORT = frozenset({"topic"})


def posted(bot: Bot, marking: Marking) -> MessageId:
    """Something of the bot's own, as a proposal is; where it stands in the first room."""
    marked = Marked(marking, TeamKey("a"), BEGINNING)
    bodies = {room: say("what we propose") for room in ROOMS}
    posts = posting.put(bot.session, "p-1", "head", bodies, marked, new_id, lambda _room: ABLE)
    outbox.put(bot.session, posts, bot.now)
    bot.settle()
    return next(iter(bot.rooms[R1].shown))


@pytest.mark.parametrize(
    ("marking", "arrives"), [(Marking(Label.GREEN), ALL), (AMBER, {R2}), (INNER, {R2})]
)
def test_an_answer_to_a_post_of_ours_goes_no_further_than_that(
    session: Session, marking: Marking, arrives: set[RoomId]
) -> None:
    bot = bot_of(session)
    post = posted(bot, marking)
    bot.tell(said("fwd", "m1", thread=post, author=ADA))
    assert got(bot) == arrives
    bot.tell(said("fwd", "m2", reply_to=post, author=ADA))
    assert got(bot) == arrives


def test_a_post_of_ours_that_is_forwarded_goes_no_further_than_that(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(quoting((R1, posted(bot, AMBER))))  # type: ignore[arg-type]  # an event
    assert got(bot) == {R2}


def test_what_hangs_on_a_post_is_marked_as_that_is_marked_now(session: Session) -> None:
    bot = bot_of(session)
    post = posted(bot, INNER)
    bot.tell(said("fwd", "m1", thread=post, author=ADA))
    posting.mark(session, "p-1", Marked(Marking(Label.GREEN), TeamKey("a"), bot.now))
    bot.tell(said("fwd again", "m2", thread=post, author=ADA))
    bot.settle()
    assert [len(bot.rooms[room].texts()) for room in (R2, R3)] == [3, 1]


def test_what_answers_a_command_is_marked_like_that(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(said("!mark x TLP:AMBER", "c1", author=ADA))
    bot.tell(said("fwd", "m1", thread="c1", author=ADA))
    assert got(bot) == {R2}


def test_what_answers_a_command_is_marked_like_what_that_answers(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(said("TLP:AMBER\nx", "m1", author=ADA))
    bot.tell(said("!mark", "c1", reply_to="m1", author=ADA))
    bot.tell(said("fwd", "m2", reply_to="c1", author=ADA))
    assert got(bot) == {R2}


def test_of_a_command_without_a_label_nothing_is_kept(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(said("!mark nothing", "c1", author=ADA))
    bot.tell(said("!mark x TLP:AMBER", "c2", author=ADA))
    (row,) = session.query(Message)
    assert (row.message, row.digest) == ("c2", None)


def test_what_answers_a_program_that_is_not_relayed_is_marked_like_its_words(
    session: Session,
) -> None:
    bot = bot_of(session, relay=SHORT)
    robot = structs.replace(ADA, bot=True)
    bot.tell(said("TLP:AMBER\nan alert", "b1", author=robot))
    bot.tell(said("fwd", "m1", thread="b1", author=ADA))
    assert got(bot) == {R2}
    bot.tell(edited("TLP:RED\nan alert", "1", "b1", author=robot))
    assert got(bot) == set()


def test_an_edit_into_a_command_that_marks_higher_takes_the_old_words_back(
    session: Session,
) -> None:
    bot = bot_of(session)
    bot.tell(said("fwd", "m1", author=ADA))
    assert got(bot) == ALL
    bot.tell(edited("!mark this TLP:GREEN", "1", author=ADA))
    assert got(bot) == ALL
    bot.tell(edited("!mark this TLP:AMBER", "2", author=ADA))
    assert got(bot) == {R2}
    assert "taken back from 1 room" in "".join(bot.told())
    bot.tell(edited("!mark this TLP:RED", "3", author=ADA))
    assert got(bot) == set()
    number = links.origin(session, R1, MessageId("m1"))
    assert number is not None
    assert not any(row.content for row in bot.rows() if row.source == number)


def test_a_reaction_that_speaks_of_a_higher_label_stays_where_it_is(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(said("TLP:GREEN\nfwd", "m1", author=ADA))
    bot.settle()
    for text in ("TLP:RED the host is down", ":tlp-amber:", "TLP:GREEN too", "👍"):
        bot.tell(reacted(text, author=ADA))
    bot.settle()
    assert bot.rooms[R2].standing()[0].marks == ["TLP:GREEN too", "👍"]
    assert {row.emoji for row in session.query(Reaction)} == {"TLP:GREEN too", "👍"}
