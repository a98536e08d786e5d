"""Options behind a text: read as such, or text by the word of who typed it."""

from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.words import words_for
from commands.grammar.words import trimmed
from commands.registry import Arg, Context, Flag, Registry, Reply, Rest, command, reply
from commands.registry.binding import bind
from commands.registry.forms import typed

WORDS = words_for("en")


@command("put", placed=True)
def put(
    context: Context,
    text: Annotated[str, Rest("a text")],
    *,
    group: Annotated[str | None, Flag("for whom")] = None,
    action: Annotated[tuple[str, ...], Flag("what")] = (),
    secret: Annotated[bool, Flag("in secret")] = False,
) -> Reply:
    """Put a text?"""
    return reply(text)


@command("call")
def call(
    context: Context,
    team: Annotated[str, Arg("a team")],
    text: Annotated[str, Rest("a text")],
    severity: Annotated[str, Flag("how grave")] = "critical",
) -> Reply:
    """Call a team?"""
    return reply(text)


@command("entitle")
def entitle(
    context: Context,
    text: Annotated[str, Rest("a title, and a text below it", headed=True)],
    *,
    group: Annotated[str | None, Flag("for whom")] = None,
    secret: Annotated[bool, Flag("in secret")] = False,
) -> Reply:
    """Put a text below a title?"""
    return reply(text)


def bound(text: str) -> dict[str, object]:
    return bind(put.parameters, text, WORDS)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("Block it --group inner", {"text": "Block it", "group": "inner"}),
        (
            "--secret Block it --group=inner ",
            {"text": "Block it", "group": "inner", "secret": True},
        ),
        ("Block it — and tell —group inner", {"text": "Block it — and tell", "group": "inner"}),
        (
            'Block it --action "@a fri run x --group y" --action "@b mon z" --secret',
            {"text": "Block it", "action": ("@a fri run x --group y", "@b mon z"), "secret": True},
        ),
        ("Two lines\nof text\n--group inner", {"text": "Two lines\nof text", "group": "inner"}),
        ("don't “do” it --group inner", {"text": "don't “do” it", "group": "inner"}),
        # what does not end it is a word of it
        ("run x --group inner first", {"text": "run x --group inner first"}),
        ("run x --group inner\nthen wait", {"text": "run x --group inner\nthen wait"}),
        ("run x --group", {"text": "run x --group"}),
        ('run x --group "inner', {"text": 'run x --group "inner'}),
        ("run nmap --open", {"text": "run nmap --open"}),
        ("-- run x --group inner", {"text": "run x --group inner"}),
        ("--secret -- --group inner", {"text": "--group inner", "secret": True}),
    ],
)
def test_options_that_end_a_text_are_options(line: str, values: dict[str, object]) -> None:
    assert bound(line) == values


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("A title --group inner\nA text", {"text": "A title\nA text", "group": "inner"}),
        ("A title --group=inner --secret \n\nA text\nof two lines",
         {"text": "A title\n\nA text\nof two lines", "group": "inner", "secret": True}),
        ("A title —secret\nA text\n--group inner",
         {"text": "A title\nA text", "group": "inner", "secret": True}),
        ("A title\nA text --group inner", {"text": "A title\nA text", "group": "inner"}),
        ("A title --group inner", {"text": "A title", "group": "inner"}),
        # what ends neither is a word of it
        ("A --group inner title\nA text", {"text": "A --group inner title\nA text"}),
        ("A title\nrun x --group inner\nthen wait",
         {"text": "A title\nrun x --group inner\nthen wait"}),
        ("-- A title --group inner\nA text", {"text": "A title --group inner\nA text"}),
    ],
)  # fmt: skip
def test_options_that_end_a_title_are_options(line: str, values: dict[str, object]) -> None:
    assert bind(entitle.parameters, line, WORDS) == values


def test_an_option_that_ends_a_title_and_the_text_is_said_to_stand_twice() -> None:
    with pytest.raises(UserError, match="stands twice"):
        bind(entitle.parameters, "A title --group inner\nA text --group outer", WORDS)


def test_what_is_meant_for_a_group_does_not_go_to_all_for_a_slip_of_the_finger() -> None:
    with pytest.raises(UserError, match=r"no option --gruop here\. Did you mean --group"):
        bound("Block it --gruop inner")


def test_an_option_that_stands_before_and_behind_is_said_to_stand_twice() -> None:
    with pytest.raises(UserError, match="stands twice"):
        bound("--group inner Block it --group outer")


def test_a_page_is_as_grave_as_it_is_said_to_be_at_the_end() -> None:
    found = bind(call.parameters, "bravo Come in --severity low", WORDS)
    assert found == {"team": "bravo", "text": "Come in", "severity": "low"}


def test_the_usage_line_shows_options_where_they_are_read() -> None:
    assert put.usage == "put [--group GROUP] [--action ACTION]… [--secret] [--channel NAME] TEXT"
    assert call.usage == "call TEAM [--severity SEVERITY] TEXT"


@pytest.mark.parametrize("name", sorted(Registry.load().names))
def test_no_usage_line_calls_a_free_text_by_a_name_of_the_programs(name: str) -> None:
    found = Registry.load().get(name)
    assert found is not None
    for each in (found, *found.below.values()):
        free = [p for p in each.parameters if isinstance(p.kind, Rest)]
        for parameter in free:
            name_alone = parameter.name.upper()
            assert parameter.kind.shown or name_alone in {"TEXT", "SEARCH", "WHAT", "AT"}


_PIECES = st.lists(
    st.sampled_from(["--group", "--secret", "--", "inner", '"', "'x y'", "\n", "word", "—action"])
)


@given(_PIECES.map(" ".join) | st.text())
def test_what_is_filled_into_a_form_is_text_whatever_ends_it(text: str) -> None:
    value = trimmed(text)
    if value and not value.startswith(("--", "—", "-")):
        assert bound(typed(put, {"text": value})) == {"text": value}


@given(_PIECES.map(" ".join) | st.text())
def test_what_is_filled_into_a_form_is_text_below_a_title_too(text: str) -> None:
    value = trimmed(text)
    if value and not value.startswith(("--", "—", "-")):
        found = bind(entitle.parameters, typed(entitle, {"text": value}), WORDS)
        assert found.keys() == {"text"}
        assert str(found["text"]).split() == value.split()


def test_a_line_of_nothing_but_options_is_read_in_time_that_grows_with_its_length() -> None:
    line = "x " + '--action "' * 20_000
    assert bound(line) == {"text": line.strip()}
