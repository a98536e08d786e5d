"""What objects are called: always the same, and nothing that could be tried."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.indicators.handles import handle_of, key_of

SECRET, ANOTHER = bytes(32), bytes(range(32))
KEYS = st.integers(-(1 << 63), (1 << 63) - 1)
SOURCES = st.text(max_size=20)


@given(KEYS, SOURCES)
def test_a_handle_leads_back_to_its_key_with_its_source_and_secret_alone(
    key: int, source: str
) -> None:
    handle = handle_of(SECRET, source, key)
    assert re.fullmatch("i-[2-9a-km-np-z]{13}", handle)
    assert key_of(SECRET, source, handle) == key
    assert key_of(ANOTHER, source, handle) != key
    assert key_of(SECRET, source + "x", handle) != key


@given(st.text("i-23456789abcdefghijkmnpqrstuvwxyzlo0", max_size=16), SOURCES)
def test_whatever_is_typed_is_read_or_none(text: str, source: str) -> None:
    found = key_of(SECRET, source, text)
    assert found is None or handle_of(SECRET, source, found) == text
