"""Declaring commands: what cannot be typed is an error at import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest

from commands.registry import Arg, Context, Flag, Reply, Rest, Role, command, reply


def test_everything_comes_from_the_signature() -> None:
    @command("ask-release", role=Role.DELEGATE, placed=True)
    def ask(
        context: Context,
        ref: Annotated[str, Arg("which")],
        value: Annotated[tuple[int, ...], Arg("how many", int)] = (),
        group: Annotated[str | None, Flag("to whom", shown="G")] = None,
        action: Annotated[tuple[str, ...], Flag("who does what", shown="WHAT")] = (),
        not_now: Annotated[bool, Flag("later")] = False,
    ) -> Reply:
        """May we pass this on?

        More of it.
        """
        return reply("yes")

    assert ask.summary == "May we pass this on?"
    assert ask.usage == (
        "ask-release REF [VALUE]… [--group G] [--action WHAT]… [--not-now] [--channel NAME]"
    )
    assert (ask.role, ask.private) == (Role.DELEGATE, True)


def test_several_words_are_shown_as_such() -> None:
    @command("ioc", placed=True)
    def ioc(context: Context, value: Annotated[tuple[str, ...], Arg("address, domain")]) -> Reply:
        """What is known?"""
        return reply("nothing")

    assert ioc.usage == "ioc VALUE… [--channel NAME]"


def bare(context: Context, value: str) -> Reply:
    """A parameter that says nothing of itself."""
    return reply(value)


def unparsed(context: Context, value: Annotated[dict[str, str], Arg("a table")]) -> Reply:
    """A type that text cannot become."""
    return reply("")


def two_kinds(context: Context, value: Annotated[str, Arg("a"), Flag("b")]) -> Reply:
    """Two kinds."""
    return reply(value)


def demanded(context: Context, value: Annotated[str, Flag("an option")]) -> Reply:
    """An option without a default."""
    return reply(value)


def switched_on(context: Context, value: Annotated[bool, Flag("a switch")] = True) -> Reply:
    """A switch that nobody can switch off."""
    return reply("")


def after_rest(
    context: Context, text: Annotated[str, Rest("text")], value: Annotated[str, Arg("a")]
) -> Reply:
    """A word after everything."""
    return reply(text + value)


def after_optional(
    context: Context, a: Annotated[str, Arg("a")] = "", *, b: Annotated[str, Arg("b")]
) -> Reply:
    """A word that is needed after one that is not."""
    return reply(a + b)


def answerless(context: Context) -> Any:
    """No reply."""


def silent(context: Context) -> Reply:
    return reply("")


@pytest.mark.parametrize(
    "function",
    [
        bare,
        unparsed,
        two_kinds,
        demanded,
        switched_on,
        after_rest,
        after_optional,
        answerless,
        silent,
    ],
)
def test_what_cannot_be_typed_is_an_error_at_import(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"^wrong: "):
        command("wrong")(function)


@pytest.mark.parametrize("name", ["IOC", "ioc2", "-ioc", "two words", ""])
def test_a_name_is_letters_and_hyphens(name: str) -> None:
    with pytest.raises(TypeError):
        command(name)(answerless)
