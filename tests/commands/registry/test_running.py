"""Running what was typed: binding, errors with usage, help, privacy."""

from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.richtext import plain
from bot.words import words_for
from commands.grammar import Call, NearMiss
from commands.registry import (
    Arg,
    Context,
    Flag,
    Registry,
    Reply,
    Rest,
    command,
    refusal,
    reply,
)
from tests.commands.house import DIRECT_ROOM, SLACK_ROOM, context_in


def number(text: str) -> int:
    if not text.isdecimal():
        raise UserError("“{text}” is no number.", text=text)
    return int(text)


@command("count", private=False, placed=True)
def count(
    context: Context,
    value: Annotated[tuple[int, ...], Arg("numbers", number)],
    times: Annotated[int, Flag("how often", number, "N")] = 1,
    tag: Annotated[tuple[str, ...], Flag("tags")] = (),
    loud: Annotated[bool, Flag("to all")] = False,
) -> Reply:
    """How much is it together?"""
    return reply(f"{sum(value) * times} {' '.join(tag)} {context.channel}", public=loud)


@command("note")
def note(
    context: Context,
    text: Annotated[str, Rest("what to keep")],
    by: Annotated[str, Flag("who says it")] = "",
) -> Reply:
    """What is to be kept?"""
    return reply(f"{by}|{text}", public=True)


@command("pair")
def pair(
    context: Context,
    first: Annotated[str, Arg("one")],
    second: Annotated[str | None, Arg("another")] = None,
) -> Reply:
    """Two words?"""
    return reply(f"{first}|{second}")


REGISTRY = Registry([count, note, pair])


def run(name: str, text: str, context: Context | None = None) -> str:
    return plain(REGISTRY.run(Call(name, text), context or context_in()).body)


def wrong(name: str, text: str, context: Context | None = None) -> str:
    with pytest.raises(UserError) as caught:
        run(name, text, context)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("count", "1 2", "3  ransomware"),
        ("count", "1 --times 2 2 --tag a --tag='b c'", "6 a b c ransomware"),
        ("count", "—times=2 1", "2  ransomware"),
        ("count", "1 -- 2", "3  ransomware"),
        ("note", "--by ada don't \"lose  this --by x\n it", "ada|don't \"lose  this --by x\n it"),
        ("note", "help the others", "|help the others"),
        ("note", "“quoted” stays", "|“quoted” stays"),
        ("pair", "a", "a|None"),
        ("pair", "'a b' -- --by", "a b|--by"),
    ],
)
def test_arguments_are_bound(name: str, text: str, answer: str) -> None:
    assert run(name, text) == answer


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("count", "", "VALUE… is missing: numbers."),
        ("count", "x", "“x” is no number."),
        ("count", "1 --times", "The option --times needs a value."),
        ("count", "1 --times --loud", "The option --times needs a value."),
        ("count", "1 --times 1 --times 2", "The option --times stands twice."),
        ("count", "1 --loud=yes", "The option --loud takes no value."),
        ("count", "1 --tiems 2", "There is no option --tiems here. Did you mean --times?"),
        ("count", "1 --xyz", "There is no option --xyz here."),
        ("count", "1 '2", "The quotation mark ' is opened and not closed."),
        ("note", "  ", "TEXT is missing: what to keep."),
        ("pair", "a b c", "“c” is more than this command takes."),
    ],
)
def test_a_wrong_call_is_told_what_was_wrong_and_the_usage(name: str, text: str, told: str) -> None:
    command_ = REGISTRY.get(name)
    assert command_ is not None
    assert wrong(name, text) == f"{told}\nUsage: {command_.usage}"


def test_what_was_wrong_is_told_in_the_readers_language() -> None:
    context = context_in(language="fr")
    told = wrong("count", "1 --times", context)
    assert told.startswith("L’option --times demande une valeur.")  # noqa: RUF001  French
    with pytest.raises(UserError) as caught:
        run("count", "1 --times", context)
    assert "Usage\u00a0: count VALUE…" in plain(refusal(caught.value, words_for("fr")).body)


@pytest.mark.parametrize("text", ["help", "--help", "—help", "HELP"])
@pytest.mark.parametrize("name", ["count", "note"])
def test_every_command_has_help(name: str, text: str) -> None:
    shown = run(name, text).splitlines()
    command_ = REGISTRY.get(name)
    assert command_ is not None
    assert shown[:2] == [command_.summary, f"Usage: {command_.usage}"]
    assert len(shown) == 2 + len(command_.parameters)


def test_a_private_command_never_answers_in_public() -> None:
    assert not REGISTRY.run(Call("note", "x"), context_in()).public
    assert REGISTRY.run(Call("count", "1 --loud"), context_in()).public
    assert not REGISTRY.run(Call("count", "1"), context_in()).public


def test_in_a_direct_room_the_channel_is_named() -> None:
    assert run("count", "1 --channel ports", context_in(DIRECT_ROOM)) == "1  ports"
    assert run("count", "1", context_in(DIRECT_ROOM)) == "1  None"


def test_a_channel_that_is_unknown_is_told_without_a_list() -> None:
    told = wrong("count", "1 --channel port", context_in(DIRECT_ROOM))
    assert told.startswith("I know of no such channel.\n")
    assert "ports" not in told


def test_a_channels_room_speaks_of_its_own_channel_alone() -> None:
    assert run("count", "1 --channel ransomware", context_in(SLACK_ROOM)) == "1  ransomware"
    for other in ("ports", "nothing"):
        assert "this channel alone" in wrong(
            "count", f"1 --channel {other}", context_in(SLACK_ROOM)
        )


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (NearMiss("cuont", "count"), "“cuont”, and passed nothing on.\nDid you mean “count”?"),
        (
            NearMiss("count", "count"),
            "passed nothing on.\nBegin with “!count”, and a space behind it.",
        ),
        (NearMiss("wow"), "“wow”, and passed nothing on. Try “help”."),
        (NearMiss(""), "Type “help” after my name"),
        (Call("gone"), "“gone”"),
    ],
)
def test_a_near_miss_is_told_what_was_perhaps_meant(call: Call | NearMiss, told: str) -> None:
    with pytest.raises(UserError) as caught:
        REGISTRY.run(call, context_in())
    assert told in str(caught.value)


@given(st.text(), st.sampled_from(["count", "note", "pair"]))
def test_a_call_answers_or_raises_a_user_error_of_a_short_first_line(text: str, name: str) -> None:
    context = context_in()
    try:
        answer = REGISTRY.run(Call(name, text), context)
    except UserError as error:
        answer = refusal(error, context.words)
    assert len(plain(answer.body).partition("\n")[0]) <= 80


def test_two_commands_of_one_name_are_a_mistake() -> None:
    with pytest.raises(TypeError, match="pair"):
        Registry([pair, pair])


def test_every_file_of_the_package_is_a_command() -> None:
    loaded = Registry.load()
    assert loaded.names >= {"help", "ping", "status"}
    assert all(loaded.get(name) for name in loaded.names)
    assert loaded.get("command") is None
