"""Splitting into words and options: quotes, dashes and spaces as phones leave them."""

# ruff: noqa: RUF001  the characters that phones and East Asian keyboards send are the input here
from __future__ import annotations

import time
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from commands.grammar import quote, read_words, split
from commands.grammar.words import trimmed

PIECES = st.text(
    st.sampled_from(list("ab \t\n\"'-=!\\“”„«»‘’–—\u00a0\u200b\uff0d\uff1d")), max_size=12
)
TEXT = st.one_of(st.text(), PIECES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  ", []),
        ("a b", ["a", "b"]),
        ("a\u00a0b\u2009c\u202fd\u3000e\u200bf", ["a", "b", "c", "d", "e", "f"]),
        ('"a b" c', ["a b", "c"]),
        ("'a b' c", ["a b", "c"]),
        ("“a b” ‘c d’ « e f » „g h“", ["a b", "c d", "e f", "g h"]),
        ("«\u00a0a b\u00a0»", ["a b"]),
        ("don't don’t", ["don't", "don’t"]),
        ("'I don't know'", ["I don't know"]),
        ("’tis", ["’tis"]),
        ('5" pipe"s', ['5"', 'pipe"s']),
        ('"say ""hi"""', ['say "hi"']),
        ('""', [""]),
        ('"a","b"', ['a,"b"']),
        ('"C:\\Temp\\a b\\"', ["C:\\Temp\\a b\\"]),
        ("198.51.100[.]7", ["198.51.100[.]7"]),
        ("-5 - — --", ["-5", "-", "—", "--"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert split(text) == words


@pytest.mark.parametrize(
    "dash", ["--", "—", "–", "––", "－－", "\u2011\u2011", "-—", "\u2212\u2212"]
)
@pytest.mark.parametrize("equals", ["=", "\uff1d"])
def test_an_option_is_one_however_the_keyboard_dashes(dash: str, equals: str) -> None:
    alone, valued = read_words(f"{dash}Channel {dash}channel{equals}“a b”")
    assert (alone.option, alone.value, alone.text) == ("channel", None, "--channel")
    assert (valued.option, valued.value) == ("channel", "a b")


def test_what_is_quoted_is_no_option() -> None:
    (word,) = read_words('"--channel"')
    assert (word.text, word.option) == ("--channel", None)


@pytest.mark.parametrize("text", ['"a', "a 'b c", "“a", "« a", '--note="a', "'tis the season"])
def test_a_quote_left_open_is_told(text: str) -> None:
    with pytest.raises(UserError, match="opened and not closed"):
        split(text)


@given(st.lists(TEXT))
def test_quoting_then_splitting_gives_the_same_words(words: list[str]) -> None:
    assert split(" ".join(map(quote, words))) == words


@given(TEXT)
def test_splitting_raises_nothing_but_user_errors(text: str) -> None:
    try:
        found = list(read_words(text))
    except UserError:
        return
    assert all(a.end < b.start for a, b in pairwise(found))


@given(TEXT)
def test_trimming_takes_spaces_only(text: str) -> None:
    assert trimmed(text) in text
    assert trimmed(trimmed(text)) == trimmed(text)
    assert trimmed(text).split() == trimmed(text.strip()).split()


@pytest.mark.parametrize(
    "hostile", ['"' * 99_999, "'a " * 30_000, " " * 99_999 + "x", "«" * 99_999]
)
def test_hostile_text_takes_time_in_proportion(hostile: str) -> None:
    began = time.process_time()
    with suppress(UserError):
        split(hostile)
    assert trimmed(hostile + "x")
    assert time.process_time() - began < 10
