"""The settings as a whole: what is read, what it says of itself, what it costs."""

from __future__ import annotations

import time
import tracemalloc
from datetime import time as clock
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import config
from bot.errors import ConfigurationError
from bot.events import AccountId, PersonId, RoomId, Standing
from bot.sharing.marking import Label
from bot.times.hours import Quiet
from config.settings import Settings, load
from tests.config.networks import MATRIX, NETWORKS, SLACK, SlackAccount

EXAMPLE = Path(config.__file__).parent / "liaison.example.toml"
ENVIRON = {
    "SLACK_ALPHA_BOT_TOKEN": "xoxb-canary-1",
    "SLACK_ALPHA_APP_TOKEN": "xapp-canary-2",
    "MATRIX_PASSWORD": "canary-3",
}


@pytest.fixture(scope="module")
def example() -> Settings:
    return load(EXAMPLE, NETWORKS, ENVIRON)


def test_the_example_says_what_it_shows(example: Settings) -> None:
    assert example.path == EXAMPLE
    assert example.liaison.name == "Liaison"
    assert example.liaison.admin_rooms == (RoomId("matrix:coalition/!adm:example.org"),)
    assert example.store.url.get_secret_value() == "sqlite:///liaison.db"
    assert example.store.links == timedelta(days=400)
    assert [(account, network) for account, (network, _) in example.accounts.items()] == [
        ("slack:alpha", SLACK),
        ("matrix:coalition", MATRIX),
    ]
    assert example.groups == {"inner": ("cert-alpha", "cert-bravo"), "partners": ("inner",)}


def test_a_team_is_read_with_everything_it_has(example: Settings) -> None:
    team = example.teams["cert-alpha"]
    assert (team.name, team.country, team.timezone) == (
        "CERT Alpha",
        "FRA",
        ZoneInfo("Europe/Paris"),
    )
    assert team.clearance is Label.AMBER_STRICT
    assert team.members == ("slack:alpha",)
    assert team.delegates == ("slack:alpha/U0ALPHA1",)
    assert team.quiet == Quiet(clock(22), clock(7))
    assert team.workdays == frozenset(range(5))
    assert example.language_of("cert-alpha") == "fr"
    assert example.language_of("cert-bravo") == example.language_of("nobody") == "en"


def test_a_channel_is_read_and_found_by_its_rooms(example: Settings) -> None:
    slack, matrix = RoomId("slack:alpha/C01GEN"), RoomId("matrix:coalition/!abc:example.org")
    channel = example.channels["ransomware"]
    assert channel.rooms == (slack, matrix)
    assert channel.marking is Label.AMBER
    assert channel.catch_up.age == timedelta(days=7)
    assert example.rooms() == {slack: "ransomware", matrix: "ransomware"}
    assert example.channel_of(slack) == "ransomware"
    assert example.channel_of(example.liaison.admin_rooms[0]) is None
    account = AccountId("matrix:coalition")
    assert example.rooms_of(account) == {matrix, *example.liaison.admin_rooms}
    assert example.rooms_of(AccountId("slack:beta")) == frozenset()


def test_secrets_are_resolved_and_never_shown(example: Settings) -> None:
    _, account = example.accounts[AccountId("slack:alpha")]
    assert isinstance(account, SlackAccount)
    assert account.bot_token.get_secret_value() == "xoxb-canary-1"
    assert "canary" not in f"{example!r} {example} {account!r} {account}"


def test_settings_cannot_be_changed(example: Settings) -> None:
    with pytest.raises(AttributeError):
        example.path = Path()  # type: ignore[misc]  # that is what is tried
    with pytest.raises(ValueError, match="frozen"):
        example.liaison.name = "Other"
    with pytest.raises(TypeError):
        example.teams["x"] = example.teams["cert-alpha"]  # type: ignore[index]  # tried as well


def test_accounts_alone_are_enough_and_the_rest_has_defaults(tmp_path: Path) -> None:
    path = tmp_path / "liaison.toml"
    path.write_text('[slack.alpha]\nbot_token = "x"', encoding="utf-8-sig")
    settings = load(path, NETWORKS, {})
    assert settings.rooms() == {}
    assert settings.liaison.language == "en"
    assert settings.store.url.get_secret_value() == "sqlite:///liaison.db"


