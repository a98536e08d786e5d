"""Two small networks to read settings with; nothing can be sent on them."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal, NoReturn

from bot.platforms.base import Network
from config.accounts import AccountSettings
from config.durations import Duration
from config.secrets import Secret


class SlackAccount(AccountSettings):
    not_yet: ClassVar[frozenset[str]] = frozenset({"enterprise"})

    bot_token: Secret
    app_token: Secret | None = None
    api_url: str = "https://slack.com/api/"
    commands: tuple[str, ...] | Literal["all"] = ()
    patience: Duration | None = None


class MatrixAccount(AccountSettings):
    homeserver: str
    user_id: str
    password: Secret | None = None


def _connect(settings: Any, surroundings: Any) -> NoReturn:
    raise AssertionError("settings are read without connecting")


def _slack_member(text: str, accounts: frozenset[str]) -> str | None:
    account, slash, person = text.partition("/")
    good = account in accounts and (not slash or person.startswith("U"))
    return text if good else None


def _matrix_member(text: str, accounts: frozenset[str]) -> str | None:
    return text if re.fullmatch(r"(@[^:]+:)?[a-z0-9.]+", text) else None


SLACK = Network(
    name="slack",
    one_id=True,
    settings=SlackAccount,
    connect=_connect,
    room_syntax="slack:<workspace>/<channel id>",
    parse_room=lambda local: local if re.fullmatch(r"C[0-9A-Z]+", local) else None,
    parse_member=_slack_member,
    is_person=lambda member: "/" in member,
    member_of=lambda account, person: f"{account}/{person}",
    home_of=lambda member: member.partition("/")[0],
)
MATRIX = Network(
    name="matrix",
    settings=MatrixAccount,
    connect=_connect,
    room_syntax="matrix:<account>/<room id or alias>",
    parse_room=lambda local: local if local[:1] in {"!", "#"} else None,
    parse_member=_matrix_member,
    is_person=lambda member: member.startswith("@"),
    member_of=lambda account, person: person,
    home_of=lambda member: member.partition(":")[2] or member,
)
NETWORKS = {"slack": SLACK, "matrix": MATRIX}
