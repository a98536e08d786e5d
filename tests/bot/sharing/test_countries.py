"""Codes of countries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sharing.countries import alpha_2


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("FR", "FR"),
        ("fra", "FR"),
        ("DEU", "DE"),
        ("USA", "US"),
        ("EU", "EU"),
        ("UN", "UN"),
        ("SUN", None),  # fifteen countries now
        ("FRX", None),
        ("XX", None),
        ("250", None),
        ("", None),
        ("ß", None),
    ],
)
def test_a_country_has_two_forms(code: str, found: str | None) -> None:
    assert alpha_2(code) == found


@given(st.text(max_size=4))
def test_any_text_is_a_code_or_none(text: str) -> None:
    found = alpha_2(text)
    assert found is None or (found == alpha_2(found) and len(found) == 2)
