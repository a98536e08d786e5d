"""What a row's hash covers can be computed by anybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.custody.chain import FIRST, hash_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
COLUMN = st.none() | TEXT | st.integers(min_value=0, max_value=2**53 - 1)


def as_rfc_8785(values: Sequence[int | str | None]) -> bytes:
    """For these types Python's own writer gives what RFC 8785 (3.2) demands."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


@given(st.lists(COLUMN, max_size=11), st.binary(min_size=32, max_size=32))
def test_the_hash_is_sha_256_of_the_form_of_rfc_8785(
    columns: list[int | str | None], previous: bytes
) -> None:
    wanted = hashlib.sha256(as_rfc_8785([*columns, previous.hex()])).digest()
    assert hash_of(columns, previous) == wanted


def test_the_form_is_fixed() -> None:
    """A change here breaks every chain that there is."""
    columns = (1, 1, 1772634600000000, "operator", None, "exported", "audit", "é\n", "ok", None)
    assert hash_of(columns, FIRST).hex() == (
        hashlib.sha256(
            b'[1,1,1772634600000000,"operator",null,"exported","audit","\xc3\xa9\\n","ok",null,"'
            + b"0" * 64
            + b'"]'
        ).hexdigest()
    )


@given(st.lists(COLUMN, min_size=2, max_size=6))
def test_no_two_rows_share_a_form(columns: list[int | str | None]) -> None:
    """What stands in one column never reads as standing in the next."""
    moved = [*columns[1:], columns[0]]
    assert (hash_of(moved, FIRST) == hash_of(columns, FIRST)) == (moved == columns)
