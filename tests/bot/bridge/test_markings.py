"""Nothing enters a room that may not hold it, and its author is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge.places import Channel
from bot.custody.doors import Circles
from bot.delivery import outbox
from bot.delivery.admission import Admission
from bot.delivery.naming import lane_of
from bot.events import (
    AccountId,
    Answer,
    File,
    MessageEdited,
    MessagePosted,
    Outgoing,
    RoomId,
    Standing,
)
from bot.richtext import Block, CodeBlock, Paragraph, Quote, RichText, Text, say
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.membership import Circle, Kind, Membership
from bot.sharing.teams import Directory, TeamKey
from bot.store.tables import Inbox, Message, Outbox, State
from tests.bot.bridge.conftest import ABLE
from tests.bot.bridge.networks import R1, R2, R3, ROOMS, START, WORDS, Bot, handler_for
from tests.bot.bridge.people import edited, said
from tests.custody import BEGINNING, Alliance, member

ADA = member(R1)
MakeAllied = Callable[[Alliance], Bot]


@pytest.fixture
def make(session: Session) -> MakeAllied:
    """A bot in an alliance, whose rooms a test has read."""

    def made(alliance: Alliance) -> Bot:
        custody = alliance.custody
        handler = handler_for(Channel("c", ROOMS), ABLE, custody)
        return Bot(session, handler, gate=Admission(custody, WORDS))

    return made


def post(text: str | RichText, message: str = "m1", **kwargs: object) -> MessagePosted:
    return said(text, message, author=ADA, **kwargs)  # type: ignore[arg-type]  # as of `said`


def edit(text: str, version: str = "1", message: str = "m1") -> MessageEdited:
    return edited(text, version, message, author=ADA)


def got(bot: Bot) -> set[RoomId]:
    """Where something stands that was said elsewhere."""
    bot.settle()
    return {room for room, each in bot.rooms.items() if each.texts()}


def stored(bot: Bot) -> str:
    """Everything that the store says."""
    bot.session.expire_all()
    rows: list[object] = []
    for table in (Message, Inbox, Outbox):
        rows += bot.session.execute(select(*table.__table__.columns)).all()
    return repr(rows)


def low(alliance: Alliance) -> None:
    alliance.clearances = {"b": Label.GREEN}
    alliance.__post_init__()


def off_roster(alliance: Alliance) -> None:
    alliance.teams = ("a", "c")
    alliance.__post_init__()


@pytest.mark.parametrize(
    ("text", "ceiling", "arrives"),
    [
        ("plain", Label.GREEN, {R2, R3}),
        ("TLP:RED\nplain", Label.AMBER_STRICT, set()),
        ("plain\ntlp amber strict", Label.AMBER_STRICT, {R2, R3}),
        ("[TLP:AMBER] plain", Label.GREEN, set()),
        ("TLP:AMBER REL inner\nplain", Label.AMBER, {R2}),
        ("TLP:GREEN REL DEU, ITA\nplain", Label.AMBER, {R2, R3}),
        ("TLP:CLEAR REL it\nplain", Label.AMBER, {R3}),
        ("TLP:AMBER REL\nplain", Label.AMBER, set()),
        ("TLP:AMBER REL nobody\nplain", Label.AMBER, set()),
        ("TLP:AMBER REL unheard-of\nplain", Label.AMBER, set()),
        ("TLP:PURPLE\nplain", Label.AMBER, set()),
        ("TLP:AMBER STRIC\nplain", Label.AMBER, set()),
        ("what does TLP:RED mean?", Label.AMBER, set()),
        ("TLP:CLEAR\nbut TLP:AMBER too", Label.GREEN, set()),
        ("\u0422\u200bLP:\uff32ED plain", Label.AMBER, set()),
    ],
)
def test_what_is_said_goes_where_its_marking_lets_it(
    make: MakeAllied, text: str, ceiling: Label, arrives: set[RoomId]
) -> None:
    alliance = Alliance(ceiling)
    alliance.open()
    bot = make(alliance)
    bot.tell(post(text))
    assert got(bot) == arrives
    assert len(bot.told()) == (arrives != {R2, R3})
    assert ("plain" in stored(bot)) == bool(arrives)


def test_a_label_in_code_or_in_a_quote_is_never_read_downward(make: MakeAllied) -> None:
    blocks: tuple[Block, ...] = (CodeBlock("TLP:CLEAR"), Quote((Paragraph((Text("TLP:CLEAR"),)),)))
    for number, block in enumerate(blocks):
        alliance = Alliance(Label.AMBER, Label.AMBER, {"b": Label.GREEN})
        alliance.open()
        bot = make(alliance)
        bot.tell(post(RichText((block, *say("plain").blocks)), f"m{number}"))
        assert got(bot) == {R3}


def test_names_and_descriptions_of_files_are_text(make: MakeAllied) -> None:
    alliance = Alliance()
    alliance.open()
    bot = make(alliance)
    for number, file in enumerate(
        (
            File(AccountId("fake:a"), "h", "TLP_RED report.pdf", size=1),
            File(AccountId("fake:a"), "h", "a.png", size=1, alt="a plan, TLP:RED"),
            File(AccountId("fake:a"), "h", "a.png", size=1, title="TLP:RED: the plan"),
        )
    ):
        bot.tell(post("see", f"m{number}", files=(file,)))
    assert got(bot) == set()
    assert "report" not in stored(bot)


@pytest.mark.parametrize(
    ("change", "text", "why"),
    [
        (low, "TLP:AMBER x", "a team that reads there may not read so high"),
        (off_roster, "TLP:AMBER+STRICT x", "is not on the channel's roster (CERT B)"),
    ],
)
def test_its_author_hears_why(
    make: MakeAllied, change: Callable[[Alliance], None], text: str, why: str
) -> None:
    alliance = Alliance()
    change(alliance)
    alliance.open()
    bot = make(alliance)
    bot.tell(post(text))
    assert got(bot) == {R3}
    (answer,) = bot.told()
    first, *_ = answer.splitlines()
    assert len(first) <= 80
    assert "not passed on to 1 room" in first
    assert f"• {R2}:" in answer
    assert why in answer
    assert f"It is in: {R3}" in answer


def test_strangers_and_rooms_that_are_not_closed_keep_it_out(make: MakeAllied) -> None:
    alliance = Alliance()
    alliance.open()
    alliance.seat(R2, member(R2), member(R2, Standing.GUEST, "Eve"))
    alliance.seat(R3, member(R3), private=False)
    bot = make(alliance)
    bot.tell(post("TLP:AMBER x"))
    assert got(bot) == set()
    (answer,) = bot.told()
    assert "belongs to no team" in answer
    assert "not closed enough" in answer


def test_who_came_later_does_not_get_what_was_said_before(make: MakeAllied) -> None:
    alliance = Alliance()
    alliance.open()
    circle = Circle(Kind.CHANNEL, "c")
    late = Membership(TeamKey("b"), circle, START + timedelta(hours=1))
    others = (Membership(TeamKey(key), circle) for key in ("a", "c"))
    alliance.joined(late, *others, now=START + timedelta(hours=2))
    bot = make(alliance)
    bot.tell(post("plain"))
    assert got(bot) == {R3}
    bot.tell(replace(post("plain", "m2"), said=START + timedelta(hours=2)))
    assert got(bot) == {R2, R3}


def test_while_nobody_knows_who_reads_a_room_its_lane_waits(make: MakeAllied) -> None:
    alliance = Alliance()
    alliance.open(R1, R3)
    bot = make(alliance)
    bot.tell(post("plain"))
    with pytest.raises(AssertionError, match="Wait"):
        bot.send(R2)
    assert bot.send(R3)
    alliance.open(R2)
    assert got(bot) == {R2, R3}


def test_what_is_denied_when_it_is_sent_is_erased_and_told(make: MakeAllied) -> None:
    alliance = Alliance()
    alliance.open()
    bot = make(alliance)
    bot.tell(post("secret " * 20))
    bot.send(R2)
    alliance.seat(R2, member(R2), member(R2, Standing.GUEST, "Eve"))
    assert got(bot) == {R3}
    (answer,) = bot.told()
    assert "taken back from 1 room" in answer
    denied = [row for row in bot.rows(R2) if row.reason == "denied: strangers"]
    assert denied
    assert all(row.content is None for row in bot.rows(R2) if row.kind == "post")


def test_an_answer_is_marked_like_what_it_answers(make: MakeAllied) -> None:
    alliance = Alliance(Label.AMBER)
    alliance.open()
    bot = make(alliance)
    bot.tell(post("TLP:AMBER REL inner\nroot", "m0"))
    bot.tell(post("in its thread", "m1", thread="m0"))
    bot.tell(post("an answer to that", "m2", reply_to="m1"))
    assert got(bot) == {R2}
    assert any("marked like what it answers" in answer for answer in bot.told())


def test_an_edit_never_lowers(make: MakeAllied) -> None:
    alliance = Alliance(Label.AMBER, clearances={"b": Label.GREEN})
    alliance.open()
    bot = make(alliance)
    bot.tell(post("TLP:AMBER\nwords"))
    bot.tell(edit("TLP:CLEAR\nother words"))
    assert got(bot) == {R3}
    (row,) = bot.session.execute(select(Message.label, Message.originator)).all()
    assert (row.label, row.originator) == ("TLP:AMBER", "a")
    assert "TLP:AMBER\n" in bot.rooms[R3].texts()[0]


@pytest.mark.parametrize("later", ["TLP:RED\nother words", "TLP:PURPLE\nother words"])
def test_an_edit_that_raises_takes_the_copies_back_and_erases_them(
    make: MakeAllied, later: str
) -> None:
    alliance = Alliance()
    alliance.open()
    bot = make(alliance)
    bot.tell(post("words"))
    assert got(bot) == {R2, R3}
    bot.tell(edit("new words", "1"))
    bot.tell(edit(later, "2"))
    assert got(bot) == set()
    (answer,) = bot.told()
    assert "taken back from 2 rooms" in answer
    assert "words" not in stored(bot)


@pytest.mark.parametrize(("label", "stays"), [("TLP:GREEN", {R2}), ("TLP:CLEAR", {R2, R3})])
def test_an_edit_does_not_go_to_a_room_that_is_of_its_channel_no_more(
    make: MakeAllied, label: str, stays: set[RoomId]
) -> None:
    alliance = Alliance(Label.AMBER)
    alliance.open()
    bot = make(alliance)
    bot.tell(post(f"{label}\nplain"))
    assert got(bot) == {R2, R3}
    circles = Circles("c", (R1, R2), Rules(Label.AMBER), Label.GREEN, teams=("a", "b"))
    alliance.custody.doors.settle([circles], alliance.directory, BEGINNING)
    bot.handler = handler_for(Channel("c", (R1, R2)), ABLE, alliance.custody)
    bot.tell(edit(f"{label}\nother words"))
    assert got(bot) == stays
    assert bot.rooms[R2].texts() == [f"{label}\nother words"]
    assert bot.rooms[R3].texts() in ([], [f"{label}\nplain"])
    assert ("taken back from 1 room" in "".join(bot.told())) == (stays == {R2})


def test_an_edit_to_red_before_it_was_sent_leaves_nothing(make: MakeAllied) -> None:
    alliance = Alliance()
    alliance.open()
    bot = make(alliance)
    bot.tell(post("words"))
    bot.tell(edit("TLP:RED words"))
    assert got(bot) == set()
    assert not any(bot.sent.values())
    assert "words" not in stored(bot)


def test_raising_a_root_takes_its_answers_back(make: MakeAllied) -> None:
    alliance = Alliance(Label.AMBER, clearances={"b": Label.GREEN})
    alliance.open()
    bot = make(alliance)
    bot.tell(post("root", "m0"))
    bot.tell(post("in its thread", "m1", thread="m0"))
    bot.tell(post("an answer to that", "m2", reply_to="m1"))
    assert got(bot) == {R2, R3}
    bot.tell(edit("TLP:AMBER root", message="m0"))
    assert got(bot) == {R3}
    assert len(bot.told()) == 3


def test_a_label_is_shown_where_readers_would_not_know(make: MakeAllied) -> None:
    alliance = Alliance(Label.AMBER)
    alliance.open()
    bot = make(alliance)
    bot.tell(post("TLP:AMBER " + "word " * 40))
    bot.tell(post("an answer", "m2", thread="m1"))
    bot.tell(post("usual", "m3"))
    bot.settle()
    texts = bot.rooms[R2].texts()
    assert len(texts) > 3
    assert all(text.startswith("TLP:AMBER") for text in texts[:-1])
    assert all(text.count("TLP:AMBER") == 1 for text in texts[:-1])
    assert texts[-1] == "usual"
    assert all(len(text) <= ABLE.longest_text for text in texts)


def test_a_plain_message_costs_no_query_more(make: MakeAllied) -> None:
    alliance = Alliance()
    alliance.open()
    bot = make(alliance)
    bot.tell(post("warm", "m0"))
    bot.settle()
    statements: list[str] = []

    def count(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    engine = bot.session.get_bind().engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", count)
    try:
        bot.tell(post("plain"))
        written = len(statements)
        bot.send(R2)
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", count)
    assert written == 4, statements  # seen, remembered, recorded, put
    assert len(statements) - written == 3, statements  # the head, sending, settled


def test_an_answer_for_a_team_is_for_nobody_who_has_left_it(make: MakeAllied) -> None:
    alliance = Alliance()
    alliance.open()
    bot = make(alliance)

    def answered() -> list[str]:
        answers = [Answer(ADA.person, say("for team a"), team="a"), Answer(ADA.person, say("hi"))]
        lane = lane_of(ADA.person)
        outbox.put(bot.session, [Outgoing(R1, each, lane) for each in answers], bot.now)
        return bot.told()

    assert answered() == ["for team a", "hi"]
    others = Directory([team for team in alliance.directory.teams.values() if team.key != "a"])
    alliance.custody.doors.settle([], others, BEGINNING)
    assert answered() == ["hi"]
    (row,) = [row for row in bot.rows() if row.state == State.DEAD]
    assert (row.reason, row.content) == ("denied: clearance", None)
