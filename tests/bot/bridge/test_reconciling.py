"""What a room shows now is compared with what was heard of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import event as events

from bot.events import (
    Author,
    Displayed,
    DisplayedReaction,
    LeftOut,
    MessageEdited,
    MessageId,
    RoomId,
    StretchRead,
)
from tests.bot.bridge.networks import R1, R2, START, Bot, person
from tests.bot.bridge.people import ADA, BEN, edited, reacted, said


def displayed(
    message: str,
    reactions: dict[str, Sequence[Author]] | None = None,
    *,
    complete: bool = True,
    edit: MessageEdited | None = None,
    gone: bool = False,
) -> Displayed:
    shown = tuple(
        DisplayedReaction(emoji, tuple(by), complete) for emoji, by in (reactions or {}).items()
    )
    return Displayed(MessageId(message), shown, edit, gone)


def stretch(
    *messages: Displayed | str, room: RoomId = R1, thread: str | None = None, until: str = ""
) -> StretchRead:
    shown = tuple(each if isinstance(each, Displayed) else displayed(each) for each in messages)
    first, last = (shown[0].message, shown[-1].message) if shown else ("", "")
    root = None if thread is None else MessageId(thread)
    return StretchRead(room, MessageId(first), MessageId(until or last), shown, root)


@pytest.fixture
def five(bot: Bot) -> Bot:
    """A bot that has brought m1 to m5 to the other rooms."""
    for number in range(1, 6):
        bot.rooms[R1].say(f"m{number}")
        bot.tell(said(f"words {number}", f"m{number}"))
    bot.settle()
    return bot


def there(bot: Bot) -> list[str]:
    return [text.removeprefix("words ") for text in bot.rooms[R2].texts()]


def after(bot: Bot, event: StretchRead) -> list[str]:
    bot.tell(event)
    bot.settle()
    return there(bot)


def test_what_is_missing_between_neighbours_was_deleted(five: Bot) -> None:
    assert after(five, stretch("m1", "m2", "m4", "m5")) == ["1", "2", "4", "5"]
    assert after(five, stretch("m1", "m5")) == ["1", "5"]


@pytest.mark.parametrize(
    "shown",
    [
        ("m3", "m4", "m5"),
        ("m1", "m2", "m3"),
        (),
    ],
    ids=["the beginning", "the end", "everything"],
)
def test_what_has_no_neighbour_on_one_side_stays(five: Bot, shown: tuple[str, ...]) -> None:
    assert after(five, stretch(*shown)) == ["1", "2", "3", "4", "5"]


def test_a_stretch_from_which_most_is_missing_was_purged(bot: Bot) -> None:
    for number in range(10, 30):
        bot.tell(said(f"words {number}", f"m{number}"))
    bot.settle()
    assert len(after(bot, stretch("m10", "m28", "m29"))) == 20
    kept = [f"m{number}" for number in range(10, 30) if not 15 <= number < 20]
    assert len(after(bot, stretch(*kept))) == 15


def test_what_stands_for_a_deleted_message_is_its_deletion(five: Bot) -> None:
    assert after(five, stretch(displayed("m1", gone=True), "m2")) == ["2", "3", "4", "5"]


def test_a_copy_that_is_missing_is_gone_and_the_message_stays(five: Bot) -> None:
    first, second, *others = sorted(five.rooms[R2].shown)
    five.rooms[R2].shown[second].deleted = True
    assert after(five, stretch(first, *others, room=R2)) == ["1", "3", "4", "5"]
    waiting = five.tell(edited("words new", message="m2"))
    assert R2 not in waiting.lanes


def test_answers_are_missed_in_their_thread_alone(five: Bot) -> None:
    five.tell(said("words a", "m3a", thread="m2"))
    five.tell(said("words b", "m3b", thread="m2"))
    five.tell(said("words c", "m3c", thread="m2"))
    five.settle()
    assert len(after(five, stretch("m1", "m2", "m3", "m4", "m5"))) == 8
    left = after(five, stretch("m2", "m3a", "m3c", thread="m2"))
    assert left == ["1", "2", "3", "4", "5", "a", "c"]
    left = after(five, stretch("m2", "m3a", thread="m2", until="m4"))
    assert left == ["1", "2", "3", "4", "5", "a"], "something stands after the end of the thread"


def test_an_edit_that_was_not_heard_is_made_up_for(five: Bot) -> None:
    edit = edited("words two", "2", "m2")
    shown = stretch("m1", displayed("m2", edit=edit), "m3")
    assert after(five, shown) == ["1", "two", "3", "4", "5"]
    assert not five.tell(shown).lanes


def test_nothing_is_made_of_what_nobody_has_told_of(bot: Bot) -> None:
    edit = edited("words two", "2", "m2")
    shown = displayed("m2", {"👍": [BEN]}, edit=edit)
    assert not bot.tell(stretch("m1", shown, "m3")).lanes


def marks(bot: Bot) -> list[str]:
    return [mark for each in bot.rooms[R2].standing() for mark in each.marks]


def test_reactions_become_those_that_are_shown(five: Bot) -> None:
    five.tell(reacted("👍", "m2", author=BEN))
    five.settle()
    five.tell(stretch("m1", displayed("m2", {"🎉": [ADA]}), "m3"))
    five.settle()
    assert marks(five) == ["🎉"]
    five.tell(reacted("🎉", "m2", author=ADA, added=False, at=1))
    five.settle()
    assert marks(five) == [], "what is heard afterwards is newer"


def test_who_may_be_left_out_is_not_taken_to_be_gone(five: Bot) -> None:
    five.tell(reacted("👍", "m2", author=BEN))
    five.tell(stretch("m1", displayed("m2", {"👍": [ADA]}, complete=False), "m3"))
    five.tell(reacted("👍", "m2", author=ADA, added=False, at=1))
    five.settle()
    assert marks(five) == ["👍"]


def test_reactions_on_any_part_of_a_copy_count(bot: Bot) -> None:
    bot.rooms[R1].say("m1")
    bot.tell(said(" ".join(f"word{n}" for n in range(30)), "m1"))
    bot.settle()
    parts = sorted(bot.rooms[R2].shown)
    assert len(parts) > 1
    cy = person("Cy", R2)
    bot.tell(stretch(displayed(parts[0]), displayed(parts[1], {"👍": [cy]}), *parts[2:], room=R2))
    bot.settle()
    assert [content.emoji for content in sent(bot)] == ["👍"]
    bot.tell(stretch(parts[0], room=R2))
    assert not bot.waiting(R1), "the part that has it was not read"
    bot.tell(stretch(*parts, room=R2))
    bot.settle()
    assert len(sent(bot)) == 2


def sent(bot: Bot) -> list:  # type: ignore[type-arg]  # of reactions
    return [each.content for each in bot.sent[R1]]


def test_where_nothing_differs_nothing_is_written(five: Bot) -> None:
    five.tell(edited("words two", "2", "m2"))
    five.tell(reacted("👍", "m2", author=BEN))
    five.settle()
    five.session.flush()
    statements: list[str] = []
    connection = five.session.connection()

    def note(*args: object) -> None:
        statements.append(str(args[2]).split()[0])

    events.listen(connection, "before_cursor_execute", note)
    try:
        same = displayed("m2", {"👍": [BEN]}, edit=edited("words two", "2", "m2"))
        assert not five.tell(stretch("m1", same, "m3", "m4", "m5")).lanes
    finally:
        events.remove(connection, "before_cursor_execute", note)
    assert set(statements) == {"SELECT"}
    assert len(statements) <= 4, "however many messages there are"


def test_what_is_left_out_is_told_once(bot: Bot) -> None:
    gap = LeftOut(R1, "after m1", 12, START, START, more=False)
    bot.tell(gap)
    bot.tell(gap)
    bot.settle()
    assert bot.rooms[R2].texts() == [
        f"12 messages in {R1}, from 14:30 UTC to 14:30 UTC, were not brought over."
    ]
    assert not bot.rooms[R1].texts()
