"""The same settings have the same fingerprint, and others another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.platforms.registry import networks
from config.fingerprint import fingerprint
from config.settings import load

FILE = """
[liaison]
admin_rooms = ["slack:alpha/C08ADM"]
[slack.alpha]
bot_token = "xoxb-one"
app_token = "xapp-one"
[teams.cert-alpha]
members = ["slack:alpha"]
quiet = "22:00-07:00"
timezone = "Europe/Paris"
workdays = "mon-fri"
[channels.c]
ceiling = "TLP:GREEN"
rooms = ["slack:alpha/C01GEN", "slack:alpha/C02GEN"]
"""


def of(path: Path, text: str) -> str:
    path.write_text(text)
    return fingerprint(load(path, networks(), {}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TLP:GREEN", "TLP:AMBER"),
        ("22:00", "22:30"),
        ("mon-fri", "mon-sat"),
        ("Europe/Paris", "Europe/Rome"),
        ("slack:alpha/C08ADM", "slack:alpha/C09ADM"),
        ('"xapp-one"', '"xapp-one"\ncommand_prefix = "x"'),
    ],
)
def test_whatever_is_set_otherwise_shows(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "liaison.toml"
    assert of(path, FILE.replace(old, new)) != of(path, FILE)


def test_a_new_token_and_another_place_are_the_same_settings(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    moved = of(there / "liaison.toml", FILE.replace("-one", "-two"))
    assert moved == of(tmp_path / "liaison.toml", FILE)


def test_it_is_the_same_in_every_process(tmp_path: Path) -> None:
    path = tmp_path / "liaison.toml"
    program = (
        "import sys; from pathlib import Path; from bot.platforms.registry import networks; "
        "from config.fingerprint import fingerprint; from config.settings import load; "
        "print(fingerprint(load(Path(sys.argv[1]), networks(), {})))"
    )
    wanted = of(path, FILE)
    words = [sys.executable, "-c", program, str(path)]
    for seed in ("1", "2"):
        found = subprocess.run(
            words, capture_output=True, text=True, timeout=60, check=True,
            env={"PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert found.stdout.strip() == wanted
