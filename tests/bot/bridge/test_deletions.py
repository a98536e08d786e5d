"""What is taken back is gone everywhere; what somebody takes back of ours is gone there."""

from __future__ import annotations

from sqlalchemy import select

from bot.bridge.copies import TAKEN_BACK
from bot.delivery import report
from bot.events import AccountId, File, MessageId
from bot.store.tables import Outbox, Request, State
from tests.bot.bridge.networks import R2, R3, Bot
from tests.bot.bridge.people import deleted, edited, reacted, said
from tests.bot.bridge.test_edits import LONG


def test_every_part_and_file_is_taken_back_everywhere(bot: Bot) -> None:
    bot.tell(said(LONG, files=(File(AccountId("fake:a"), "f", "f"),)))
    bot.settle()
    assert len(bot.rooms[R2].texts()) > 3
    bot.tell(deleted())
    bot.tell(deleted())
    bot.settle()
    assert bot.rooms[R2].texts() == bot.rooms[R3].texts() == []


def test_what_has_not_been_sent_is_not_sent_any_more(bot: Bot) -> None:
    bot.tell(said("oops"))
    bot.tell(deleted())
    bot.settle()
    assert bot.rooms[R2].shown == {}
    rows = bot.session.execute(select(Outbox)).scalars().all()
    assert {(row.state, row.reason, row.content) for row in rows} == {
        (State.DEAD, TAKEN_BACK, None)
    }
    assert report.list_deliveries(bot.session, State.DEAD) == []


def test_a_copy_that_a_moderator_takes_back_is_gone_there_alone(bot: Bot) -> None:
    bot.tell(said("words"))
    bot.settle()
    (copy,) = bot.rooms[R2].standing()
    copy.deleted = True
    assert not bot.tell(deleted(copy.message, R2)).lanes
    bot.tell(edited("other words"))
    bot.tell(reacted())
    bot.settle()
    assert bot.rooms[R2].texts() == []
    assert bot.rooms[R3].texts() == ["other words"]


def test_our_own_deletion_is_nothing(bot: Bot) -> None:
    bot.tell(said("words"))
    bot.settle()
    assert not bot.tell(deleted(own=True)).lanes


def test_a_deletion_that_comes_before_its_message_holds(bot: Bot) -> None:
    bot.tell(deleted())
    bot.tell(said("words"))
    bot.tell(edited("other words"))
    bot.settle()
    assert bot.rooms[R2].shown == {}


def test_what_is_about_nothing_ends_quietly(bot: Bot) -> None:
    bot.tell(said("words"))
    bot.send(R2)
    bot.rooms[R3].refuses = True
    bot.settle()
    bot.rooms[R3].refuses = False
    bot.tell(edited("other words"))
    bot.tell(reacted())
    bot.tell(deleted())
    bot.settle()
    assert bot.rooms[R3].shown == {}
    dead = report.list_deliveries(bot.session, State.DEAD)
    assert [row["reason"] for row in dead] == ["room_gone"]


def test_a_deleted_command_is_nothing(bot: Bot) -> None:
    bot.tell(said("!help"))
    assert not bot.tell(deleted(MessageId("m1"))).lanes


def asked_again(bot: Bot) -> list[int]:
    """What is to be read anew where it was said."""
    waiting = select(Request.id).where(Request.kind == "fetch", Request.state == "open")
    return list(bot.session.execute(waiting).scalars())


def test_an_edit_that_is_taken_back_leaves_the_words_that_stand_without_it(bot: Bot) -> None:
    bot.tell(said("words"))
    bot.tell(edited("other words", f"{1:020d}$one"))
    bot.tell(edited("what slipped out", f"{2:020d}$two"))
    bot.settle()
    bot.tell(deleted("$one"))
    bot.tell(deleted("$tw_"))
    assert not asked_again(bot)
    bot.tell(deleted("$two"))
    (key,) = asked_again(bot)
    bot.handler.fetched(bot.session, key, said("words"), bot.now)
    bot.settle()
    assert bot.rooms[R2].texts() == bot.rooms[R3].texts() == ["words"]
    assert not asked_again(bot)


def test_a_message_that_goes_with_its_edit_stays_gone(bot: Bot) -> None:
    bot.tell(said("words"))
    bot.tell(edited("other words", f"{1:020d}$one"))
    bot.tell(deleted("$one"))
    bot.tell(deleted())
    (key,) = asked_again(bot)
    bot.handler.fetched(bot.session, key, said("words"), bot.now)
    bot.settle()
    assert bot.rooms[R2].texts() == bot.rooms[R3].texts() == []
