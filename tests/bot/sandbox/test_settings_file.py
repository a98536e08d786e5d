"""The settings that the sandbox writes are settings that the bot takes."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

from bot.platforms.registry import networks
from bot.sandbox.settings_file import Homeserver, Workspace, write
from bot.sandbox.world import COALITION
from config.settings import load

WORKSPACES = [
    Workspace(name, f"http://127.0.0.1:9/{name}/", f"xoxb-{name}", f"xapp-{name}", room)
    for name, room in (("alpha", "C0ALPHA"), ("bravo", "C0BRAVO"))
]
HOMESERVER = Homeserver(
    "http://127.0.0.1:10",
    "@liaison:coalition.example",
    "secret",
    "!room",
    {person.key: f"@{person.key}:coalition.example" for person in COALITION.people},
)


def test_the_bot_reads_them_without_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "liaison.toml"
    write(file, WORKSPACES, HOMESERVER)
    settings = load(file, networks(), {})
    assert list(settings.channels["ransomware"].rooms) == [
        "slack:alpha/C0ALPHA",
        "slack:bravo/C0BRAVO",
        "matrix:coalition/!room",
    ]
    assert set(settings.teams) == {"cert-alpha", "cert-bravo", "cert-charlie", "port-authority"}


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    file = tmp_path / "liaison.toml"
    write(file, WORKSPACES, HOMESERVER)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_quote_in_a_value_stays_in_it(tmp_path: Path) -> None:
    file = tmp_path / "liaison.toml"
    odd = Homeserver("http://127.0.0.1:10", "@l:x", 'a"b\\c\n', "!r", HOMESERVER.people)
    write(file, WORKSPACES, odd)
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    assert read["matrix"]["coalition"]["password"] == 'a"b\\c\n'
