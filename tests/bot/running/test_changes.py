"""What differs between two configurations, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.running.changes import changes
from bot.words import words_for
from config.settings import Settings, load
from tests.config.networks import NETWORKS

WORDS = words_for("en")
BASE = """
[liaison]
language = "en"
[slack.alpha]
bot_token = "xoxb-canary"
[teams.a]
members = ["slack:alpha"]
[teams.b]
members = ["slack:alpha/U2"]
[groups]
inner = ["a"]
[channels.c]
ceiling = "TLP:AMBER"
rooms = ["slack:alpha/C1", "slack:alpha/C2"]
teams = ["a", "b"]
"""


def settings(folder: Path, text: str) -> Settings:
    path = folder / "liaison.toml"
    path.write_text(text)
    return load(path, NETWORKS, {})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("AMBER", "GREEN", "c: ceiling TLP:AMBER → TLP:GREEN. 3 deliveries wait there, and are"),
        ("AMBER", "AMBER+STRICT", "c: ceiling TLP:AMBER → TLP:AMBER+STRICT."),
        ("teams =", 'default_marking = "TLP:GREEN"\nteams =',
         "c: without a label TLP:AMBER → TLP:GREEN, also what waits and what was said."),
        ('C2"]', 'C2", "slack:alpha/C3"]', "c: room slack:alpha/C3 added; nothing goes there"),
        ('C2"]', 'C3"]', "c: room slack:alpha/C2 removed; nothing more is relayed there. 1 del"),
        ('["a", "b"]', '["a"]', "c: teams - b. Who left loses access with the next event."),
        ('["slack:alpha/U2"]', "[]", "Team b: slack:alpha/U2 is no member now, and loses access"),
        ("[groups]", "[teams.x]\n[groups]", "Team x added: what was said before stays closed"),
        ('inner = ["a"]', 'inner = ["b"]', "Group inner: + b, - a."),
        ("[teams.a]", '[teams.a]\nclearance = "TLP:GREEN"', "Team a: clearance - → TLP:GREEN."),
        ("[teams.a]", '[teams.a]\ncountry = "FRA"', "Team a: country changed."),
        ("xoxb-canary", "xoxb-canary-2", "slack:alpha: bot_token changed."),
        ("[groups]", "[store]\npayloads = '1d'\n[groups]", "store.payloads changed."),
        ("[groups]", "[store]\nurl = 'sqlite:///x'\n[groups]", "store.url changed: that needs a"),
        ("[teams.a]", "[channels.d]\nrooms = ['slack:alpha/C8', 'slack:alpha/C9']\n[teams.a]",
         "Channel d added: slack:alpha/C8, slack:alpha/C9."),
        ("teams =", "mass_mentions = true\nteams =", "c: mass_mentions changed."),
    ],
)  # fmt: skip
def test_each_change_is_a_line_that_says_what_follows(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    before = settings(tmp_path, BASE)
    assert BASE.count(old) == 1
    after = settings(tmp_path, BASE.replace(old, new))
    lines = changes(before, after, lambda rooms: 3 if len(rooms) == 2 else 1, WORDS)
    assert any(line.startswith(said) for line in lines), lines
    assert "canary" not in "".join(lines)


def test_of_a_room_that_is_removed_it_is_said_that_nothing_follows_it(tmp_path: Path) -> None:
    before, after = settings(tmp_path, BASE), settings(tmp_path, BASE.replace('C2"]', 'C3"]'))
    (line,) = [each for each in changes(before, after, lambda _: 0, WORDS) if "removed" in each]
    assert line.endswith("and is not followed when it is edited or deleted.")


def test_a_team_that_is_removed_is_said_to_lose_access(tmp_path: Path) -> None:
    before = settings(tmp_path, BASE)
    text = BASE.replace('[teams.b]\nmembers = ["slack:alpha/U2"]\n', "").replace(', "b"', "")
    lines = changes(before, settings(tmp_path, text), lambda _rooms: 0, WORDS)
    assert lines[0].startswith("Team b removed: it loses access with the next event")


def test_the_same_file_says_nothing(tmp_path: Path) -> None:
    one, two = settings(tmp_path, BASE), settings(tmp_path, BASE)
    assert changes(one, two, lambda _rooms: 9, WORDS) == []


def test_other_alerts_and_another_mail_server_are_told_without_any_secret(tmp_path: Path) -> None:
    mail = '[mail]\nserver = "smtps://me@{}"\nfrom = "l@x.example"\npassword = "canary-{}"\n'
    alerts = 'members = ["slack:alpha/U2"]\nalerts = ["json://h.example/canary-{}"]'
    texts = [
        mail.format(n, n) + BASE.replace('members = ["slack:alpha/U2"]', alerts.format(n))
        for n in ("one", "two")
    ]
    old, new = (settings(tmp_path, text) for text in texts)
    found = changes(old, new, lambda _rooms: 0, WORDS)
    assert found == ["mail changed.", "Team b: alerts changed."]
    assert "canary" not in repr(old.teams) + repr(new.mail) + str(new)
