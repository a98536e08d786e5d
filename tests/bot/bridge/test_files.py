"""A file neither overtakes nor holds up what is said; a line says what became of it."""

from __future__ import annotations

import pytest

from bot.bridge.filing import PROMPT
from bot.delivery import advancing, outbox
from bot.delivery.advancing import Send
from bot.delivery.outcomes import Refusal
from bot.events import AccountId, Answer, File, MessageId, Share
from bot.richtext import RichText
from tests.bot.bridge.networks import R1, R2, R3, RULES, Bot, Shown
from tests.bot.bridge.people import ADA, deleted, edited, reacted, said

WAITS = "📎 {} is on its way."
BELOW = "📎 {}: below"
LEFT = "📎 {} could not be brought over; it stays in fake:a."
SMALL, LARGE = "small (1.0 kB)", "large (5.0 MB)"


def file(name: str, size: int | None = 1000) -> File:
    return File(AccountId("fake:a"), f"handle of {name}", name, size=size)


def large(name: str = "large") -> File:
    return file(name, 5 * PROMPT)


def seen(bot: Bot) -> list[str]:
    """What R2 shows, files by name."""
    return [each.file or each.text for each in bot.rooms[R2].standing()]


def shown(bot: Bot, text: str) -> Shown:
    (found,) = (each for each in bot.rooms[R2].standing() if text in (each.text, each.file))
    return found


def room_is_done(bot: Bot, *, later: bool = False) -> None:
    """R2's own lane has carried out all that it has."""
    while bot.send(R2, later=later):
        pass


def aside(bot: Bot) -> str:
    (lane,) = bot.asides(R2)
    return lane


def test_what_lands_at_once_stands_in_its_place_without_a_word(bot: Bot) -> None:
    bot.tell(said("text", files=(file("small"),)))
    bot.tell(said("after", "m2"))
    bot.settle()
    assert seen(bot) == ["text", "small", "after"]


@pytest.mark.parametrize(
    ("what", "name"), [(file("small"), SMALL), (large(), LARGE), (file("unknown", None), "unknown")]
)
def test_what_does_not_is_announced_in_its_place_and_holds_nothing_up(
    bot: Bot, what: File, name: str
) -> None:
    bot.tell(said("text", files=(what,)))
    bot.tell(said("after", "m2"))
    room_is_done(bot, later=True)
    assert seen(bot) == ["text", WAITS.format(name), "after"]
    bot.settle()
    assert seen(bot) == ["text", BELOW.format(name), "after", what.name]
    assert {each.author for each in bot.rooms[R2].standing()} == {ADA}


def test_a_large_file_does_not_begin_before_its_turn_has_come(bot: Bot) -> None:
    bot.tell(said("before"))
    bot.tell(said(RichText(), "m2", files=(large(),)))
    assert bot.asides(R2) == []
    bot.send(R2)
    assert bot.asides(R2) == []
    bot.send(R2)
    assert len(bot.asides(R2)) == 1


def test_a_line_is_not_sent_when_its_file_was_faster(bot: Bot) -> None:
    bot.tell(said("text", files=(file("small"),)))
    bot.send(R2)
    bot.send(R2, later=True)
    key = next(each.id for each in bot.rows(R2) if each.kind == "share")
    bot.land(key)
    bot.settle()
    assert seen(bot) == ["text", "small"]


def test_a_line_and_a_file_stand_in_their_thread(bot: Bot) -> None:
    bot.tell(said("root", "m0"))
    bot.tell(said(RichText(), files=(large(),), thread="m0"))
    bot.settle()
    root = shown(bot, "root").message
    assert [each.thread for each in bot.rooms[R2].standing()] == [None, root, root]


def test_what_is_refused_says_so_and_tells_its_author_once(bot: Bot) -> None:
    for room in (R2, R3):
        bot.rooms[room].refused = {"small", "large"}
    bot.tell(said("text", files=(file("small"), large())))
    bot.settle()
    assert seen(bot) == ["text", LEFT.format(SMALL), LEFT.format(LARGE)]
    told = [each for each in bot.waiting(R1) if isinstance(each, Answer)]
    assert [each.person for each in told] == [ADA.person] * 2


def test_what_is_tried_again_by_hand_and_lands_says_so(bot: Bot) -> None:
    bot.rooms[R2].refused = {"large"}
    bot.tell(said(RichText(), files=(large(),)))
    bot.settle()
    bot.rooms[R2].refused = set()
    bot.retry()
    bot.settle()
    assert seen(bot) == [BELOW.format(LARGE), "large"]


