"""What a team runs is read from a file of its own, and shown by no mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.products import LONGEST, Products
from config.table import Table


class Held(Table):
    products: Products | None = None


def held(value: object, folder: Path) -> Held:
    return Held.model_validate({"products": value}, context={"environ": {}, "folder": folder})


def test_the_lines_of_its_file_are_kept_and_shown_by_nothing(tmp_path: Path) -> None:
    (tmp_path / "products.txt").write_text("Microsoft Exchange\nACME Gate\n", "utf-8")
    made = held("file:products.txt", tmp_path)
    assert made.products is not None
    assert made.products.get_secret_value() == "Microsoft Exchange\nACME Gate\n"
    assert "Exchange" not in repr(made)


@pytest.mark.parametrize("value", ["products.txt", ["ACME Gate"], 7, "file:nowhere.txt", "file:"])
def test_what_is_no_file_is_told(tmp_path: Path, value: object) -> None:
    with pytest.raises(ValueError, match=r"expected|there is no file|cannot be read"):
        held(value, tmp_path)


def test_a_file_that_is_too_long_or_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (LONGEST + 1))
    (tmp_path / "b").write_bytes(b"\xff\xfe")
    for name in "ab":
        with pytest.raises(ValueError, match=r"longer|UTF-8"):
            held(f"file:{name}", tmp_path)
