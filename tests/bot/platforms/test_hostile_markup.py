"""Any opening sequence, repeated, takes time that grows with its length alone, on both networks.

Counted are the calls that Python makes, which no other work on the machine changes;
`python -m tests.bot.platforms.slack.markup_speed` and the same for Matrix show milliseconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import pytest

from bot.events import AccountId
from bot.platforms.matrix import markup as matrix
from bot.platforms.slack import markup as slack
from bot.platforms.slack.lookups import Lookups
from bot.richtext import MOST_LEAVES, RichText, plain
from bot.richtext.bounding import weight
from tests.bot.platforms.matrix import markup_speed as of_matrix
from tests.bot.platforms.slack import markup_speed as of_slack

SLACK, MATRIX = AccountId("slack:alpha"), AccountId("matrix:coalition")
LONGEST = 64 * 1024
SMALL = 480
"""Characters; four times as many are still fewer marks than a line may have in Slack."""

Read = Callable[[str], RichText]
READERS: dict[str, Read] = {
    "slack": lambda text: slack.read_mrkdwn(text, SLACK, Lookups()),
    "slack typed": lambda text: slack.read(text, SLACK, Lookups()),
    "slack blocks": lambda text: slack.read_message({"blocks": _blocks(text)}, SLACK, Lookups()),
    "matrix": lambda text: matrix.read_html(text, MATRIX),
    "matrix plain": lambda text: matrix.read_message({"body": text}, MATRIX),
}
OPENINGS = sorted({*of_slack.OPENINGS, *of_matrix.OPENINGS})


def _blocks(text: str) -> list[object]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return [{"type": "rich_text", "elements": [section]}]


def calls(work: Callable[[], object]) -> int:
    """How many calls a piece of work makes, of Python's functions and of C's."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("opening", OPENINGS)
def test_four_times_the_text_takes_four_times_the_work(opening: str) -> None:
    for name, read in READERS.items():
        found = {}
        for size in (SMALL, 4 * SMALL):
            text = (opening * size)[:size]
            body = read(text)
            found[size] = [
                calls(partial(read, text)),
                calls(partial(slack.write_blocks, body, SLACK)),
                calls(partial(matrix.write, body, MATRIX)),
            ]
        for little, much in zip(found[SMALL], found[4 * SMALL], strict=True):
            assert much <= 4.4 * little + 100, name


@pytest.mark.parametrize("reader", [name for name in READERS if name != "slack typed"])
def test_no_more_leaves_than_people_write_and_the_text_stays(reader: str) -> None:
    for opening in ("a\n", "\n", "*a* ", "`a` ", "<@U1> ", "<p>x", "<b>x</b>y", "> a\n", "<li>x"):
        body = READERS[reader]((opening * LONGEST)[:LONGEST])
        assert weight(body.blocks) <= MOST_LEAVES + 1, opening


def test_the_whole_text_stays() -> None:
    lines = "\n".join(f"198.51.100[.]{number}" for number in range(4000))
    assert plain(READERS["matrix plain"](lines)).split() == lines.split()
    assert plain(READERS["slack blocks"](lines)).split() == lines.split()
    assert plain(READERS["slack"](lines)).split() == lines.split()
    marked = "\n".join(f"*{number}* &amp; `x`" for number in range(4000))
    shown = plain(READERS["slack"](marked))
    assert shown.startswith("0 & x\n1 & x\n")
    assert shown.endswith("\n*3998* & `x`\n*3999* & `x`")
    assert plain(READERS["matrix"]("<p>x" * 9000)).split() == ["x"] * 9000
