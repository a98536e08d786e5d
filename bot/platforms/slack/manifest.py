"""The app manifest to paste into Slack: exactly the commands, scopes and events that are used.

Format and limits: https://docs.slack.dev/reference/app-manifest. It is JSON, which Slack takes as
well as YAML.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.errors import UserError
from bot.platforms.slack import scopes
from bot.platforms.slack.settings import SlackSettings

HURRIED = ("ioc", "sighting", "advisory", "decide", "propose", "page")
"""What is typed in a hurry, and has a slash-command of its own unless settings say otherwise."""
EVERYTHING = "liaison"
"""The command that all others can be reached by."""
MOST_COMMANDS = 50
LONGEST_COMMAND = 32
LONGEST_NAME = 35
MOST_SHORTCUTS = 10
LONGEST_SHORTCUT = 24
_ABOUT = 150
"""Characters of a shortcut's description."""
NO_SHORTCUTS: Mapping[str, str] = MappingProxyType({})
_SUMMARY = 100
"""Characters of a summary that are read in Slack's list of commands."""

BUILT_IN = frozenset(
    """
    active all apps archive away call canvas collapse dm dnd expand feed feedback groups help here
    huddle invite invite_people join keys kick leave list me msg mute open part prefs remind remove
    rename search sections shortcuts shrug star status todo topic unarchive who
    """.split()  # noqa: SIM905  a list of words is read, not written
)
"""Slack's own commands (https://slack.com/help/articles/201259356): a manifest that names one is
refused as a whole."""


def manifest(
    settings: SlackSettings,
    commands: Mapping[str, str],
    shortcuts: Mapping[str, str] = NO_SHORTCUTS,
    *,
    name: str = "Liaison",
) -> str:
    """The manifest for these settings. `commands`: every command's name, with its summary;
    `shortcuts`: what those are called that stand in the menu of a message.

    Raises `UserError` where the settings name a command that is none.
    """
    chosen = registered(settings, commands)
    about = {EVERYTHING: "All that Liaison can do: /liaison help", **commands}
    return json.dumps(
        {
            "display_information": {
                "name": name[:LONGEST_NAME],
                "description": "Relays messages between the allies' rooms and answers commands",
            },
            "features": {
                "app_home": {
                    "home_tab_enabled": True,
                    "messages_tab_enabled": True,  # or nobody can write to the bot directly
                    "messages_tab_read_only_enabled": False,
                },
                "bot_user": {"display_name": name[:80], "always_online": True},
                "shortcuts": [
                    {
                        "name": shown[:LONGEST_SHORTCUT],
                        "type": "message",
                        "callback_id": command,
                        "description": (about.get(command, "").strip() or shown)[:_ABOUT],
                    }
                    for command, shown in list(shortcuts.items())[:MOST_SHORTCUTS]
                ],
                "slash_commands": [
                    {
                        "command": f"/{settings.command_prefix}{command}",
                        "description": (about[command].strip() or command)[:_SUMMARY],
                        "usage_hint": "[help]" if command == EVERYTHING else "[help | …]",
                        "should_escape": False,
                    }
                    for command in chosen
                ],
            },
            "oauth_config": {"scopes": {"bot": list(scopes.bot_scopes())}},
            "settings": {
                "event_subscriptions": {"bot_events": sorted(scopes.EVENTS)},
                "interactivity": {"is_enabled": True},
                "org_deploy_enabled": False,
                "socket_mode_enabled": True,
                "token_rotation_enabled": False,
            },
        },
        ensure_ascii=False,
        indent=2,
    )


def registered(settings: SlackSettings, commands: Iterable[str]) -> tuple[str, ...]:
    """The commands that have a slash-command of their own, `/liaison` first."""
    known = tuple(commands)
    match settings.commands:
        case None:
            chosen = [command for command in HURRIED if command in known]
        case "all":
            chosen = list(known)
        case names:
            chosen = list(dict.fromkeys(names))
            for unknown in (command for command in chosen if command not in {*known, EVERYTHING}):
                raise UserError("There is no command {name}.", name=unknown)
    usable = (command for command in chosen if command != EVERYTHING and _fits(settings, command))
    return (EVERYTHING, *usable)[:MOST_COMMANDS]


def _fits(settings: SlackSettings, command: str) -> bool:
    whole = f"{settings.command_prefix}{command}"
    return whole not in BUILT_IN and len(whole) < LONGEST_COMMAND
