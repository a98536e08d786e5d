"""Saying messages: fields, plurals, fall-backs, and what is not loaded."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import words_for
from bot.words.times import lasting, moment

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_english_is_the_message_id() -> None:
    assert words_for("en")("{n} s", n=3) == "3 s"


def test_french_comes_from_the_catalogue() -> None:
    assert words_for("fr")("nothing waits") == "rien en attente"


@pytest.mark.parametrize("language", ["fr-CA", "fr_FR", "FR"])
def test_a_regional_language_is_the_language(language: str) -> None:
    assert words_for(language).language == "fr"


@pytest.mark.parametrize("language", ["de", "", "../fr"])
def test_a_language_that_is_not_spoken_is_english(language: str) -> None:
    assert words_for(language).language == "en"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_no_catalogue_holds_is_said_in_english(language: str) -> None:
    assert words_for(language)("Nobody ever says {what}.", what="this") == "Nobody ever says this."
    assert words_for(language)("") == ""


@pytest.mark.parametrize(
    ("language", "n", "told"),
    [("en", 0, "0 wait"), ("en", 1, "1 waits"), ("en", 2, "2 wait"), ("fr", 0, "0 en attente")],
)
def test_a_number_chooses_the_form(language: str, n: int, told: str) -> None:
    assert words_for(language).count("{n} waits", "{n} wait", n) == told


def test_french_counts_zero_as_one() -> None:
    words = words_for("fr")
    told = [words.count("And {n} more channel.", "And {n} more channels.", n) for n in (0, 1, 2)]
    assert told == ["Et 0 autre canal.", "Et 1 autre canal.", "Et 2 autres canaux."]


@given(st.text())
def test_a_value_is_never_interpreted(value: str) -> None:
    for language in ("en", "fr"):
        assert words_for(language)("last delivered {when}", when=value).endswith(value)


def test_a_message_without_values_is_taken_as_it_stands() -> None:
    assert words_for("en")("{}{") == "{}{"


def test_babel_is_not_loaded_while_only_english_is_said() -> None:
    said = "from bot.words import words_for; words_for('en')('x'); words_for('en').count('a','b',2)"
    program = f"import sys; {said}; sys.exit('babel' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=30)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("duration", "told"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (86400 * 3, "3 d")],
)
def test_a_duration_is_told_in_its_largest_unit(duration: int, told: str) -> None:
    assert lasting(words_for("en"), timedelta(seconds=duration)) == told


def test_a_moment_has_its_date_unless_it_is_of_today() -> None:
    words = words_for("en")
    assert moment(words, NOW - timedelta(hours=1), NOW) == "11:00 UTC"
    assert moment(words, NOW - timedelta(days=1), NOW) == "2026-03-03 12:00 UTC"
