"""What is said in one room is said in the others: in parts, in threads, with its files."""

from __future__ import annotations

from dataclasses import replace

from bot.bridge.places import Channel
from bot.events import AccountId, Author, File, Manner, MessageId, Share
from bot.richtext import Everyone, Paragraph, Quote, RichText, Text
from tests.bot.bridge.conftest import ABLE, MakeBot
from tests.bot.bridge.networks import R1, R2, R3, ROOMS, Bot
from tests.bot.bridge.people import ADA, deleted, said

HEAD = "> In answer to a message that is not here.\n\n"


def file(name: str, size: int | None = 1000) -> File:
    return File(AccountId("fake:a"), f"handle of {name}", name, size=size)


def test_a_long_message_comes_in_parts_and_in_order(bot: Bot) -> None:
    words = " ".join(f"word{number}" for number in range(40))
    bot.tell(said(words))
    bot.tell(said("after", "m2"))
    bot.settle()
    *parts, last = bot.rooms[R2].texts()
    assert len(parts) > 2
    assert "".join("".join(parts).split()) == "".join(words.split())
    assert last == "after"


def test_what_has_more_than_ten_parts_is_its_beginning_and_a_file(bot: Bot) -> None:
    bot.tell(said("x" * 1001))
    bot.settle()
    begins, whole = bot.rooms[R2].standing()
    assert begins.text == "x" * 12 + "\n\nThe whole of it is in the file message.txt."
    assert whole.file == "message.txt"
    (shared,) = (each.content for each in bot.sent[R2] if isinstance(each.content, Share))
    assert (shared.file.handle, shared.file.size) == ("x" * 1001 + "\n", 1002)


def test_every_file_follows_the_text_in_its_thread(bot: Bot) -> None:
    bot.tell(said("root", "m0"))
    bot.tell(said("two files", files=(file("a.txt"), file("b.txt")), thread="m0"))
    bot.settle()
    root, text, *files = bot.rooms[R3].standing()
    assert (root.text, text.text) == ("root", "two files")
    assert [each.file for each in files] == ["a.txt", "b.txt"]
    assert {each.thread for each in (text, *files)} == {root.message}


def test_a_file_alone_has_no_text_and_nothing_alone_is_nothing(bot: Bot) -> None:
    bot.tell(said(RichText(), files=(file("a.txt"),)))
    bot.tell(said(RichText(), "m2"))
    bot.settle()
    (only,) = bot.rooms[R2].standing()
    assert only.file == "a.txt"


def test_a_file_over_the_limit_stays_and_a_line_says_so(make_bot: MakeBot) -> None:
    bot = make_bot(Channel("c", ROOMS, max_file=2_000_000), replace(ABLE, largest_file=1_500_000))
    bot.tell(said("see", files=(file("big.iso", 1_600_000), file("small", 1_400))))
    bot.settle()
    _text, line, shared = bot.rooms[R2].standing()
    assert line.text == (
        "The file “big.iso” (1.6 MB) is too large to be passed on; it stays in fake:a."
    )
    assert shared.file == "small"


def test_a_reply_points_to_what_it_answers_in_every_room(bot: Bot) -> None:
    bot.tell(said("question"))
    bot.settle()
    copy = next(iter(bot.rooms[R2].shown))
    bot.tell(said("answer", "x1", R2, reply_to=copy))
    bot.settle()
    assert bot.rooms[R1].standing()[0].reply_to == "m1"
    question, answer = bot.rooms[R3].standing()
    assert (answer.text, answer.reply_to) == ("answer", question.message)


def test_an_answer_to_what_nobody_has_there_says_so(bot: Bot) -> None:
    bot.tell(said("answer", reply_to="long ago"))
    bot.settle()
    assert bot.rooms[R2].texts() == [HEAD + "answer"]


def test_a_thread_that_nobody_has_there_starts_with_its_first_answer(bot: Bot) -> None:
    bot.tell(said("first", "m1", thread="long ago"))
    bot.tell(said("second", "m2", thread="long ago"))
    bot.settle()
    first, second = bot.rooms[R2].standing()
    assert (first.text, first.thread) == (HEAD + "first", None)
    assert (second.text, second.thread) == ("second", first.message)


def test_a_thread_goes_on_when_its_root_is_taken_back(bot: Bot) -> None:
    bot.tell(said("root", "m0"))
    bot.settle()
    root = next(iter(bot.rooms[R2].shown))
    bot.rooms[R2].shown[root].deleted = True
    bot.tell(deleted(root, R2))
    bot.tell(said("answer", "m1", thread="m0"))
    bot.settle()
    assert [each.thread for each in bot.rooms[R2].standing()] == [root]


def test_nobody_is_pinged_unless_the_channel_says_so(make_bot: MakeBot) -> None:
    loud = RichText((Quote((Paragraph((Everyone("here", ping=True), Text("!"))),)),))
    for allowed in (False, True):
        bot = make_bot(Channel("c", ROOMS, mass_mentions=allowed), ABLE)
        bot.tell(said(loud, f"m{allowed}"))
        bot.settle()
        assert str(bot.rooms[R2].posts[0]).count("ping=True") == allowed


def test_what_other_bots_say_passes_unless_it_is_turned_off(make_bot: MakeBot) -> None:
    robot = Author(ADA.person, "Robot", bot=True)
    bot = make_bot(Channel("c", ROOMS, relay=frozenset()), ABLE)
    bot.tell(said("beep", author=robot))
    bot.settle()
    assert bot.rooms[R2].texts() == []
    bot = make_bot(Channel("c", ROOMS), ABLE)
    bot.tell(said("beep", "m2", author=robot))
    bot.settle()
    assert bot.rooms[R2].texts() == ["beep"]


def test_an_emote_stays_one(bot: Bot) -> None:
    bot.tell(replace(said("waves"), manner=Manner.EMOTE))
    bot.settle()
    assert bot.rooms[R2].posts[0].manner == Manner.EMOTE


def test_a_broadcast_is_one_where_the_network_has_such_a_thing(make_bot: MakeBot) -> None:
    for able in (True, False):
        bot = make_bot(Channel("c", ROOMS), replace(ABLE, broadcasts=able))
        bot.tell(said("root", f"r{able}"))
        bot.tell(said("for all", f"m{able}", thread=f"r{able}", broadcast=True))
        bot.settle()
        assert bot.rooms[R2].posts[-1].broadcast == able
        assert bot.rooms[R2].posts[-1].thread == MessageId("000001")


def test_words_that_history_shows_anew_are_an_edit(bot: Bot) -> None:
    bot.tell(said("before"))
    bot.tell(said("after", version="5"))
    bot.tell(said("between", version="3"))
    bot.settle()
    assert bot.rooms[R2].texts() == ["after"]
