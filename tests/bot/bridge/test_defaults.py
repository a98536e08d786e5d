"""A channel's default may be another one after a reload: what a message says is weighed anew."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge.places import Channel
from bot.delivery.admission import Admission
from bot.sharing.marking import Label
from bot.store.tables import Message
from tests.bot.bridge.conftest import ABLE
from tests.bot.bridge.networks import R1, ROOMS, WORDS, Bot, handler_for
from tests.bot.bridge.people import edited, said
from tests.custody import Alliance, member

ADA = member(R1)
CLEAR, GREEN, AMBER, STRICT, RED = Label


def bot_with(session: Session, default: Label) -> Bot:
    """A bot on this store, under settings with this default."""
    alliance = Alliance(default=default)
    alliance.open()
    handler = handler_for(Channel("c", ROOMS), ABLE, alliance.custody)
    return Bot(session, handler, gate=Admission(alliance.custody, WORDS))


def marked(session: Session, default: Label) -> tuple[Label, Label | None]:
    """How the one message is marked under this default, and down to where it may be marked."""
    session.expire_all()
    row = session.execute(select(*Message.__table__.columns)).one()
    markings = Alliance(default=default).custody.markings
    return markings.marked(row).marking.label, markings.lowest(row)


@pytest.mark.parametrize(
    ("text", "default", "then"),
    [
        ("plain", CLEAR, (CLEAR, None)),
        ("plain", STRICT, (STRICT, None)),
        ("what is TLP:AMBER for?", CLEAR, (AMBER, CLEAR)),
        ("what is TLP:AMBER for?", GREEN, (AMBER, GREEN)),
        ("what is TLP:AMBER for?", AMBER, (AMBER, None)),
        ("what is TLP:AMBER for?", STRICT, (STRICT, None)),
        ("what is TLP:GREEN for?", CLEAR, (GREEN, CLEAR)),
        ("what is TLP:GREEN for?", STRICT, (STRICT, None)),
        ("TLP:CLEAR\nis it TLP:AMBER?", CLEAR, (AMBER, CLEAR)),
        ("TLP:CLEAR\nis it TLP:AMBER?", STRICT, (AMBER, CLEAR)),
        ("TLP:CLEAR\nplain", STRICT, (CLEAR, None)),
        ("TLP:AMBER\nplain", CLEAR, (AMBER, None)),
        ("TLP:PURPLE plain", STRICT, (RED, CLEAR)),
    ],
)
def test_what_a_message_says_is_weighed_against_the_default_of_now(
    session: Session, text: str, default: Label, then: tuple[Label, Label | None]
) -> None:
    bot_with(session, GREEN).tell(said(text, "m1", author=ADA))
    assert marked(session, default) == then


@pytest.mark.parametrize(
    ("first", "second", "default", "then"),
    [
        ("TLP:AMBER\nplain", "plain", CLEAR, (AMBER, None)),
        ("TLP:AMBER\nplain", "plain", STRICT, (STRICT, None)),
        ("TLP:CLEAR\nplain", "plain", AMBER, (AMBER, None)),
        ("plain", "TLP:CLEAR\nplain", AMBER, (AMBER, None)),
        ("is it TLP:AMBER?", "plain", CLEAR, (AMBER, CLEAR)),
        ("is it TLP:AMBER?", "plain", STRICT, (STRICT, None)),
        ("TLP:GREEN\nplain", "is it TLP:AMBER?", CLEAR, (AMBER, GREEN)),
        ("TLP:GREEN\nplain", "TLP:CLEAR\nis it TLP:AMBER?", STRICT, (AMBER, GREEN)),
    ],
)
def test_an_edit_lowers_under_no_later_default(
    session: Session, first: str, second: str, default: Label, then: tuple[Label, Label | None]
) -> None:
    bot = bot_with(session, GREEN)
    bot.tell(said(first, "m1", author=ADA))
    bot.tell(edited(second, "1", "m1", author=ADA))
    assert marked(session, default) == then


def test_what_waits_is_asked_about_under_the_higher_default(session: Session) -> None:
    bot_with(session, GREEN).tell(said("what is TLP:GREEN for?", "m1", author=ADA))
    alliance = Alliance(GREEN, default=AMBER)
    alliance.open()
    bot = Bot(
        session,
        handler_for(Channel("c", ROOMS), ABLE, alliance.custody),
        gate=Admission(alliance.custody, WORDS),
    )
    bot.settle()
    assert not any(room.texts() for room in bot.rooms.values())
