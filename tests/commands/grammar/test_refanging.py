"""Undoing defanging and a network's own links."""

# ruff: noqa: RUF001  the characters that phones and East Asian keyboards send are the input here
from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commands.grammar import refang, unlink

PARTS = [
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ".",
    "dot",
    "at",
    "@",
    ":",
    "/",
    "hxxp",
    "s",
    "fxp",
    "．",
    "x",
]
DEFANGED = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("198.51.100[.]7", "198.51.100.7"),
        ("hxxps://bad(.)example/a", "https://bad.example/a"),
        ("hXXp[:]//bad{.}example", "http://bad.example"),
        ("hxxps[://]bad[dot]example", "https://bad.example"),
        ("h**p://bad(dot)example", "http://bad.example"),
        ("fxp://bad[DOT]example", "ftp://bad.example"),
        ("ada[at]bad[.]example", "ada@bad.example"),
        ("ada[@]bad。example", "ada@bad.example"),
        ("bad．example", "bad.example"),
        ("2001[:]db8[:][:]1", "2001:db8::1"),
        ("plain.example", "plain.example"),
        ("hxxp", "hxxp"),
        ("array[0]", "array[0]"),
        ("(data)", "(data)"),
    ],
)
def test_refang(text: str, meant: str) -> None:
    assert refang(text) == meant


@given(st.one_of(st.text(), DEFANGED))
@example("(:[/]/)")
def test_refanging_twice_changes_nothing(text: str) -> None:
    assert refang(refang(text)) == refang(text)


@pytest.mark.parametrize("hostile", ["[" * 99_999, "[." * 50_000, "[[[.]" * 20_000, "h" * 99_999])
def test_hostile_text_takes_time_in_proportion(hostile: str) -> None:
    began = time.process_time()
    refang(hostile)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("<https://x.example|x.example>", "x.example"),
        ("<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"),
        ("<mailto:a@b.example|a@b.example> <mailto:a@b.example>", "a@b.example a@b.example"),
        ("<tel:+491234|+49 1234> <tel:+491234>", "+49 1234 +491234"),
        ("a &lt;b&gt; &amp;lt;", "a <b> &lt;"),
        ("<@U1|ada> <#C1|room> <!here>", "<@U1|ada> <#C1|room> <!here>"),
        ("&lt;https://x|y&gt;", "<https://x|y>"),
    ],
)
def test_unlink(text: str, typed: str) -> None:
    assert unlink(text) == typed
