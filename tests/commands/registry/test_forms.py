"""Forms: what is filled in is what would have been typed."""

from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.advisories import writing
from bot.errors import UserError
from bot.forms import Field, Kind, Mistakes
from bot.words import words_for
from commands.grammar import Call
from commands.grammar.words import trimmed
from commands.registry import Arg, Context, Flag, Registry, Reply, Rest, command, reply
from commands.registry.binding import bind
from commands.registry.forms import form_of, mistakes, typed

WORDS = words_for("en")


def whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise UserError("Say a label: TLP:CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")
    return int(text)


@command("all-kinds", placed=True, shortcut="All kinds")
def all_kinds(
    context: Context,
    ref: Annotated[str | None, Arg("a message link", form="")] = None,
    text: Annotated[str, Rest("a text")] = "",
    *,
    level: Annotated[str, Flag("a level", choices=("low", "high"))] = "low",
    number: Annotated[int, Flag("a number", whole)] = 1,
    loud: Annotated[bool, Flag("loudly")] = False,
) -> Reply:
    """Take all kinds of parameters."""
    return reply(f"{text} {level} {number} {loud}")


@command("two-words")
def two_words(
    context: Context,
    first: Annotated[str, Arg("the first")],
    rest: Annotated[str, Rest("the rest", form="all the rest")],
) -> Reply:
    """Take two words."""
    return reply(f"{first} {rest}")


@command("bare", placed=True, shortcut="Bare")
def bare(
    context: Context, ref: Annotated[str | None, Arg("a message link", form="")] = None
) -> Reply:
    """Take what the message says."""
    return reply(str(ref))


def test_parameters_become_fields_and_the_message_is_not_asked_for() -> None:
    form = form_of(all_kinds, WORDS)
    assert form is not None
    assert (form.title, form.command) == ("All kinds", "all-kinds")
    assert form.fields == (
        Field("text", "A text", Kind.TEXT),
        Field("level", "A level", Kind.CHOICE, choices=("low", "high")),
        Field("number", "A number", Kind.LINE),
        Field("loud", "Loudly", Kind.SWITCH),
    )
    asked = form_of(two_words, WORDS)
    assert asked is not None
    assert asked.fields == (
        Field("first", "The first", Kind.LINE, required=True),
        Field("rest", "All the rest", Kind.TEXT, required=True),
    )
    assert form_of(bare, WORDS) is None


_WORD = st.text(min_size=1).filter(trimmed)


@given(_WORD, _WORD)
def test_what_is_filled_in_is_bound_as_it_was_filled_in(first: str, rest: str) -> None:
    values = {"first": first, "rest": rest}
    wrong = mistakes(two_words, values, WORDS)
    if not wrong:
        found = bind(two_words.parameters, typed(two_words, values), WORDS)
        assert found == {"first": first.strip(), "rest": trimmed(rest.strip())}


def test_options_and_switches_stand_before_the_text() -> None:
    values = {"text": "a b", "level": "high", "number": "3", "loud": "on"}
    assert typed(all_kinds, values) == "--level high --number 3 --loud a b"
    assert mistakes(all_kinds, values, WORDS) == {}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"number": "three", "text": "x"}, {"number"}),
        ({"text": "--frob x"}, {"text"}),
    ],
)
def test_a_mistake_names_its_field(values: dict[str, str], wrong: set[str]) -> None:
    assert mistakes(all_kinds, values, WORDS).keys() == wrong
    assert mistakes(two_words, {"first": "x"}, WORDS) == {"rest": "Say something here."}


def test_a_command_that_is_typed_alone_has_its_form_and_what_was_written_before_stands_in_it() -> (
    None
):
    registry = Registry.load()
    form = registry.form(Call("advisory", "draft"), WORDS, {"title": "Patch", "severity": "high"})
    assert form is not None
    assert (form.command, form.title) == ("advisory draft", "Draft an advisory")
    assert len(form.title) <= 24
    fields = {each.name: each for each in form.fields}
    assert [each.name for each in form.fields if each.required] == ["title"]
    assert (fields["title"].value, fields["severity"].value) == ("Patch", "high")
    assert fields["severity"].kind is Kind.CHOICE
    assert fields["text"].kind is fields["affected"].kind is Kind.TEXT
    assert set(writing.FIELDS) - {"body"} < set(fields)
    for typed_too in ("draft Patch", "draft --severity high", "list", ""):
        assert registry.form(Call("advisory", typed_too), WORDS, {}) is None
    assert registry.form(Call("mark"), WORDS, {}) is None, "its form is a message's"


def test_a_form_of_a_word_comes_back_as_that_is_typed() -> None:
    registry = Registry.load()
    values = {"title": "Patch the VPN", "severity": "high", "affected": "Gate 7, and\n8",
              "text": "Now.\n\n- a"}  # fmt: skip
    assert registry.filled("advisory draft", values, WORDS) == (
        'advisory draft --title "Patch the VPN" --severity high --affected "Gate 7, and\n8" '
        "Now.\n\n- a"
    )
    wrong = registry.filled("advisory draft", {"severity": "huge"}, WORDS)
    assert isinstance(wrong, Mistakes)
    assert wrong.keys() == {"title", "severity"}


def test_every_shortcut_of_the_house_has_a_form_or_needs_none() -> None:
    registry = Registry.load()
    found = {}
    for name in registry.shortcuts:
        declared = registry.get(name)
        assert declared is not None
        form = form_of(declared, WORDS)
        found[name] = () if form is None else tuple(each.name for each in form.fields)
    assert found["mark"] == ("words",)
    assert found["release"] == ("marking", "group")
    assert found["recall"] == found["trace"] == found["who-reacted"] == found["ask-release"] == ()
