"""The script of a bundle against exports to which something was done."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.custody import numbering
from bot.decisions.ledger import exporting, verify, writing
from tests.bot.decisions.council import OPENED, council


@cache
def exported() -> bytes:
    """Entries with a text, without one, with one that was erased, with one of other letters, and
    one whose hashes alone are there.
    """
    with TemporaryDirectory() as folder, council(Path(folder)) as house:
        house.propose()
        reference = numbering.begin(house.session, "decision", "p", "RTF", OPENED)
        for number, text in enumerate(("plain", None, "Été 🦊 <&>\n\ttwo", "to be erased")):
            at = OPENED + timedelta(seconds=number)
            writing.append(house.session, reference, "note", {"n": number}, at, text)
        writing.erase(house.session, reference, [5], "GDPR Art. 17", OPENED)
        hidden = numbering.begin(house.session, "decision", "p", "RTF", OPENED)
        writing.append(house.session, hidden, "note", {}, OPENED, "of others")
        writing.append(house.session, reference, "note", {}, OPENED, "the last")
        return b"".join(exporting.lines(house.session, ["RTF"], {hidden.handle}))


def holds(content: bytes) -> bool:
    """As the script's `main` reads it."""
    heads: dict[str, tuple[int, str]] = {}
    text = content.decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    assert lines
    for line in lines[:-1] if not lines[-1] else lines:
        if verify.wrong(line + "\n", heads) is not None:
            return False
    return True


def test_an_export_holds_as_it_is() -> None:
    assert holds(exported())
    assert exported().count(b"\n") == 8


@given(st.integers(0, len(exported()) - 1), st.integers(0, 7))
@settings(max_examples=600, deadline=None)
def test_any_flipped_bit_is_found(place: int, bit: int) -> None:
    damaged = bytearray(exported())
    damaged[place] ^= 1 << bit
    assert not holds(bytes(damaged)), bytes(damaged[max(place - 20, 0) : place + 20])


@given(st.integers(0, 6))
@example(0)
def test_any_entry_that_is_left_out_is_found(number: int) -> None:
    lines = exported().splitlines(keepends=True)
    del lines[number]
    assert not holds(b"".join(lines))


@given(st.integers(0, 7), st.integers(0, 7))
def test_entries_that_are_swapped_or_come_twice_are_found(one: int, other: int) -> None:
    lines = exported().splitlines(keepends=True)
    swapped = list(lines)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert holds(b"".join(swapped)) == (one == other)
    assert not holds(b"".join([*lines[: other + 1], lines[one], *lines[other + 1 :]]))
