"""One workspace's table in the configuration: `[slack.NAME]`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, SecretStr

from config.accounts import AccountSettings
from config.secrets import NOT_READ, Secret

_PREFIX = re.compile(r"[a-z0-9]{0,16}")
_COMMAND = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")
"""A slash-command with its slash has at most 32 characters, lower case
(https://docs.slack.dev/reference/app-manifest, features.slash_commands.command)."""


def _bot_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("xoxb-", NOT_READ)):
        raise ValueError(
            "expected a bot token, which begins with xoxb-: in the app's settings at "
            'api.slack.com/apps, under "OAuth & Permissions", the "Bot User OAuth Token"'
        )
    return value


def _app_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("xapp-", NOT_READ)):
        raise ValueError(
            "expected an app-level token, which begins with xapp-: in the app's settings at "
            'api.slack.com/apps, under "Basic Information", "App-Level Tokens", one with the '
            "scope connections:write"
        )
    return value


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
        raise ValueError("expected an address such as https://slack.com/api/")
    return value if value.endswith("/") else f"{value}/"


def _prefix(value: str) -> str:
    if not _PREFIX.fullmatch(value):
        raise ValueError('expected lower-case letters and digits, at most 16: "x" makes /xioc')
    return value


def _commands(value: tuple[str, ...] | str | None) -> tuple[str, ...] | str | None:
    if isinstance(value, tuple) and not all(_COMMAND.fullmatch(name) for name in value):
        raise ValueError('expected names of commands without the slash, such as ["ioc"], or "all"')
    return value


class SlackSettings(AccountSettings):
    """One workspace."""

    bot_token: Annotated[Secret, AfterValidator(_bot_token)]
    app_token: Annotated[Secret, AfterValidator(_app_token)]
    api_url: Annotated[str, AfterValidator(_url)] = "https://slack.com/api/"
    command_prefix: Annotated[str, AfterValidator(_prefix)] = ""
    commands: Annotated[tuple[str, ...] | Literal["all"] | None, AfterValidator(_commands)] = None
    """Which have a slash-command of their own; None: those that are typed in a hurry."""
