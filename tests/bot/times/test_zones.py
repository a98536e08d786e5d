"""Zones where a text may follow: read, left in the text, or refused with what was meant."""

from __future__ import annotations

import pytest

from bot.errors import UserError
from bot.times.zones import read_leading_zone, zone_name


@pytest.mark.parametrize(
    ("word", "zone"),
    [("Europe/Brussels", "Europe/Brussels"), ("us/eastern", "US/Eastern"), ("UTC+2", "UTC+02:00")],
)
def test_a_zone_before_a_text_is_read(word: str, zone: str) -> None:
    found = read_leading_zone(word)
    assert found is not None
    assert zone_name(found) == zone


@pytest.mark.parametrize(
    "word", ["Good", "24/7", "US/EU", "Patch/update", "/etc/passwd", "a/b", ""]
)
def test_a_word_that_is_no_zone_is_left_to_the_text(word: str) -> None:
    assert read_leading_zone(word) is None


@pytest.mark.parametrize(
    ("word", "meant"),
    [("Europe/Brusels", "Europe/Brussels"), ("america/new-york", "America/New_York")],
)
def test_a_misspelt_zone_is_no_text_and_no_other_hour(word: str, meant: str) -> None:
    with pytest.raises(UserError, match=f"Did you mean {meant}"):
        read_leading_zone(word)