@pytest.mark.parametrize("when", ["waiting", "announced", "landed"])
def test_what_is_deleted_leaves_neither_file_nor_line(bot: Bot, when: str) -> None:
    bot.tell(said("text", files=(large(),)))
    if when == "announced":
        room_is_done(bot)
    elif when == "landed":
        bot.settle()
    bot.tell(deleted())
    bot.settle()
    assert seen(bot) == []


def test_what_is_deleted_while_it_lands_is_taken_back_after_that(bot: Bot) -> None:
    bot.tell(said("text", files=(large(),)))
    room_is_done(bot)
    bot.begin(aside(bot))
    bot.tell(deleted())
    room_is_done(bot)
    assert seen(bot) == ["large"]
    bot.settle()
    assert seen(bot) == []


def test_what_is_deleted_and_then_refused_is_told_to_nobody(bot: Bot) -> None:
    bot.tell(said("text", files=(large(),)))
    room_is_done(bot)
    step = advancing.advance(bot.session, aside(bot), None, RULES, bot.now)
    assert isinstance(step, Send)
    bot.tell(deleted())
    outbox.settle(bot.session, Refusal(step.delivery.id, "file_gone"), bot.now)
    bot.settle()
    assert seen(bot) == []
    assert bot.waiting(R1) == []


def test_reactions_stay_with_what_stood_there_first(bot: Bot) -> None:
    bot.tell(said(RichText(), files=(large(),)))
    room_is_done(bot)
    bot.tell(reacted("👍"))
    bot.tell(said("answer", "m2", thread="m1"))
    bot.settle()
    line = shown(bot, BELOW.format(LARGE))
    assert line.marks == ["👍"]
    assert shown(bot, "answer").thread == line.message
    bot.tell(reacted("👍", added=False, at=9))
    bot.settle()
    assert line.marks == []


def test_files_that_went_take_their_lines_along_and_others_keep_theirs(bot: Bot) -> None:
    bot.tell(said("files", files=(large("a"), large("b"), file("c"))))
    bot.settle()
    bot.tell(edited("files", "1", files=(large("b"), file("c"), large("d"))))
    bot.settle()
    expected = [
        "files", BELOW.format("b (5.0 MB)"), "c", "b", BELOW.format("d (5.0 MB)"), "d",
    ]  # fmt: skip
    assert seen(bot) == expected


def test_an_edit_does_not_try_again_what_was_refused(bot: Bot) -> None:
    bot.rooms[R2].refused = {"large"}
    bot.tell(said("files", files=(large(),)))
    bot.settle()
    bot.tell(edited("files!", "1", files=(large(),)))
    bot.settle()
    assert seen(bot) == ["files!", LEFT.format(LARGE)]


def test_a_text_that_is_a_file_is_another_file_when_it_is_edited(bot: Bot) -> None:
    bot.tell(said("x" * 1100))
    bot.settle()
    bot.tell(edited("y" * 1100, "1"))
    bot.settle()
    begins = "y" * 12 + "\n\nThe whole of it is in the file message.txt."
    assert seen(bot) == [begins, "message.txt"]
    (last,) = [each.content for each in bot.sent[R2] if isinstance(each.content, Share)][-1:]
    assert last.file.handle == "y" * 1100 + "\n"
    bot.tell(edited("short", "2"))
    bot.settle()
    assert seen(bot) == ["short"]


def test_what_is_hidden_at_home_is_not_shown_elsewhere(bot: Bot) -> None:
    hidden = File(AccountId("fake:a"), "h", "face.png", size=10, hidden=True)
    bot.tell(said(RichText(), files=(hidden,)))
    bot.settle()
    says = "The file “face.png” is hidden until a reader asks, and would be shown here; "
    assert seen(bot) == [says + "it stays in fake:a."]


def test_a_name_in_a_line_is_short_and_on_one_line(bot: Bot) -> None:
    named = File(AccountId("fake:a"), "h", "a\n" + "b" * 200, size=5 * PROMPT)
    bot.tell(said(RichText(), files=(named,)))
    room_is_done(bot)
    assert seen(bot) == [WAITS.format("a " + "b" * 98 + "… (5.0 MB)")]


def test_an_answer_in_its_own_room_is_no_copy(bot: Bot) -> None:
    """What tells the author is about their message, and is not taken for a part of it."""
    bot.rooms[R2].refused = {"large"}
    bot.tell(said("text", files=(large(),)))
    bot.settle()
    bot.tell(deleted())
    bot.settle()
    assert seen(bot) == []
    assert MessageId("m1") not in bot.rooms[R1].shown
