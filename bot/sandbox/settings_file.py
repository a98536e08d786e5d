"""The bot's configuration for the sandbox: the same file that an operator would write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox import knowledge

ACCOUNT = "coalition"
"""The Matrix account's name in the settings."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the settings need of one Slack workspace; `people` by their key, as ids."""

    name: str
    api_url: str
    bot_token: str
    app_token: str
    channel: str
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def room(self) -> str:
        """The room as settings and database write it."""
        return f"slack:{self.name}/{self.channel}"


@dataclass(frozen=True, slots=True)
class Homeserver:
    """What the settings need of the Matrix server; `people`: user ids by their key."""

    url: str
    user_id: str
    password: str
    room_id: str
    people: Mapping[str, str]

    @property
    def room(self) -> str:
        """The room as settings and database write it."""
        return f"matrix:{ACCOUNT}/{self.room_id}"


def write(
    file: Path, workspaces: Sequence[Workspace], homeserver: Homeserver, mail: int = 25
) -> None:
    """Write the settings, readable by their owner alone: tokens stand in them. `mail`: the port of
    the mail server.
    """
    file.touch(mode=0o600)
    file.write_text(text(workspaces, homeserver, mail), encoding="utf-8")


def text(workspaces: Sequence[Workspace], homeserver: Homeserver, mail: int = 25) -> str:
    """The settings as TOML."""
    parts = [
        "# Written by `liaison sandbox` at each start.",
        _table("liaison", name="Liaison", language="en"),
        _table("store", url="sqlite:///liaison.db"),
        _table("mail", **{"server": f"smtp://127.0.0.1:{mail}", "from": "liaison@sandbox.example"}),
        *(
            _table(
                f"slack.{workspace.name}",
                bot_token=workspace.bot_token,
                app_token=workspace.app_token,
                api_url=workspace.api_url,
            )
            for workspace in workspaces
        ),
        _table(
            f"matrix.{ACCOUNT}",
            homeserver=homeserver.url,
            user_id=homeserver.user_id,
            password=homeserver.password,
        ),
        *_teams(workspaces, homeserver),
        _table("groups", neighbours=["cert-bravo", "cert-charlie", "port-authority"]),
        *(_feed(sheet) for sheet in knowledge.SHEETS),
        _table(
            "channels.ransomware",
            title="Ransomware task force",
            ceiling="TLP:AMBER",
            waiver="A sandbox on one machine, with made-up people.",
            rooms=[*(workspace.room for workspace in workspaces), homeserver.room],
        ),
        _table("channels.ransomware.silence", minimum="1s", grace="5s"),
    ]
    return "\n".join(parts)


def _teams(workspaces: Sequence[Workspace], homeserver: Homeserver) -> list[str]:
    alpha, bravo = (f"slack:{workspace.name}" for workspace in workspaces)
    in_alpha, in_bravo = (
        [f"slack:{workspace.name}/{user}" for user in workspace.people.values()]
        for workspace in workspaces
    )
    of = {key: f"matrix:{user_id}" for key, user_id in homeserver.people.items()}
    return [
        _table(
            "teams.cert-alpha",
            name="CERT Alpha",
            country="FRA",
            timezone="Europe/Paris",
            members=[alpha],
            **_reached("cert-alpha", in_alpha),
        ),
        _table(
            "teams.cert-bravo",
            name="CERT Bravo",
            country="NLD",
            timezone="Europe/Amsterdam",
            members=[bravo],
            **_reached("cert-bravo", in_bravo),
        ),
        _table(
            "teams.cert-charlie",
            name="CERT Charlie",
            country="PRT",
            timezone="Europe/Lisbon",
            members=[of["ines"], of["rui"]],
            **_reached("cert-charlie", [of["ines"], of["rui"]]),
        ),
        _table(
            "teams.port-authority",
            name="Port authority",
            country="PRT",
            timezone="Europe/Lisbon",
            members=[of["tomas"]],
            **_reached("port-authority", [of["tomas"]]),
        ),
    ]


def _reached(team: str, people: list[str]) -> dict[str, str | list[str]]:
    """The first is on duty and administers it, the others stand in; the ladder is short here."""
    return {
        "delegates": people,
        "duty": people,
        "admins": people[:1],
        "alerts": [f"mailto:duty@{team}.example"],
        "escalate": "30s",
    }


def _feed(sheet: knowledge.Sheet) -> str:
    group = {} if sheet.group is None else {"group": sheet.group}
    return _table(
        f"feeds.{sheet.name}", type="stix", path=sheet.path, originator=sheet.team,
        marking=sheet.label, **group,
    )  # fmt: skip


def _table(heading: str, **values: str | list[str]) -> str:
    # A JSON string or array of strings is one in TOML too.
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([f"\n[{heading}]", *lines])
