"""Every way to vote, by a table of who said what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.methods import METHODS, Poll, is_settled
from bot.decisions.voices import Stance
from bot.sharing.teams import TeamKey

TEAMS = [TeamKey(name) for name in "abcdef"]
SAYS = {"+": Stance.AGREE, "r": Stance.RESERVE, "-": Stance.OBJECT, "m": Stance.AMEND,
        "0": Stance.ABSTAIN}  # fmt: skip


def poll(said: str, chair: str | None = None, **weights: int) -> Poll:
    """A letter a team, `.` where it said nothing."""
    teams = TEAMS[: len(said)]
    voices = {team: SAYS[each] for team, each in zip(teams, said, strict=True) if each != "."}
    return Poll(
        frozenset(teams), voices, None if chair is None else TeamKey(chair),
        {TeamKey(team): weight for team, weight in weights.items()},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "carried", "not_carried"),
    [
        ("consensus", ["+..", "+00", "+r+", "r.."], ["...", "000", "++-", "++m"]),
        ("unanimity", ["+++", "+r+"], ["++0", "++.", "++-", ""]),
        ("majority", ["+..", "++-", "+r-0"], ["+-", "...", "0-", "+-m"]),
        ("qualified", ["++.", "++++-.", "+++r--"], ["+..", "+++---", "+++0..", ""]),
        ("weighted", ["+..", "++-"], ["+-.", "+m"]),
        ("quorum", ["++.", "+0.", "++-..", "+0+-.."], ["+..", "++..", "+--", "0.0"]),
        ("two-person", ["++", "+r....", "++0"], ["+.", "++-", "00+"]),
        ("chair", ["+--", "r.."], ["-++", "0++", ".++"]),
    ],
)
def test_what_carries(method: str, carried: list[str], not_carried: list[str]) -> None:
    carries = METHODS[method].carries
    assert [said for said in carried if not carries(poll(said, "a"))] == []
    assert [said for said in not_carried if carries(poll(said, "a"))] == []


def test_weights_count_where_the_method_says_so() -> None:
    heavy = poll("+--", a=3)
    assert METHODS["weighted"].carries(heavy)
    assert not METHODS["majority"].carries(heavy)


def test_without_a_chair_nobody_decides_alone() -> None:
    assert not METHODS["chair"].carries(poll("+++"))


def test_who_is_not_on_the_roster_has_no_voice() -> None:
    for method in METHODS.values():
        whole = poll("..")
        stranger = Poll(whole.roster, {TeamKey("x"): Stance.AGREE}, TeamKey("a"))
        assert not method.carries(stranger)


@given(said=st.text("+-m r0.".replace(" ", ""), min_size=1, max_size=6), data=st.data())
def test_what_is_settled_is_not_changed_by_who_speaks_later(said: str, data: st.DataObject) -> None:
    for method in METHODS.values():
        before = poll(said, "a")
        if is_settled(method, before):
            more = "".join(
                data.draw(st.sampled_from("+-mr0.")) if each == "." else each for each in said
            )
            assert method.carries(poll(more, "a")) == method.carries(before)
