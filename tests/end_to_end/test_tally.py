"""The counting itself: each way to go wrong is seen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.end_to_end.tally import Line, Shown, differences

ONE, TWO, SAME = Line("Ada", "one"), Line("Ada", "two"), Line("Ada", "same")
SOURCES = {"Ada": "alpha", "Bo": "bravo"}


def _faults(said: Sequence[Line], shown: Sequence[Line]) -> list[str]:
    return differences({"alpha": said, "bravo": []}, [Shown("bravo", shown)], SOURCES)


@pytest.mark.parametrize("said", [[], [ONE, TWO], [SAME, ONE, SAME]])
def test_the_same_is_no_difference(said: list[Line]) -> None:
    assert _faults(said, said) == []


@pytest.mark.parametrize(
    ("said", "shown", "word"),
    [
        ([ONE, TWO], [ONE], "1 missing of 'two'"),
        ([SAME, SAME], [SAME], "1 missing of 'same'"),
        ([ONE], [ONE, ONE], "1 too many of 'one'"),
        ([SAME, SAME], [SAME, SAME, SAME], "1 too many of 'same'"),
        ([ONE, TWO], [TWO, ONE], "out of order from the 1th"),
        ([SAME, ONE, SAME], [SAME, SAME, ONE], "out of order from the 2th"),
        ([], [Line("", "who?")], "who said nothing"),
        ([], [Line("Bo", "echo")], "its own 'echo'"),
    ],
)
def test_each_fault_is_named(said: list[Line], shown: list[Line], word: str) -> None:
    (fault,) = _faults(said, shown)
    assert word in fault
