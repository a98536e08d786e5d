"""What a configuration says of feeds and publishing, and what is wrong with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from bot.errors import ConfigurationError
from bot.indicators.observable import Kind
from bot.sharing.marking import Label
from bot.wiring.feeds import enrichers_of, sources_of
from config.feeds import Kind as Kinds
from config.settings import Settings, load
from tests.config.networks import NETWORKS

HEAD = """
[slack.alpha]
bot_token = "xoxb-1"
app_token = "xapp-1"
[teams.a]
members = ["slack:alpha"]
[teams.b]
[groups]
inner = ["a", "b"]
"""
WHOLE = """
[feeds.acme]
type = "taxii"
url = "https://taxii.example.org/api1/"
every = "15m"
originator = "a"
marking = "TLP:GREEN"
group = "inner"
confidence = 60
ttl = "90d"
token = "secret-of-acme"
collection = "c"
internal = ["10.1.0.0/16", "ti.example.org"]
owner = "slack:alpha/U1"
[feeds.list]
type = "csv"
path = "lists/block.csv"
every = "0 */6 * * *"
columns = { value = "ip", labels = 3, marking = "tlp" }
kind = "ipv4"
delimiter = ";"
comment = "#"
[feeds.kev]
type = "kev"
url = "https://kev.example.org/kev.json"
post = { channels = [], as = "draft", severity = "high", ransomware = true, flood = 5 }
[publish.b]
team = "b"
token = "secret-of-b"
"""


def read(folder: Path, text: str) -> Settings:
    path = folder / "liaison.toml"
    path.write_text(HEAD + text)
    return load(path, NETWORKS, {})


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(folder, text)
    return [line.partition("liaison.toml: ")[2] for line in caught.value.mistakes]


def test_every_key_of_a_feed_is_read(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    acme, listed, kev = settings.feeds.values()
    assert (acme.type, acme.every, acme.marking) == ("taxii", timedelta(minutes=15), Label.GREEN)
    assert (acme.originator, acme.group, acme.confidence) == ("a", "inner", 60)
    assert acme.ttl == timedelta(days=90)
    assert acme.token is not None
    assert "secret" not in repr(settings.feeds)
    assert listed.path == tmp_path / "lists/block.csv"
    assert listed.every == "0 */6 * * *"
    assert listed.columns is not None
    assert (listed.columns.value, listed.columns.labels) == ("ip", 3)
    assert listed.columns.marking == "tlp"
    source = sources_of(settings)["list"]
    assert (source.kind, source.columns["marking"]) == (Kind.IPV4, "tlp")
    assert sources_of(settings)["acme"].internal == ("10.1.0.0/16", "ti.example.org")
    assert kev.post is not None
    assert (kev.post.as_, kev.post.flood) == ("draft", 5)
    assert settings.publish["b"].team == "b"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('type = "x"\npath = "p"', 'feeds.f.type: expected "taxii", "stix"'),
        ('type = "stix"', "feeds.f: expected either url or path"),
        ('type = "stix"\nurl = "https://x.example"\npath = "p"', "expected either url or path"),
        ('type = "taxii"\npath = "p"', "feeds.f: expected url: TAXII is spoken with a server"),
        ('type = "stix"\nurl = "ftp://x.example"', "feeds.f.url: expected an address as"),
        ('type = "stix"\nurl = "https://u:p@x.example"', "write username and password beside it"),
        ('type = "stix"\npath = "p"\nevery = "1s"', "feeds.f.every: expected a duration of a"),
        ('type = "stix"\npath = "p"\nevery = "61 * * * *"', "feeds.f.every: expected a duration"),
        ('type = "stix"\npath = "p"\nmarking = "TLP:RED"', "feeds.f.marking: TLP:RED is for"),
        ('type = "stix"\npath = "p"\nconfidence = 101', "feeds.f.confidence: expected 100 or less"),
        ('type = "stix"\npath = "p"\ncolumns = { value = "x" }', "columns is for csv only"),
        ('type = "csv"\npath = "p"\ndelimiter = "||"', "feeds.f.delimiter: expected one character"),
        ('type = "stix"\npath = "p"\noriginator = "z"', 'feeds.f.originator: there is no team "z"'),
        ('type = "stix"\npath = "p"\noriginator = "inner"', '"inner" is a group'),
        ('type = "stix"\npath = "p"\ngroup = "iner"', "did you mean inner?"),
        ('type = "stix"\npath = "p"\nusername = "u"', "expected username and password together"),
        ('type = "stix"\npath = "p"\nkind = "ja3"', "kind is for csv and text only"),
        ('type = "text"\npath = "p"\nkind = "JA3"', 'feeds.f.kind: expected "ipv4", "ipv6"'),
        ('type = "text"\npath = "p"\ninternal = ["x"]', "internal is for what has a url only"),
        ('type = "stix"\npath = "p"\ncolour = 1', "feeds.f.colour: unknown key"),
        ('type = "kev"\npath = "p"\npost = { channels = ["z"] }', 'there is no channel "z"'),
        ('type = "kev"\npath = "p"\npost = { vendors = [] }', "unknown key; did you mean vendor?"),
        (
            'type = "csv"\npath = "p"\ncolumns = { value = 1, markign = 2 }',
            "unknown key; did you mean marking?",
        ),
    ],
)
def test_a_mistake_in_a_feed_is_told_with_what_was_expected(
    tmp_path: Path, text: str, said: str
) -> None:
    found = mistakes(tmp_path, f"[feeds.f]\n{text}")
    assert len(found) == 1
    assert said in found[0]


def test_who_publishes_names_a_team(tmp_path: Path) -> None:
    found = mistakes(tmp_path, '[publish.x]\nteam = "zz"\ntoken = "t"')
    assert found == ['publish.x.team: there is no team "zz"']


def test_the_kinds_of_a_list_are_those_that_there_are() -> None:
    assert set(get_args(Kinds)) == set(Kind)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "enrichers.x.url: "),
        ('url = "ftp://api.example.org/"', "expected an address as https://"),
        (
            'url = "https://{value}.example.org/"',
            "expected {value} and {type} in its path or query",
        ),
        ('url = "https://api.example.org/{vale}"', "expected {value} and {type} in its path"),
        ('url = "https://a.example/"\nceiling = "TLP:RED"', "enrichers.x.ceiling: "),
        ('url = "https://a.example/"\nusername = "u"', "username and password together"),
        ('url = "https://a.example/"\nurls = "u"', "did you mean url?"),
    ],
)
def test_a_mistake_in_an_enricher_is_told(tmp_path: Path, text: str, said: str) -> None:
    (found,) = mistakes(tmp_path, f"[enrichers.x]\n{text}")
    assert said in found


def test_an_enricher_takes_an_address_alone(tmp_path: Path) -> None:
    settings = read(tmp_path, '[enrichers.x]\nurl = "https://a.example/{type}/{value}"')
    (found,) = enrichers_of(settings).values()
    assert (found.name, found.ceiling) == ("x", Label.CLEAR)
