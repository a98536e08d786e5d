"""Words that follow a command's name: their own usage, help, rights, and what was meant."""

from __future__ import annotations

from typing import Annotated

import pytest

from bot.errors import UserError
from bot.events import Author, Standing
from bot.richtext import plain
from commands.grammar import Call
from commands.help import help_
from commands.registry import Arg, Context, Registry, Reply, Rest, Role, command, reply
from tests.bot.sharing.allies import ALLIES, slack
from tests.commands.house import ADMIN_ROOM, SLACK_ROOM, SmallHouse, context_in


@command("shelf", placed=True)
def shelf(context: Context) -> Reply:
    """What is on the shelf?"""
    return reply("everything")


@shelf.word("take", placed=True, writes=True)
def take(context: Context, what: Annotated[str, Arg("what")]) -> Reply:
    """Take something down."""
    return reply(f"{what} {context.channel}")


@shelf.word("label", role=Role.ADMIN)
def label(context: Context, text: Annotated[str, Rest("what it says")]) -> Reply:
    """Write on it."""
    return reply(text)


REGISTRY = Registry([shelf, help_])


def ask(text: str, name: str = "shelf") -> str:
    return plain(REGISTRY.run(Call(name, text), context_in()).body)


def test_a_word_is_a_command_of_its_own() -> None:
    assert ask("") == "everything"
    assert ask("--channel ransomware") == "everything"
    assert ask("take book") == "book ransomware"
    assert ask("  TAKE  'a book'") == "a book ransomware"


def test_rest_of_the_line_is_what_was_typed() -> None:
    context = context_in(ADMIN_ROOM)
    answer = REGISTRY.run(Call("shelf", "label take  it --now"), context)
    assert plain(answer.body) == "take  it --now"


def test_usage_and_help_are_of_the_word() -> None:
    assert shelf.usage == "shelf [take|label]"
    assert take.usage == "shelf take WHAT [--channel NAME]"
    for text in ("help", "--help"):
        lines = ask(text).splitlines()
        assert lines[:2] == ["What is on the shelf?", "Usage: shelf [take|label]"]
        assert lines[2] == "• shelf take WHAT: Take something down."
    for text in ("take help", "take --help", "help take"):
        assert ask(text).splitlines()[1] == "Usage: shelf take WHAT [--channel NAME]"
    assert "Usage: shelf take WHAT" in ask("shelf take", "help")
    assert "Usage: shelf [take|label]" in ask("shelf nothing", "help")


def test_a_wrong_call_gets_the_usage_of_its_word() -> None:
    with pytest.raises(UserError, match=r"WHAT is missing: what\.\nUsage: shelf take WHAT"):
        ask("take")


def test_of_a_word_that_there_is_not_it_is_asked_what_was_meant() -> None:
    with pytest.raises(UserError, match="Did you mean “shelf take”"):
        ask("tkae book")
    with pytest.raises(UserError, match=r"“burn” cannot follow “shelf”\.\nUsage: shelf \[take"):
        ask("burn")


def test_a_word_has_rights_of_its_own() -> None:
    ben = Author(slack("U3"), "Ben", standing=Standing.MEMBER)
    context = context_in(SLACK_ROOM, SmallHouse(teams=ALLIES), asker=ben)
    with pytest.raises(UserError, match="“shelf label” is for those who administer"):
        REGISTRY.run(Call("shelf", "label x"), context)
    assert plain(REGISTRY.run(Call("shelf", "take x"), context).body) == "x ransomware"


def test_what_writes_is_told_by_the_word() -> None:
    for text, writes in (("", False), ("take x", True), ("label x", False), ("burn", False)):
        found = REGISTRY.find(Call("shelf", text))
        assert found is not None
        assert found.writes is writes
    assert REGISTRY.find(Call("nothing")) is None


def test_the_names_are_those_of_the_commands_alone() -> None:
    assert REGISTRY.names == {"shelf", "help"}


def test_words_cannot_follow_words_or_parameters() -> None:
    @command("one")
    def one(context: Context, what: Annotated[str, Arg("what")]) -> Reply:
        """With a parameter."""
        return reply(what)

    for within, name in ((one, "two"), (take, "two"), (shelf, "take")):
        with pytest.raises(TypeError, match="can follow"):

            @within.word(name)
            def two(context: Context) -> Reply:
                """Never."""
                return reply("")
