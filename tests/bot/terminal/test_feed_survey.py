"""What `check` says of feeds of advisories: whether what they bring can go anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sharing.teams import TeamKey
from bot.terminal.feed_survey import survey_feeds
from bot.wiring.feeds import newsroom_of
from config.settings import load
from tests.bot.advisories.newsroom import Publisher
from tests.bot.sharing.allies import NETWORKS

HEAD = """
[slack.alpha]
bot_token = "xoxb-1"
app_token = "xapp-1"
[groups]
inner = ["a"]
[channels.ops]
ceiling = "TLP:GREEN"
rooms = ["slack:alpha/C01GEN", "slack:alpha/C02GEN"]
[feeds.kev]
type = "kev"
url = "https://www.example.gov/kev.json"
"""
TEAMS = """
[teams.a]
members = ["slack:alpha"]
"""


def mends(folder: Path, more: str, teams: str = TEAMS) -> str:
    path = folder / "liaison.toml"
    path.write_text(HEAD + more + teams)
    return "; ".join(each.mend for each in survey_feeds(load(path, NETWORKS, {})) if not each.ok)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("", ""),
        ('marking = "TLP:CLEAR"\npost = { channels = ["ops"], as = "post" }', ""),
        ('post = { channels = ["ops"], as = "post" }', "ops holds up to TLP:GREEN"),
        ('marking = "TLP:CLEAR"\npost = { channels = ["ops"] }', "nobody's but the operators'"),
        ('marking = "TLP:CLEAR"\noriginator = "a"\npost = { channels = ["ops"] }', ""),
        ('marking = "TLP:CLEAR"\nowner = "slack:alpha/U1"\npost = { channels = ["ops"] }', ""),
        (
            'marking = "TLP:CLEAR"\noriginator = "a"\ngroup = "inner"\npost = {channels = ["ops"]}',
            "no series of ops is for inner",
        ),
    ],
)
def test_what_could_go_nowhere_is_said_with_its_mend(tmp_path: Path, more: str, why: str) -> None:
    found = mends(tmp_path, more)
    assert why in found if why else found == ""


def test_products_that_nobody_would_be_told_of_are_named(tmp_path: Path) -> None:
    (tmp_path / "products.txt").write_text("ACME Gate\n")
    listed = TEAMS + 'products = "file:products.txt"\n'
    assert "name its home" in mends(tmp_path, "", listed)
    assert mends(tmp_path, "", listed + 'home = "slack:alpha/C09HOME"\n') == ""


def test_the_settings_say_what_is_read_and_for_whom(tmp_path: Path) -> None:
    (tmp_path / "products.txt").write_text("ACME Gate # ours\n")
    path = tmp_path / "liaison.toml"
    post = (
        'marking = "TLP:CLEAR"\nowner = "slack:alpha/U1"\npost = { channels = ["ops"], as = "post",'
        ' severity = "high", vendor = ["ACME"], sector = ["Energy"], ransomware = true, flood = 3 }'
    )
    path.write_text(HEAD + post + TEAMS + 'products = "file:products.txt"\n')
    room = newsroom_of(load(path, NETWORKS, {}), Publisher())
    feed = room.feeds["kev"]
    assert (feed.form, feed.sending.as_draft, feed.sending.flood) == ("kev", False, 3)
    only = feed.sending.only
    assert (only.severity, only.vendors, only.sectors, only.ransomware) == (
        "high", ("ACME",), ("Energy",), True,
    )  # fmt: skip
    assert room.products == {TeamKey("a"): ("ACME Gate",)}
    assert room.owners == {"kev": TeamKey("a")}


def test_what_is_to_be_published_and_served_nowhere_is_said(tmp_path: Path) -> None:
    publish = '\n[publish.a]\nteam = "a"\ntoken = "x"\n'
    assert "web.listen" in mends(tmp_path, publish)
    assert mends(tmp_path, f'{publish}[web]\nlisten = "127.0.0.1:9090"\n') == ""
