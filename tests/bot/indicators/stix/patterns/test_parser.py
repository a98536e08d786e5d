"""Patterns read, and written again."""

from __future__ import annotations

import contextlib
import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2patterns.validator import run_validator  # type: ignore[import-untyped]

from bot.indicators.stix.patterns.cursor import TooDeep
from bot.indicators.stix.patterns.lexer import Malformed
from bot.indicators.stix.patterns.parser import parse
from bot.indicators.stix.patterns.tree import (
    Comparison,
    Expression,
    Index,
    Joined,
    Observation,
    Path,
    Qualified,
    Word,
    Written,
)
from bot.indicators.stix.patterns.writing import write
from tests.bot.indicators.stix.patterns.examples import EXAMPLES

MALFORMED = [
    "",
    "[]",
    "[a:b]",
    "[a:b = ]",
    "[a:b = 'x'",
    "a:b = 'x'",
    "[a:b = 'x'] AND",
    "[a:b = 'x'] [a:b = 'y']",
    "[a:b = x]",
    "[a:b = 'x\\n']",
    "[a:b = 'x' and a:b = 'y']",
    "[a.b = 'x']",
    "[a:b-c = 'x']",
    "[a:b IN 'x']",
    "[a:b IN ('x' 'y')]",
    "[a:b MATCHES 3]",
    "[a:b[x] = 3]",
    "[a:b = 'x'] WITHIN 3",
    "[a:b = 'x'] WITHIN -3 SECONDS",
    "[a:b = 'x'] REPEATS 1.5 TIMES",
    "[a:b = 'x'] START 3 STOP 4",
    "[NOT a:b = 'x']",
    "[a:b = 'x' OR]",
    "([a:b = 'x']",
    "[AND:b = 'x']",
    "[a:b = 064]",
    "[a:b = t'yesterday']",
    "[a:b = h'fff']",
    "[a:b = b'?']",
    "[a:b = 'x'])",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


@pytest.mark.parametrize("text", [text for text in MALFORMED if text])
def test_the_reference_refuses_the_same(text: str) -> None:
    assert run_validator(text, stix_version="2.1")


@pytest.mark.parametrize("text", [text for text, _ in EXAMPLES])
def test_examples_of_the_specification_are_read_as_the_reference_reads_them(text: str) -> None:
    assert run_validator(text, stix_version="2.1") == []
    assert parse(write(parse(text))) == parse(text)


_PARTS = re.compile(r"'(?:[^'\\\\]|\\\\.)*'|[\w-]+|\s+|.")
_OLD = re.compile(r"(START|STOP)\s*'")
"""Instants as STIX 2.0 wrote them: we read them, and the reference of 2.1 does not."""


def _mutant(made: random.Random) -> str:
    """An example of the specification in which something is left out, doubled or exchanged."""
    parts = _PARTS.findall(made.choice(EXAMPLES)[0])
    others = _PARTS.findall(made.choice(EXAMPLES)[0])
    at = made.randrange(len(parts))
    parts[at : at + made.randrange(2)] = [made.choice(others)] * made.randrange(3)
    return "".join(parts)


def test_of_mutilated_patterns_the_reference_takes_the_same() -> None:
    made = random.Random(11)
    for text in (_mutant(made) for _ in range(600)):
        try:
            parse(text)
        except Malformed:
            taken = False
        else:
            taken = True
        if text.strip() and not _OLD.search(text):
            assert taken == (not run_validator(text, stix_version="2.1")), text


def test_and_binds_tighter_than_or_and_that_than_followedby() -> None:
    a, b, c, d = (f"[x:a = '{each}']" for each in "abcd")
    loose = parse(f"{a} FOLLOWEDBY {b} OR {c} AND {d}")
    assert loose == parse(f"({a}) FOLLOWEDBY (({b}) OR (({c}) AND ({d})))")
    inner = parse("[x:a = 1 OR x:a = 2 AND x:a = 3]")
    assert inner == parse("[x:a = 1 OR (x:a = 2 AND x:a = 3)]")


def test_a_qualifier_belongs_to_what_stands_directly_before_it() -> None:
    found = parse("[x:a = 1] OR [x:a = 2] WITHIN 5 SECONDS")
    assert isinstance(found, Joined)
    assert isinstance(found.parts[1], Qualified)


def test_comments_and_white_space_are_nothing() -> None:
    assert parse("/* a */ [ x:a\n=\t1 // b\n ]") == parse("[x:a=1]")


def test_an_instant_of_stix_2_0_is_read() -> None:
    old = parse("[x:a = 1] START '2016-05-12T08:17:27Z' STOP '2016-05-12T08:37:27Z'")
    assert old == parse("[x:a = 1] START t'2016-05-12T08:17:27Z' STOP t'2016-05-12T08:37:27Z'")


@pytest.mark.parametrize("text", ["(" * 100 + "[x:a=1]" + ")" * 100, "[" + "(" * 100 + "x:a=1"])
def test_parentheses_are_followed_only_so_far(text: str) -> None:
    with pytest.raises(TooDeep):
        parse(text)


_names = st.from_regex(r"\A[a-z_][a-z0-9_]{0,8}\Z").filter(lambda name: name != "true")
_texts = st.text(max_size=12)
_steps = st.one_of(_texts, st.builds(Index, st.none() | st.integers(0, 99)))
_paths = st.builds(
    lambda type_, first, more: Path(type_, (first, *more)),
    st.from_regex(r"\A[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5})?\Z"),
    st.one_of(_names, _texts, st.sampled_from(["true", "AND", "EXISTS"])),
    st.lists(_steps, max_size=3),
)
_literals = st.one_of(
    _texts,
    st.integers(-999, 999).map(lambda number: Written("n", str(number))),
    st.sampled_from([Written("n", "true"), Written("h", "ffd8"), Written("b", "AA==")]),
)
_comparisons = st.one_of(
    st.builds(
        lambda path, operator, value, no: Comparison(path, operator, (value,), no),
        _paths,
        st.sampled_from(["=", "!="]),
        _literals,
        st.booleans(),
    ),
    st.builds(
        lambda path, operator, value, no: Comparison(path, operator, (value,), no),
        _paths,
        st.sampled_from(["LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"]),
        _texts,
        st.booleans(),
    ),
    st.builds(
        lambda path, values, no: Comparison(path, "IN", tuple(values), no),
        _paths,
        st.lists(_literals, max_size=3),
        st.booleans(),
    ),
    st.builds(lambda path, no: Comparison(path, "EXISTS", (), no), _paths, st.booleans()),
)


def _joined(parts: st.SearchStrategy[Expression], *words: Word) -> st.SearchStrategy[Expression]:
    """Never within one of the same word: that reads as one longer list."""

    def build(word: Word, several: list[Expression]) -> Expression:
        flat: list[Expression] = []
        for each in several:
            same = isinstance(each, Joined) and each.word is word
            flat += each.parts if same and isinstance(each, Joined) else [each]
        return Joined(word, tuple(flat))

    return st.builds(build, st.sampled_from(words), st.lists(parts, min_size=2, max_size=3))


_within = st.recursive(_comparisons, lambda inner: _joined(inner, Word.AND, Word.OR), max_leaves=5)
_patterns = st.recursive(
    st.builds(Observation, _within),
    lambda inner: st.one_of(
        _joined(inner, Word.AND, Word.OR, Word.FOLLOWEDBY),
        st.builds(Qualified, inner, st.just("WITHIN"), st.just(("1.5",))),
        st.builds(Qualified, inner, st.just("REPEATS"), st.just(("5",))),
        st.builds(Qualified, inner, st.just("START"), st.just(("2016-05-12T08:17:27Z",) * 2)),
    ),
    max_leaves=6,
)


@given(_patterns)
def test_what_is_written_reads_as_what_it_was(tree: Expression) -> None:
    assert parse(write(tree)) == tree


HOSTILE = [
    "[" * 100_000,
    "(" * 100_000,
    "[a:b = '" + "x" * 100_000,
    "[a:b = " + "'\\" * 50_000,
    "/*" * 50_000,
    "/*" + "*" * 100_000,
    "[a:b = 1] " + "WITHIN 1 SECONDS " * 10_000,
    "[" + "a" * 100_000,
    "[a:" + "b." * 50_000,
    " " * 100_000 + "x",
    "[a:b = " + "1" * 100_000,
    "[a:b IN (" + "1," * 50_000,
    "NOT " * 50_000,
    "[a:b MATCHES '(a+)+$' AND a:b = '" + "a" * 50_000 + "']",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_patterns_take_no_longer_than_their_length_allows(text: str) -> None:
    begun = time.process_time()
    with contextlib.suppress(Malformed):
        parse(text)
    assert time.process_time() - begun < 1.5


_leaves = st.lists(
    st.tuples(
        st.sampled_from(
            ["file:hashes.MD5", "file:hashes.'SHA-256'", "file:name", "true:x", "a:true",
             "file:hashes.1a", "a:b.AND", "1a:b", "a-b:c_d.e"]
        ),
        st.sampled_from(["x", "", " OR a:b = ", "/*", "//", "[]", "ü", "\n"]),
    ),
    min_size=2, max_size=4,
)  # fmt: skip


@given(_leaves, st.sampled_from([" OR ", "\tOR\n", "OR", " AND ", " OR  OR ", " or "]))
def test_values_of_which_each_is_enough_are_read_as_everything_is(
    leaves: list[tuple[str, str]], between: str
) -> None:
    said = [f"{path} = '{value}'" for path, value in leaves]
    text = f"[{between.join(said)}]"
    found: list[Expression | None] = []
    for each in (text, f"/* with a comment it is read word by word */{text}"):
        try:
            found.append(parse(each))
        except Malformed:
            found.append(None)
    assert found[0] == found[1]
