"""Bodies that are too long for one message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import AccountId
from bot.platforms.slack import markup
from bot.platforms.slack.markup import Limits
from bot.richtext import (
    CodeBlock,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    RichText,
    Text,
    plain,
    say,
)
from tests.bot.platforms.slack.sketch import sketch
from tests.bot.platforms.slack.test_markup_writing import BODIES

ACCOUNT = AccountId("slack:alpha")
SMALL = Limits(characters=400, parts=1_000)


def parts(body: RichText, limits: Limits = SMALL) -> list[str]:
    found = markup.split(body, limits)
    assert found is not None
    return [sketch(part) for part in found]


def test_what_fits_stays_as_it_is() -> None:
    body = say("a")
    assert markup.split(body) == (body,)


def test_paragraphs_stay_whole() -> None:
    body = RichText(tuple(Paragraph((Text(letter * 150),)) for letter in "abcd"))
    assert parts(body) == [f"{'a' * 150} / {'b' * 150}", f"{'c' * 150} / {'d' * 150}"]


def test_a_long_paragraph_is_cut_between_lines() -> None:
    assert parts(say("\n".join(["a" * 150] * 3))) == ["a" * 150 + "⏎" + "a" * 150, "a" * 150]


def test_a_long_line_is_cut_between_words() -> None:
    found = parts(say("value " * 200))
    assert "".join(found) == "value " * 200
    assert all(part.endswith("value ") for part in found)


def test_code_is_closed_and_opened_again() -> None:
    found = parts(RichText((CodeBlock("\n".join(["x = 1"] * 200), "python"),)))
    assert len(found) > 1
    assert all(part.startswith("code:python(x = 1⏎") for part in found)


def test_quotes_and_lists_go_on() -> None:
    quoted = Quote(tuple(Paragraph((Text(letter * 300),)) for letter in "ab"))
    assert parts(RichText((quoted,))) == [f"quote({'a' * 300})", f"quote({'b' * 300})"]
    items = tuple(Item((Paragraph((Text(letter * 300),)),)) for letter in "ab")
    assert parts(RichText((List(True, items, 3),))) == [f"ol3({'a' * 300})", f"ol4({'b' * 300})"]


@pytest.mark.parametrize("seen", ["é", "👩🏿‍🚒", "🇫🇷", "한", "👍🏽", "e\u0301"])  # fmt: skip
def test_no_character_that_is_seen_as_one_is_cut(seen: str) -> None:
    found = parts(say(seen * 900))
    assert len(found) > 1
    assert all(part == seen * (len(part) // len(seen)) for part in found)


def test_a_link_is_never_cut() -> None:
    link = Link("https://x.example/" + "a" * 300, "here")
    found = parts(RichText((Paragraph((Text("a " * 150), link, Text(" b" * 150))),)))
    assert sum("a{https://x.example" in part for part in found) == 1


def test_too_many_parts_are_a_file() -> None:
    assert markup.split(say("a\n" * 70_000)) is None
    assert markup.split(say("a\n" * 2_000), Limits(characters=400, parts=10)) is None


def test_room_can_be_kept_for_what_is_added() -> None:
    found = markup.split(say("word " * 100), Limits(characters=400, parts=100, reserved=200))
    assert found is not None
    assert all(markup.cost(part) <= 200 for part in found)


@settings(max_examples=60, deadline=None)
@given(BODIES, st.integers(150, 600))
def test_every_part_fits_and_nothing_is_lost(body: RichText, room: int) -> None:
    limits = Limits(characters=room, parts=10_000)
    found = markup.split(body, limits)
    assert found is not None
    for part in found:
        assert len(found) == 1 or markup.cost(part) <= room
        written = markup.write_blocks(part, ACCOUNT)
        assert len(written.blocks) == 1
    if len(found) > 1:
        whole, pieces = plain(body), "".join(map(plain, found))
        for letter in "ab1é👍":
            assert pieces.count(letter) >= min(whole.count(letter), 1)


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("ab \n&<é👍🏽\u200d"), max_size=2_000))
def test_the_characters_of_a_text_stay_in_order(text: str) -> None:
    found = markup.split(say(text), SMALL)
    assert found is not None
    assert "".join(map(plain, found)).replace("\n", "") == text.replace("\n", "")
