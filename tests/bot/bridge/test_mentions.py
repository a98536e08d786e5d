"""A mention reaches people where they are; nobody else, and nothing else, becomes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from bot.bridge.mentions import reached
from bot.bridge.places import Channel
from bot.events import Edit, MessageEdited, MessageId, PersonId
from bot.richtext import Details, Item, List, Mention, Paragraph, Quote, RichText, Table, Text
from bot.richtext.walking import leaves
from bot.store.tables import LinkedAccount, Outbox
from tests.bot.bridge.conftest import ABLE, MakeBot
from tests.bot.bridge.networks import R1, R2, R3, ROOMS, START, Bot
from tests.bot.bridge.people import ADA, edited, said

BEN_A, BEN_B = PersonId("fake:a/ben"), PersonId("fake:b/benjamin")
OTHER = PersonId("fake:a/cy")


def to(*persons: str) -> RichText:
    return RichText((Paragraph(tuple(Mention(each, "Ben") for each in persons)),))


def mentioned(body: RichText) -> list[str]:
    return [leaf.person for leaf in leaves(body) if isinstance(leaf, Mention)]


def link(session: Session, *persons: str) -> None:
    for person in persons:
        session.add(LinkedAccount(person=person, name="Ben", human="h", since=START))
    session.flush()


def test_who_is_linked_is_mentioned_by_their_account_there(bot: Bot) -> None:
    link(bot.session, BEN_A, BEN_B)
    bot.tell(said(to(BEN_A, OTHER)))
    bot.settle()
    assert mentioned(bot.rooms[R2].posts[0].body) == [BEN_B, OTHER]
    assert mentioned(bot.rooms[R3].posts[0].body)[1] == OTHER


def test_a_link_that_ended_reaches_nobody(bot: Bot) -> None:
    link(bot.session, BEN_A, BEN_B)
    for row in bot.session.query(LinkedAccount):
        row.until = START
    bot.tell(said(to(BEN_A)))
    bot.settle()
    assert mentioned(bot.rooms[R2].posts[0].body) == [BEN_A]


def test_whoever_is_of_the_room_already_is_not_exchanged() -> None:
    others = {BEN_B: (BEN_A,)}
    assert reached(to(BEN_B), R2, others) == to(BEN_B)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda leaf: RichText((Quote((Paragraph((leaf,)),)),)),
        lambda leaf: RichText((List(False, (Item((Paragraph((leaf,)),)),)),)),
        lambda leaf: RichText((Table((((leaf,),),)),)),
        lambda leaf: RichText((Details((Text("more"),), (Paragraph((leaf,)),)),)),
        lambda leaf: RichText((Details((leaf,), ()),)),
    ],
)
def test_a_mention_is_found_wherever_it_stands(wrapped: type) -> None:
    before, after = (wrapped(Mention(each, "Ben", 1)) for each in (BEN_A, BEN_B))
    assert reached(before, R2, {BEN_A: (BEN_B,)}) == after


def test_what_mentions_nobody_asks_the_store_nothing_of_people(bot: Bot) -> None:
    asked: list[str] = []
    engine = bot.session.get_bind().engine

    def note(_c: object, _u: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        bot.tell(said("hello @Ben", "m1"))
        quiet = [each for each in asked if "linked_account" in each]
        bot.tell(said(to(BEN_A), "m2"))
        loud = [each for each in asked if "linked_account" in each]
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert (len(quiet), len(loud)) == (0, 1)


def test_a_name_in_a_text_is_never_a_mention(bot: Bot) -> None:
    link(bot.session, BEN_A, BEN_B)
    bot.tell(said(f"@Ben <@ben> {BEN_A} {BEN_B}"))
    bot.settle()
    assert mentioned(bot.rooms[R2].posts[0].body) == []


def test_an_edit_calls_only_those_whom_the_words_before_did_not(make_bot: MakeBot) -> None:
    bot = make_bot(Channel("c", ROOMS), ABLE)
    link(bot.session, BEN_A, BEN_B)
    bot.tell(said(to(BEN_A)))
    bot.settle()
    for version, persons in (("1", [BEN_A, OTHER]), ("2", [OTHER, BEN_A, BEN_A])):
        bot.tell(replace(edited("", version), body=to(*persons)))
        bot.settle()
    bot.tell(replace(edited("", "3"), body=to(BEN_A)))
    bot.tell(edited("nobody", "4"))
    bot.settle()
    assert _calls(bot) == [(OTHER,), (), (), ()]


def test_an_edit_calls_nobody_where_the_words_before_are_erased(bot: Bot) -> None:
    bot.tell(said("words"))
    bot.settle()
    bot.session.execute(update(Outbox).values(content=None))
    bot.tell(MessageEdited(R1, MessageId("m1"), ADA, to(OTHER), "1", START))
    bot.settle()
    assert _calls(bot) == [()]


def _calls(bot: Bot) -> Sequence[tuple[PersonId, ...]]:
    contents = [each.content for each in bot.sent[R2]]
    return [each.calls for each in contents if isinstance(each, Edit)]
