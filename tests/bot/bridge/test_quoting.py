"""What a message forwards, or shows by a link, marks it too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.bridge.places import Channel, Places
from bot.custody.doors import Circles
from bot.delivery import inbox
from bot.delivery.admission import Admission
from bot.events import MessageId, Quoted, RoomId
from bot.handler import Handler
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.membership import Membership
from bot.sharing.teams import TeamKey
from tests.bot.bridge.conftest import ABLE
from tests.bot.bridge.networks import R1, R2, R3, ROOMS, WORDS, Bot
from tests.bot.bridge.people import edited, said
from tests.custody import BEGINNING, Alliance, member

ADA = member(R1)
INNER = tuple(RoomId(f"fake:{name}/inner") for name in ("a", "b"))
"""The rooms of a channel whose default is higher."""
OUTSIDE = RoomId("fake:a/outside")
HERE, ALL = set[RoomId](), {R2, R3}


def bot_of(session: Session, relay: frozenset[str] = Channel("c", ()).relay) -> Bot:
    """A bot with a channel up to TLP:AMBER whose default is TLP:GREEN, and one up to and by default
    TLP:AMBER+STRICT; team c may read TLP:GREEN only.
    """
    alliance = Alliance(Label.AMBER, clearances={"c": Label.GREEN})
    circles = [
        Circles("c", ROOMS, Rules(Label.AMBER), Label.GREEN, teams=("a", "b", "c")),
        Circles("inner", INNER, Rules(Label.AMBER_STRICT), Label.AMBER_STRICT, teams=("a", "b")),
    ]
    doors = alliance.custody.doors
    doors.settle(circles, alliance.directory, BEGINNING)
    alliance.joined(
        *(Membership(TeamKey(team), each.circle) for each in circles for team in each.teams or ())
    )
    alliance.open(*ROOMS, *INNER)
    channels = {"c": Channel("c", ROOMS, relay), "inner": Channel("inner", INNER)}
    places = Places(channels, frozenset(), lambda _account: ABLE)
    handler = Handler(places, frozenset({"mark"}), ("Liaison",), WORDS, alliance.custody)
    rooms = (*ROOMS, *INNER)
    return Bot(session, handler, rooms, gate=Admission(alliance.custody, WORDS))


def got(bot: Bot) -> set[RoomId]:
    bot.settle()
    return {room for room in ROOMS if any("fwd" in text for text in bot.rooms[room].texts())}


def quoting(*quoted: tuple[RoomId, str], message: str = "f1") -> object:
    quotes = tuple(Quoted(room, MessageId(each)) for room, each in quoted)
    return replace(said("fwd", message, author=ADA), quotes=quotes)


@pytest.mark.parametrize(
    ("words", "room", "quoted", "arrives"),
    [
        ("plain", R1, (R1, "m1"), ALL),
        ("TLP:AMBER\nx", R1, (R1, "m1"), {R2}),
        ("TLP:RED\nx", R1, (R1, "m1"), HERE),
        ("TLP:GREEN REL DEU\nx", R1, (R1, "m1"), {R2}),
        ("plain", INNER[0], (INNER[0], "m1"), HERE),
        ("TLP:AMBER\nplain", INNER[0], (INNER[0], "m1"), {R2}),
        # Nobody has told the bot of it: its channel's default counts.
        ("plain", R1, (R1, "other"), ALL),
        ("plain", R1, (INNER[0], "other"), HERE),
        # Nothing is known of the room: its words alone count, which stand in what is said.
        ("plain", R1, (OUTSIDE, "other"), ALL),
        # Another account of the same network shows the same room.
        ("plain", R1, (RoomId("fake:c/inner"), "other"), HERE),
    ],
)
def test_what_is_forwarded_goes_no_further_than_that_may(
    session: Session, words: str, room: RoomId, quoted: tuple[RoomId, str], arrives: set[RoomId]
) -> None:
    bot = bot_of(session)
    bot.tell(said(words, "m1", room, author=ADA))
    bot.tell(quoting(quoted))  # type: ignore[arg-type]  # an event
    assert got(bot) == arrives


def test_the_strictest_of_all_that_is_shown_counts_and_what_that_shows(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(said("TLP:AMBER\nx", "m1", author=ADA))
    bot.tell(said("plain", "m2", author=ADA))
    bot.tell(replace(said("shows it", "m3", author=ADA), quotes=(Quoted(R1, MessageId("m1")),)))
    bot.tell(quoting((R1, "m2"), (R1, "m3")))  # type: ignore[arg-type]  # an event
    assert got(bot) == {R2}


def test_messages_that_show_each_other_end(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(quoting((R1, "f2"), (R1, "f1")))  # type: ignore[arg-type]  # an event
    bot.tell(quoting((R1, "f1"), message="f2"))  # type: ignore[arg-type]  # an event
    assert got(bot) == ALL


def test_raising_what_is_shown_takes_back_what_shows_it(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(said("plain", "m1", author=ADA))
    bot.tell(quoting((R1, "m1")))  # type: ignore[arg-type]  # an event
    bot.tell(replace(said("fwd of it", "f2", author=ADA), quotes=(Quoted(R1, MessageId("f1")),)))
    assert got(bot) == ALL
    bot.tell(edited("TLP:AMBER\nplain", "1", "m1", author=ADA))
    assert got(bot) == {R2}


def test_what_is_told_later_counts_then(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(quoting((R1, "m1")))  # type: ignore[arg-type]  # an event
    assert got(bot) == ALL
    bot.tell(said("TLP:AMBER\nx", "m1", author=ADA))
    assert got(bot) == {R2}


def test_a_link_that_an_edit_takes_out_still_counts(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(said("TLP:AMBER\nx", "m1", author=ADA))
    bot.tell(said("fwd", "f1", author=ADA))
    assert got(bot) == ALL
    shows = (Quoted(R1, MessageId("m1")),)
    bot.tell(replace(edited("fwd that", "1", "f1", author=ADA), quotes=shows))
    assert got(bot) == {R2}
    bot.tell(edited("fwd no more", "2", "f1", author=ADA))
    assert got(bot) == {R2}


def test_an_edit_of_what_was_not_taken_in_marks_what_shows_it(session: Session) -> None:
    bot = bot_of(session)
    inbox.first_seen(session, R1, "message", "m1", now=BEGINNING)  # as in a frozen room
    bot.tell(quoting((R1, "m1")))  # type: ignore[arg-type]  # an event
    assert got(bot) == ALL
    bot.tell(edited("TLP:AMBER\nx", "1", "m1", author=ADA))
    assert got(bot) == {R2}
    bot.tell(edited("TLP:CLEAR\nx", "2", "m1", author=ADA))
    bot.tell(quoting((R1, "m1"), message="f2"))  # type: ignore[arg-type]  # an event
    assert got(bot) == {R2}


def test_an_edit_of_what_was_recalled_marks_what_shows_it(session: Session) -> None:
    bot = bot_of(session)
    bot.tell(said("plain", "m1", author=ADA))
    bot.tell(quoting((R1, "m1")))  # type: ignore[arg-type]  # an event
    assert got(bot) == ALL
    number = links.origin(session, R1, MessageId("m1"))
    assert number is not None
    links.change(session, number, recalled=BEGINNING, deleted=BEGINNING)
    bot.tell(edited("TLP:AMBER\nplain", "1", "m1", author=ADA))
    assert got(bot) == {R2}
