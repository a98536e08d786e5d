"""Secrets: where they come from, and that no mistake shows one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.events import AccountId
from config.secrets import LONGEST
from config.settings import load
from tests.config.networks import NETWORKS, SlackAccount


def secret(folder: Path, written: str, environ: dict[str, str] | None = None) -> str:
    """What a token written so is resolved to."""
    path = folder / "liaison.toml"
    path.write_text(f"[slack.alpha]\nbot_token = {json.dumps(written)}")
    _, account = load(path, NETWORKS, environ or {}).accounts[AccountId("slack:alpha")]
    assert isinstance(account, SlackAccount)
    return account.bot_token.get_secret_value()


def test_a_secret_may_stand_in_the_file(tmp_path: Path) -> None:
    assert secret(tmp_path, "xoxb-1") == "xoxb-1"


def test_a_secret_may_come_from_a_variable(tmp_path: Path) -> None:
    assert secret(tmp_path, "env:TOKEN", {"TOKEN": "xoxb-1"}) == "xoxb-1"


def test_a_secret_may_come_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token {1}").write_text("xoxb-1\n")
    assert secret(tmp_path, "file:token {1}") == "xoxb-1"
    assert secret(tmp_path, f"file:{tmp_path}/token {{1}}") == "xoxb-1"


def test_a_file_is_read_again_each_time(tmp_path: Path) -> None:
    for value in ("one", "two"):
        (tmp_path / "token").write_text(value)
        assert secret(tmp_path, "file:token") == value


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", 'empty: write the value, "env:NAME" or "file:PATH"'),
        ("env:", "expected the name of an environment variable after env:"),
        ("env:TOKEN", "the environment variable TOKEN is not set: set it before the start"),
        ("env:EMPTY", "the environment variable EMPTY is empty: set it before the start"),
        ("env:xoxb-canary", "its variable is not set: set it before the start"),
        ("env:BROKEN", "the value holds a line break or another control character"),
        ("xoxb\ncanary", "the value holds a line break or another control character"),
        ("file:", "expected a path after file:"),
        ("file:a\0b", "expected a path after file:"),
        ("file:none{0}", "there is no file none{0} (relative to the configuration file)"),
        ("file:folder", "the file folder cannot be read: Is a directory"),
        ("file:empty", "the file empty is empty"),
        ("file:binary", "the file binary cannot be read as text in UTF-8"),
        ("file:long", f"the file long is longer than {LONGEST} bytes"),
        ("file:~nobody-at-all/x", "the file ~nobody-at-all/x cannot be read as text in UTF-8"),
    ],
)
def test_a_secret_that_is_none_has_its_line(tmp_path: Path, written: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfecanary")
    (tmp_path / "long").write_text("canary" * LONGEST)
    with pytest.raises(ConfigurationError) as caught:
        secret(tmp_path, written, {"EMPTY": "", "BROKEN": "canary\n"})
    assert caught.value.mistakes == (
        f"{tmp_path / 'liaison.toml'}: slack.alpha.bot_token: {words}",
    )


def test_no_mistake_anywhere_shows_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "liaison.toml"
    path.write_text(
        "[network]\nproxy = 'ftp://u:canary@h'\n[store]\nurl = 'oracle://u:canary@h'\n"
        "[slack.a]\nbot_token = ['canary']\napp_token = {a = 'canary'}\ncommands = 'canary'\n"
        "[slack.b]\nbot_token = 'xoxb-canary'\ntoken = 'canary'\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        load(path, NETWORKS, {})
    assert len(caught.value.mistakes) == 6
    assert "canary" not in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in repr(error)
        error = error.__cause__ or error.__context__
