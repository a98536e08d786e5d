"""The house that runs, as commands and domains ask it."""

from __future__ import annotations

from pathlib import Path

from bot.custody.doors import Doors, circles_of
from bot.custody.frozen import Frozen
from bot.custody.gatekeeper import Gatekeeper
from bot.events import RoomId
from bot.house import RunningHouse
from bot.sharing.teams import TeamKey
from config.settings import load
from tests.clock import Clock
from tests.config.networks import NETWORKS
from tests.custody import KEY

SETTINGS = """
[slack.alpha]
bot_token = "xoxb-1"
app_token = "xapp-1"
[teams.a]
members = ["slack:alpha"]
language = "fr"
home = "slack:alpha/C9"
[teams.b]
[channels.port]
rooms = ["slack:alpha/C1", "slack:alpha/C2"]
teams = ["a"]
observers = ["b"]
"""


def house(folder: Path, clock: Clock) -> RunningHouse:
    path = folder / "liaison.toml"
    path.write_text(SETTINGS)
    settings = load(path, NETWORKS, {})
    doors = Doors(circles_of(settings.channels), settings.directory, clock())
    return RunningHouse(
        settings, {}, clock, lambda _account: (), doors, Frozen(), Gatekeeper(doors, KEY)
    )


def test_a_channel_has_its_rooms_and_who_only_reads_is_one_of_its_teams(
    tmp_path: Path, clock: Clock
) -> None:
    found = house(tmp_path, clock)
    assert list(found.rooms_of("port")) == ["slack:alpha/C1", "slack:alpha/C2"]
    assert TeamKey("b") in found.roster("port")


def test_a_channel_that_the_settings_name_no_more_has_no_rooms_and_no_teams(
    tmp_path: Path, clock: Clock
) -> None:
    """What was posted there is still listed and read: one such channel broke every list."""
    found = house(tmp_path, clock)
    assert list(found.rooms_of("gone")) == []
    assert found.roster("gone") == frozenset()


def test_a_team_is_answered_and_its_home_is_told_in_its_language(
    tmp_path: Path, clock: Clock
) -> None:
    found = house(tmp_path, clock)
    assert found.words_of(TeamKey("a"))("Confirm") == "Confirmer"
    assert found.words_in(RoomId("slack:alpha/C9"))("Confirm") == "Confirmer"
    for words in (
        found.words_of(TeamKey("b")), found.words_of(TeamKey("gone")), found.words_of(None),
        found.words_in(RoomId("slack:alpha/C1")), found.words_in(),
    ):  # fmt: skip
        assert words("Confirm") == "Confirm"
