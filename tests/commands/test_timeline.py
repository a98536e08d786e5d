"""What happened, as a table and as a picture, for those who see it and by what they may know."""

from __future__ import annotations

import asyncio
import base64
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bridge.written import open_written
from bot.decisions import drawing
from bot.decisions.drawing import WIDTH, Picture, Row
from bot.events import File, FileKind, Outgoing, Share
from tests.commands.assembly import HOUR, MINUTE, Assembly, assembled
from tests.commands.house import NOW
from tests.custody import ROOMS

A, B, C = ROOMS
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def three() -> Iterator[Assembly]:
    with assembled() as found:
        yield found


def shared(three: Assembly) -> tuple[Outgoing, File]:
    """The file that was shared last."""
    found = [each for each in three.outgoing if isinstance(each.content, Share)]
    assert isinstance(found[-1].content, Share)
    return found[-1], found[-1].content.file


def lived(three: Assembly) -> tuple[str, str]:
    """A proposal that was adopted and one that is open, and a note of before both."""
    three.ask("b/ada", "note --at 2026-03-04T12:00Z The portal went down.")
    first = three.propose("Block it at 18:00.", "--silence 1h")
    three.pass_to(NOW + HOUR)
    three.pass_to(NOW + HOUR + MINUTE)
    second = three.propose("Tell the press.")
    return first, second


def test_it_is_told_in_the_order_in_which_it_happened(three: Assembly) -> None:
    _, second = lived(three)
    answer = three.ask("b/ada", "timeline")
    lines = [line for line in answer.splitlines() if line]
    assert lines[0].startswith("TLP:GREEN · c: 4 moments")
    told = "\n".join(lines)
    order = ["The portal went down.", "proposed", "adopted", second]
    places = [told.index(each) for each in order]
    assert places == sorted(places)
    assert "2026-03-04 12:00" in told
    assert "C-2026-001" in told


def test_the_picture_goes_to_the_room_marked_and_says_the_same_in_words(three: Assembly) -> None:
    lived(three)
    three.ask("b/ada", "timeline")
    outgoing, file = shared(three)
    assert outgoing.room == B
    assert outgoing.matter is not None
    assert "TLP:GREEN" in outgoing.matter
    assert (file.kind, file.mimetype, file.width) == (FileKind.IMAGE, "image/png", WIDTH)
    assert base64.b64decode(file.handle).startswith(PNG)
    assert file.size == len(base64.b64decode(file.handle))
    assert file.alt.startswith("TLP:GREEN · c: 4 moments")
    assert "The portal went down." in file.alt


def test_an_svg_or_no_picture_at_all_where_that_is_asked(three: Assembly) -> None:
    lived(three)
    three.ask("b/ada", "timeline --svg")
    _, file = shared(three)
    assert (file.mimetype, file.kind) == ("image/svg+xml", FileKind.FILE)
    assert ET.fromstring(file.handle).tag.endswith("svg")
    three.outgoing.clear()
    three.ask("b/ada", "timeline --table")
    assert not any(isinstance(each.content, Share) for each in three.outgoing)
    three.operator("timeline")
    assert not any(isinstance(each.content, Share) for each in three.outgoing)


def test_a_room_is_shown_what_all_who_read_it_may_know(three: Assembly) -> None:
    lived(three)
    hidden = three.propose("Among us.", "--silence 72h --group inner")
    three.ask("a/ada", "note --group inner We know more.")
    for who, knows in (("a/ada", True), ("b/ada", True), ("c/ada", False)):
        answer = three.ask(who, "timeline")
        assert (hidden in answer) is knows
        assert ("We know more." in answer) is knows
        _, file = shared(three)
        assert ("Among us." in file.alt) is knows
    assert "4 moments" in three.ask("c/ada", "timeline")


def test_a_time_limits_it_and_what_was_redacted_has_no_words(three: Assembly) -> None:
    lived(three)
    assert "Nothing is written down" in three.ask("b/ada", "timeline --until 2026-03-04T11:00Z")
    assert "1 moment" in three.ask("b/ada", "timeline --until 2026-03-04T12:30Z")
    three.twice("a/ada", "redact C-2026-001 A law")
    answer = three.ask("b/ada", "timeline")
    assert "Block it" not in answer
    assert "C-2026-001" in answer


def test_a_picture_of_ours_is_read_as_what_it_is() -> None:
    file = File("", base64.b64encode(PNG).decode(), "x.png", mimetype="image/png")  # type: ignore[arg-type]

    async def read() -> bytes:
        async with open_written(file) as pieces:
            return b"".join([piece async for piece in pieces])

    assert asyncio.run(read()) == PNG


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["put", "ended", "noted"]),
                       st.text(max_size=80), st.text(max_size=300)), max_size=5),
)  # fmt: skip
def test_whatever_was_said_it_is_a_drawing_in_which_every_line_fits(
    marking: str, rows: list[tuple[str, str, str, str]]
) -> None:
    made = [Row(day, "12:00", shape, head, text) for day, shape, head, text in rows]
    svg, height = drawing.draw(Picture(marking, "A title", made, [("put", "proposed")], "Foot."))
    root = ET.fromstring(svg)
    assert root.get("height") == str(height)
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        size, start = float(text.get("font-size", "0")), float(text.get("x", "0"))
        if text.get("text-anchor") is None:
            assert start + len(text.text or "") * size * 0.602 <= WIDTH
