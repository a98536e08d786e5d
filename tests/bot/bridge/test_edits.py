"""The same message everywhere has its newest words."""

from __future__ import annotations

from bot.events import AccountId, DeliveryId, Edit, File
from tests.bot.bridge.networks import R2, R3, Bot, person
from tests.bot.bridge.people import BEN, deleted, edited, said
from tests.bot.bridge.test_posts import HEAD

LONG = " ".join(f"word{number}" for number in range(40))


def test_an_edit_changes_every_copy(bot: Bot) -> None:
    bot.tell(said("before"))
    bot.settle()
    bot.tell(edited("after"))
    bot.settle()
    assert bot.rooms[R2].texts() == bot.rooms[R3].texts() == ["after"]


def test_an_edit_of_what_is_still_on_its_way_changes_it(bot: Bot) -> None:
    bot.tell(said("before"))
    bot.tell(edited("after"))
    bot.settle()
    assert bot.rooms[R2].texts() == ["after"]


def test_only_a_newer_edit_by_the_author_counts(bot: Bot) -> None:
    bot.tell(said("first"))
    bot.tell(edited("third", "3"))
    assert not bot.tell(edited("second", "2")).lanes
    assert not bot.tell(edited("third again", "3")).lanes
    assert not bot.tell(edited("by another", "4", author=BEN)).lanes
    assert not bot.tell(edited("by us", "5", own=True)).lanes
    bot.settle()
    assert bot.rooms[R2].texts() == ["third"]


def test_an_edit_that_changes_nothing_is_nothing(bot: Bot) -> None:
    bot.tell(said("same"))
    assert not bot.tell(edited("same")).lanes
    bot.settle()
    assert not bot.tell(edited("same", "2")).lanes


def test_what_is_deleted_is_not_edited(bot: Bot) -> None:
    bot.tell(said("here"))
    bot.tell(deleted())
    assert not bot.tell(edited("still here")).lanes


def test_parts_go_and_come_with_the_length(bot: Bot) -> None:
    bot.tell(said("short"))
    bot.settle()
    bot.tell(edited(LONG, "1"))
    bot.settle()
    first, *others = bot.rooms[R2].standing()
    assert len(others) >= 2
    assert {each.reply_to for each in others} == {first.message}
    bot.tell(edited("short again", "2"))
    bot.settle()
    assert bot.rooms[R2].texts() == ["short again"]
    bot.tell(edited(LONG, "3"))
    bot.settle()
    assert "".join(" ".join(bot.rooms[R2].texts()).split()) == "".join(LONG.split())


def test_only_the_parts_that_changed_are_edited(bot: Bot) -> None:
    bot.tell(said(LONG))
    bot.settle()
    assert len(bot.tell(edited(LONG + " end")).lanes) == 2
    assert len([each for each in bot.waiting(R2) if isinstance(each, Edit)]) == 1


def test_an_edit_keeps_the_line_that_says_what_is_answered(bot: Bot) -> None:
    bot.tell(said("answer", reply_to="long ago"))
    bot.tell(said("root", "m5"))
    bot.tell(said("reply", "m6", thread="m5"))
    bot.settle()
    bot.tell(edited("other answer"))
    bot.tell(edited("other reply", message="m6"))
    bot.settle()
    assert bot.rooms[R2].texts() == [HEAD + "other answer", "root", "other reply"]


def test_an_edit_of_what_is_unknown_stands_in_and_is_marked(bot: Bot) -> None:
    bot.tell(edited("new words", "1"))
    bot.tell(edited("newer words", "2"))
    bot.tell(edited("newer words", "2"))
    bot.settle()
    assert bot.rooms[R2].texts() == ["(edited)\n\nnewer words"]


def test_the_message_takes_the_place_of_its_stand_in(bot: Bot) -> None:
    bot.tell(said("root", "m0"))
    bot.tell(edited("new words", "1"))
    bot.settle()
    bot.tell(said("old words", thread="m0"))
    bot.settle()
    root, message = bot.rooms[R2].standing()
    assert (message.text, message.thread) == ("new words", root.message)


def test_nobody_can_stand_in_for_another(bot: Bot) -> None:
    bot.tell(edited("forged", "1", author=person("Eve")))
    bot.tell(said("true words"))
    bot.settle()
    assert bot.rooms[R2].texts() == ["true words"]


def test_an_edit_into_a_command_is_neither_run_nor_relayed(bot: Bot) -> None:
    bot.tell(said("words"))
    handled = bot.tell(edited("!help"))
    assert not handled.lanes
    assert handled.command is None
    bot.settle()
    assert bot.rooms[R2].texts() == ["words"]


def test_an_edited_command_is_not_relayed(bot: Bot) -> None:
    assert bot.tell(said("!help")).command is not None
    assert not bot.tell(edited("my password")).lanes


def test_files_that_went_are_taken_back_and_new_ones_come(bot: Bot) -> None:
    def file(name: str) -> File:
        return File(AccountId("fake:a"), name, name, size=10)

    bot.tell(said("files", files=(file("a"), file("b"))))
    bot.settle()
    bot.tell(edited("files", "1"))
    bot.tell(edited("files", "2", files=(file("b"), file("c"))))
    bot.settle()
    assert [each.file for each in bot.rooms[R2].standing()] == ["", "b", "c"]


def test_an_edit_names_the_delivery_that_made_the_message(bot: Bot) -> None:
    bot.tell(said("before"))
    bot.settle()
    bot.tell(edited("after"))
    bot.settle()
    made, change = bot.sent[R2]
    assert isinstance(change.content, Edit)
    assert change.content.made == DeliveryId(made.id)
