"""The command line: words, options, exit statuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main

Words = tuple[str, ...]


@pytest.fixture
def file(tmp_path: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path = folder / "other.toml"
    path.write_text(
        '[tiny.here]\nport = 1\ntoken = "x"\n'
        '[channels.c]\nceiling = "TLP:CLEAR"\nrooms = ["tiny:here/r1", "tiny:here/r2"]\n'
    )
    return path


@pytest.mark.parametrize(
    "words",
    [
        lambda path: ("--config", path, "db", "upgrade"),
        lambda path: ("db", "--config", path, "upgrade"),
        lambda path: ("db", "upgrade", "--config", path),
    ],
)
def test_the_configuration_may_be_named_before_or_after_the_words(
    file: Path, words: Callable[[str], Words], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(str(file))) == 0
    assert "schema" in capsys.readouterr().out
    assert (file.parent / "liaison.db").exists()


def test_the_configuration_is_liaison_toml_by_default(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "upgrade"]) == 2
    assert "liaison.toml" in capsys.readouterr().err
    file.rename(Path("liaison.toml"))
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "upgrade"]) == 0
    assert "already" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("liaison 0.")


def test_who_ends_what_takes_long_is_shown_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.deeds.check", interrupted)
    assert main(["check"]) == 130


def test_a_manifest_of_no_workspace_is_a_mistake_of_who_typed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["manifest", "nowhere", "--config", str(file)]) == 2
    assert "manifest WORKSPACE" in capsys.readouterr().err


@pytest.mark.parametrize("head", ["z" * 64, "ab", "ab " * 21 + "a"])
def test_what_is_no_head_is_told_in_words(
    file: Path, head: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", "verify", "--head", head, "--config", str(file)])
    assert ended.value.code == 2
    assert "a head has 64 hex digits" in capsys.readouterr().err


def test_every_mistake_of_the_configuration_is_a_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text('[tiny.here]\nport = "x"\nnonsense = 1\n')
    assert main(["--config", str(file), "run"]) == 2
    errors = capsys.readouterr().err
    assert "port" in errors
    assert "nonsense" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("words", ["", "nonsense", "deliveries", "deliveries list --state x"])
def test_wrong_words_exit_2(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_store_that_cannot_be_opened_exits_3(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(file.read_text() + '[store]\nurl = "sqlite:////nowhere/at/all.db"\n')
    assert main(["--config", str(file), "deliveries", "list"]) == 3
    assert "folder" in capsys.readouterr().err


def test_retry_wants_ids_or_all(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(file), "deliveries", "retry"]) == 2
    assert main(["--config", str(file), "deliveries", "retry", "--all"]) == 0
    assert "0 waiting again" in capsys.readouterr().out
