"""The labels and their order."""

from __future__ import annotations

import pytest

from bot.sharing.marking import Label, parse_label

STRICTER = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]


def test_labels_are_ordered_by_strictness_and_not_by_spelling() -> None:
    assert [str(label) for label in sorted(Label, reverse=True)] == STRICTER[::-1]
    assert max(Label.GREEN, Label.AMBER) is Label.AMBER
    assert Label.AMBER < Label.AMBER_STRICT <= Label.AMBER_STRICT
    assert Label.GREEN >= Label.CLEAR


def test_a_label_is_not_compared_with_mere_text() -> None:
    with pytest.raises(TypeError):
        _ = Label.GREEN < 5  # type: ignore[operator]  # that is what is tried


@pytest.mark.parametrize("text", STRICTER)
def test_the_five_labels_are_read(text: str) -> None:
    label = parse_label(text)
    assert label is not None
    assert label == text


@pytest.mark.parametrize(
    "text", ["TLP:WHITE", "tlp:red", "AMBER", "TLP: RED", "TLP:AMBER+strict", ""]
)
def test_anything_else_is_none(text: str) -> None:
    assert parse_label(text) is None
