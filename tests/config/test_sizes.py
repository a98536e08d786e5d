"""Sizes: what is read, and what is refused."""

from __future__ import annotations

import pytest

from config.sizes import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("100MB", 100_000_000),
        ("500kB", 500_000),
        ("1GiB", 1_073_741_824),
        ("2 mb", 2_000_000),
        ("0B", 0),
    ],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "5", "MB", "1.5MB", "-1MB", "1TB", "1MBs", "\u0661MB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a size such as"):
        parse_size(text)