def test_an_alias_stays_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "liaison.toml"
    path.write_text(
        '[slack.a]\nbot_token = "x"\n[matrix.m]\nhomeserver = "h"\nuser_id = "@l:h"\n'
        '[channels.c]\nrooms = ["slack:a/C1", "matrix:m/#Ops/1:example.org:8448"]',
    )
    settings = load(path, NETWORKS, {})
    assert settings.channel_of(RoomId("matrix:m/#Ops/1:example.org:8448")) == "c"
    assert settings.channels["c"].ceiling is Label.CLEAR


def test_ten_thousand_rooms_are_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "liaison.toml"
    path.write_text(_many(5000))
    began = time.process_time()
    settings = load(path, NETWORKS, {})
    assert time.process_time() - began < 5  # measured: 0.7 s
    assert len(settings.rooms()) == 10_000


def test_a_channel_and_its_team_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "liaison.toml"
    path.write_text(_many(500))
    load(path, NETWORKS, {})
    tracemalloc.start()
    kept = load(path, NETWORKS, {})
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used / len(kept.channels) < 5000


def test_ten_thousand_mistakes_are_found_in_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "liaison.toml"
    path.write_text(
        _many(5000).replace("TLP:GREEN", "TLP:GREN").replace('chair = "team', 'chair = "taem')
    )
    began = time.process_time()
    with pytest.raises(ConfigurationError) as caught:
        load(path, NETWORKS, {})
    assert len(caught.value.mistakes) == 10_000
    assert time.process_time() - began < 10


def _many(channels: int) -> str:
    lines = ['[slack.a]\nbot_token = "x"']
    for number in range(channels):
        lines.append(f'[teams.team{number}]\nmembers = ["slack:a/U{number}"]')
        lines.append(
            f'[channels.c{number}]\nrooms = ["slack:a/C{number}A", "slack:a/C{number}B"]\n'
            f'ceiling = "TLP:GREEN"\nteams = ["team{number}"]\nchair = "team{number}"'
        )
        lines.append(f'[groups]\ng0 = ["team{number}"]' if not number else "")
    return "\n".join(lines)


def test_the_directory_knows_persons_through_their_networks(tmp_path: Path) -> None:
    file = tmp_path / "liaison.toml"
    file.write_text(
        """
        [slack.alpha]
        bot_token = "xoxb-1"
        [teams.cert-alpha]
        country = "FRA"
        clearance = "TLP:GREEN"
        members = ["slack:alpha", "matrix:@eve:elsewhere.example"]
        [teams.cert-bravo]
        members = ["slack:alpha/U7"]
        [groups]
        inner = ["cert-alpha"]
        outer = ["inner", "cert-bravo"]
        """
    )
    directory = load(file, NETWORKS, {}).directory
    alpha, bravo = directory.teams.values()
    assert (alpha.name, alpha.clearance) == ("cert-alpha", Label.GREEN)
    assert bravo.clearance is Label.AMBER_STRICT
    for person, team in (("U1", alpha), ("U7", bravo)):
        found = directory.team_of(PersonId(f"slack:alpha/{person}"), Standing.MEMBER)
        assert found == team
    assert directory.team_of(PersonId("slack:alpha/U1"), Standing.GUEST) is None
    assert directory.members_of("outer") == {"cert-alpha", "cert-bravo"}
    assert directory.reached_by("fr") == {"cert-alpha"}


def test_every_channel_has_a_series_named_or_after_it(tmp_path: Path) -> None:
    file = tmp_path / "liaison.toml"
    tables = "".join(
        f'[channels.{name}]\nrooms = ["slack:alpha/C{i}1", "slack:alpha/C{i}2"]\n{more}'
        for i, (name, more) in enumerate(
            {"task-force": "", "2fa": "", "r": 'series = "RTF"\n'}.items()
        )
    )
    file.write_text(
        '[slack.alpha]\nbot_token = "x"\napp_token = "y"\n[groups]\ninner = []\n'
        f'{tables}[series.INN]\nchannels = ["r"]\ngroup = "inner"\n'
    )
    settings = load(file, NETWORKS, {})
    assert [(run.name, run.channels, run.group) for run in settings.series] == [
        ("TASKFORCE", ("task-force",), None),
        ("C2FA", ("2fa",), None),
        ("RTF", ("r",), None),
        ("INN", ("r",), "inner"),
    ]
