"""The comparison of rooms finds each kind of fault: otherwise what it finds means nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.end_to_end.seen import Seen, disagreements

_LIKED = frozenset({"👍"})
_SAID = [
    Seen("1", "Ada", "first", copied=False, people=_LIKED),
    Seen("2", "Ada", "second", copied=False, root="first"),
]
_COPIED = [
    Seen("a", "Ada", "first", copied=True, bot=_LIKED),
    Seen("b", "Ada", "second", copied=True, root="first"),
]


def test_rooms_that_show_the_same_agree() -> None:
    assert disagreements({"here": _SAID, "there": _COPIED}) == []


def test_a_file_that_came_late_stands_where_its_line_is() -> None:
    said = [*_SAID, Seen("3", "Ada", "a.txt", copied=False), Seen("4", "Ada", "last", copied=False)]
    line = Seen("c", "Ada", "📎 a.txt (1.0 MB): below", copied=True)
    last, file = replace(line, id="d", text="last"), replace(line, id="e", text="a.txt")
    assert disagreements({"here": said, "there": [*_COPIED, line, last, file]}) == []
    for there in ([*_COPIED, last, file], [*_COPIED, line, last], [*_COPIED, line, line, file]):
        assert disagreements({"here": said, "there": there})


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (_COPIED[:1], "missing"),
        ([*_COPIED, replace(_COPIED[1], id="c")], "too many"),
        ([*_COPIED, replace(_COPIED[1], id="c", text="old words")], "by nobody"),
        ([_COPIED[0], replace(_COPIED[1], text="old words")], "missing"),
        ([_COPIED[0], replace(_COPIED[1], root="")], "strange"),
        ([_COPIED[0], replace(_COPIED[1], author="Ben")], "strange"),
        ([replace(_COPIED[0], bot=frozenset()), _COPIED[1]], "has []"),
        ([_COPIED[0], replace(_COPIED[1], bot=_LIKED)], "not []"),
        (_COPIED[::-1], "out of order"),
    ],
)
def test_each_kind_of_fault_is_found(shown: list[Seen], word: str) -> None:
    faults = disagreements({"here": _SAID, "there": shown})
    assert any(word in fault for fault in faults), faults
