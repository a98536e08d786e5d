"""The manifest, and the tables that it is made from, held to the code and to Slack's limits."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

import bot.platforms.slack as package
from bot.errors import UserError
from bot.platforms.slack import NETWORK, scopes
from bot.platforms.slack.manifest import (
    BUILT_IN,
    HURRIED,
    LONGEST_SHORTCUT,
    MOST_SHORTCUTS,
    manifest,
    registered,
)
from bot.platforms.slack.settings import SlackSettings
from commands.registry import Registry

COMMANDS = {
    "help": "Say what there is",
    "ping": "Answer",
    "status": "How things are",
    "ioc": "Look up",
}
FOLDER = Path(package.__file__).parent
_METHOD = re.compile(
    r"(?:apps|auth|bots|chat|conversations|emoji|files|reactions|team|usergroups|users|views)\.[a-zA-Z.]+"
)


def settings(**other: Any) -> SlackSettings:
    return SlackSettings(bot_token=SecretStr("xoxb-1"), app_token=SecretStr("xapp-1"), **other)


def made(**other: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(manifest(settings(**other), COMMANDS))
    return found


def test_the_methods_declared_are_those_that_the_code_names() -> None:
    named = {
        node.value
        for file in FOLDER.glob("*.py")
        if file.name != "scopes.py"
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _METHOD.fullmatch(node.value)
    }
    assert named == set(scopes.METHODS)


def test_scopes_are_those_of_methods_events_and_commands() -> None:
    assert set(scopes.bot_scopes()) == {
        "channels:history", "channels:read", "chat:write", "chat:write.customize", "commands",
        "emoji:read", "files:read", "files:write", "groups:history", "groups:read", "im:history",
        "metadata.message:read", "pins:read", "reactions:read", "reactions:write",
        "usergroups:read", "users:read",
    }  # fmt: skip
    found = made()
    assert found["oauth_config"]["scopes"]["bot"] == list(scopes.bot_scopes())
    assert found["settings"]["event_subscriptions"]["bot_events"] == sorted(scopes.EVENTS)


def test_the_home_tab_is_shown_and_its_opening_told_of() -> None:
    found = made()
    assert found["features"]["app_home"]["home_tab_enabled"] is True
    assert "app_home_opened" in found["settings"]["event_subscriptions"]["bot_events"]


def test_a_socket_is_used_and_nothing_that_is_not() -> None:
    assert made()["settings"]["socket_mode_enabled"] is True
    assert made()["settings"]["interactivity"]["is_enabled"] is True


def test_every_shortcut_is_in_the_menu_of_a_message_within_slacks_limits() -> None:
    shortcuts = Registry.load().shortcuts
    assert {"mark", "recall", "release", "ask-release", "who-reacted", "trace"} <= {*shortcuts}
    assert len(shortcuts) <= MOST_SHORTCUTS
    assert all(len(each) <= LONGEST_SHORTCUT for each in shortcuts.values())
    found = json.loads(manifest(settings(), COMMANDS, shortcuts))["features"]["shortcuts"]
    assert {each["callback_id"]: each["name"] for each in found} == dict(shortcuts)
    assert {each["type"] for each in found} == {"message"}
    many = {f"c{number}": "x" * 200 for number in range(50)}
    found = json.loads(manifest(settings(), many, many))["features"]["shortcuts"]
    assert len(found) == 10
    assert all(len(each["name"]) <= 24 and len(each["description"]) <= 150 for each in found)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, ["/liaison", "/ioc"]),
        ({"commands": "all"}, ["/liaison", "/ping", "/ioc"]),
        ({"commands": ["ping"]}, ["/liaison", "/ping"]),
        ({"commands": []}, ["/liaison"]),
        ({"commands": ["status", "liaison"]}, ["/liaison"]),
        (
            {"commands": "all", "command_prefix": "x"},
            ["/xliaison", "/xhelp", "/xping", "/xstatus", "/xioc"],
        ),
    ],
)
def test_exactly_the_configured_commands_and_none_of_slacks_own(
    other: dict[str, Any], expected: list[str]
) -> None:
    assert [
        command["command"] for command in made(**other)["features"]["slash_commands"]
    ] == expected


def test_a_command_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="frobnicate"):
        manifest(settings(commands=["frobnicate"]), COMMANDS)


def test_slacks_limits_hold_for_any_number_of_commands() -> None:
    many = {f"c{number}": "x" * 5000 for number in range(200)} | {"n" * 40: "too long"}
    found = json.loads(manifest(settings(commands="all"), many, name="L" * 200))
    commands = found["features"]["slash_commands"]
    assert len(commands) == 50
    assert all(len(command["command"]) <= 32 for command in commands)
    assert all(1 <= len(command["description"]) <= 2000 for command in commands)
    assert len(found["display_information"]["name"]) <= 35
    assert len(found["features"]["bot_user"]["display_name"]) <= 80


def test_what_is_typed_in_a_hurry_is_none_of_slacks_own() -> None:
    assert not BUILT_IN & set(HURRIED)
    assert registered(settings(), HURRIED) == ("liaison", *HURRIED)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"bot_token": SecretStr("xapp-1")}, "xoxb-"),
        ({"app_token": SecretStr("xoxb-1")}, "xapp-"),
        ({"command_prefix": "X!"}, "lower-case"),
        ({"commands": ["/ioc"]}, "without the slash"),
        ({"api_url": "slack.com"}, "https://slack.com/api/"),
    ],
)
def test_a_wrong_setting_is_told_what_is_expected(other: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SlackSettings(**{"bot_token": "xoxb-1", "app_token": "xapp-1", **other})


def test_an_address_ends_with_a_slash() -> None:
    assert settings(api_url="http://127.0.0.1:1/api").api_url == "http://127.0.0.1:1/api/"


def test_rooms_and_members_are_read() -> None:
    assert NETWORK.parse_room("C01GEN") == "C01GEN"
    assert NETWORK.parse_room("C9") == "C9"
    assert NETWORK.parse_room("general") is None
    accounts = frozenset({"alpha"})
    assert NETWORK.parse_member("alpha", accounts) == "alpha"
    assert NETWORK.parse_member("alpha/U123", accounts) == "alpha/U123"
    assert NETWORK.parse_member("bravo/U123", accounts) is None
    assert NETWORK.parse_member("alpha/ada", accounts) is None
    assert NETWORK.is_person("alpha/U123")
    assert not NETWORK.is_person("alpha")
