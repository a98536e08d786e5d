"""A table that names a command that there is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main
from bot.errors import ConfigurationError
from bot.platforms.registry import networks
from bot.terminal.manifests import manifest, unknown_commands
from config.settings import Settings, load

TABLE = """
[slack.alpha]
bot_token = "xoxb-1"
app_token = "xapp-1"
commands = {commands}
"""


def settings(folder: Path, commands: str) -> Settings:
    file = folder / "liaison.toml"
    file.write_text(TABLE.format(commands=commands), encoding="utf-8")
    return load(file, networks(), None)


def test_a_command_that_there_is_not_is_told_with_file_and_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        manifest(settings(tmp_path, '["ioc", "icoc"]'), "alpha")
    expected = f"{tmp_path / 'liaison.toml'}: slack.alpha.commands: There is no command icoc."
    assert str(error.value) == expected


def test_a_manifest_that_cannot_be_is_a_mistake_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    settings(tmp_path, '["icoc"]')
    assert main(["manifest", "--config", str(tmp_path / "liaison.toml")]) == 2
    assert "slack.alpha.commands: There is no command icoc" in capsys.readouterr().err


def test_check_finds_a_command_that_there_is_not(tmp_path: Path) -> None:
    (found,) = unknown_commands(settings(tmp_path, '["ioc", "icoc"]'))
    assert (found.what, found.ok) == ("slack.alpha.commands", False)
    assert "icoc" in found.mend
    assert not [*unknown_commands(settings(tmp_path, '["ioc"]'))]
    assert not [*unknown_commands(settings(tmp_path, '"all"'))]
