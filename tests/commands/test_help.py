"""`help`."""

from __future__ import annotations

import pytest

from bot.errors import UserError
from bot.richtext import plain
from bot.words import words_for
from commands.grammar import Call
from commands.help import TOPICS
from commands.registry import Registry
from tests.commands.house import context_in

REGISTRY = Registry.load()


def ask(text: str, language: str = "en") -> str:
    return plain(REGISTRY.run(Call("help", text), context_in(language=language)).body)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_help_lists_every_command_in_a_line(language: str) -> None:
    lines = ask("", language).splitlines()
    assert len(lines[0]) <= 80
    for name in REGISTRY.names:
        assert sum(line.startswith(f"• {name}") for line in lines) == 1


def test_each_command_stands_under_a_topic_so_that_a_phone_shows_what_one_looks_for() -> None:
    lines = ask("").splitlines()
    topics = [line for line in lines[1:-3] if not line.startswith("• ")]
    assert len(topics) == 7
    assert lines[1] == "What is known of a value"
    assert lines[2].startswith("• ioc: ")
    named = {name for names in TOPICS.values() for name in names}
    assert named == REGISTRY.names, "name it under a topic in commands/help.py"
    assert max(map(len, lines)) <= 100, "how each is typed says its own help"


@pytest.mark.parametrize("name", ["status", "!status", "/STATUS"])
def test_help_explains_one(name: str) -> None:
    assert "Usage: status [--channel NAME]" in ask(name)


def test_what_each_parameter_is_is_said_in_french_too() -> None:
    french, every = words_for("fr"), [REGISTRY.get(name) for name in REGISTRY.names]
    found = [below for each in every if each for below in (each, *each.below.values())]
    plain_english = {
        parameter.kind.what
        for each in found
        for parameter in each.parameters
        if french(parameter.kind.what) == parameter.kind.what
    }
    assert plain_english == {"all", "open, adopted, broken …"}, "words of the program's own"


def test_help_of_help_explains_help() -> None:
    assert "Usage: help [NAME]" in ask("help")


def test_help_asks_what_was_meant() -> None:
    with pytest.raises(UserError, match="Did you mean “status”"):
        ask("stauts")
    with pytest.raises(UserError, match="Try “help”"):
        ask("x" * 100)
