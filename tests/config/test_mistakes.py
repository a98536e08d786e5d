"""Every mistake has a line that names file, key and what was expected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from config.settings import load
from tests.config.networks import NETWORKS

ACCOUNTS = """
[slack.alpha]
bot_token = "xoxb-canary"
[matrix.coalition]
homeserver = "https://matrix.example.org"
user_id = "@liaison:example.org"
"""
TEAMS = "[teams.a]\n[teams.b]\n[groups]\ng = []\n"
ROOMS = 'rooms = ["slack:alpha/C1", "slack:alpha/C2"]\n'
CHANNEL = f"[channels.r]\n{ROOMS}"
LABELS = "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT"
RED = f"TLP:RED is for named persons and is never relayed; expected {LABELS}"
PUBLIC = 'expected an address as https://liaison.example.org; found "http://x.example"'
ROOM_SYNTAX = "matrix:<account>/<room id or alias> or slack:<workspace>/<channel id>"


def mistakes(
    folder: Path, text: str | bytes, environ: dict[str, str] | None = None
) -> tuple[str, ...]:
    """The mistakes of a file `liaison.toml` of this content, named as it was given."""
    (folder / "liaison.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = Path.cwd()
    os.chdir(folder)
    try:
        load(Path("liaison.toml"), NETWORKS, environ or {})
    except ConfigurationError as error:
        return error.mistakes
    finally:
        os.chdir(before)
    return ()


def test_the_file_that_the_table_starts_from_has_none(tmp_path: Path) -> None:
    assert mistakes(tmp_path, ACCOUNTS + TEAMS + CHANNEL) == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        # the bot itself
        ('[liaison]\nlanguage = "fe"', 'liaison.language: expected "en" or "fr"; found "fe"'),
        ("[liaison]\nlog = 3", 'liaison.log: expected "debug", "info" or "warning"; found 3'),
        ('[liaison]\nname = " "', "liaison.name: expected text on one line, not empty"),
        ("[liaison]\nname = 1", "liaison.name: expected text in quotes"),
        (
            "[liaison]\nadmin_room = []",
            "liaison.admin_room: unknown key; did you mean admin_rooms?",
        ),
        (
            '[liaison]\nadmin_rooms = "slack:alpha/C1"',
            "liaison.admin_rooms: expected a list in brackets",
        ),
        (
            '[network]\nproxy = "socks5://u:canary@h:1"',
            "network.proxy: expected a proxy as http://HOST:PORT",
        ),
        (
            '[network]\nproxy = "http://u:canary@h:port"',
            "network.proxy: expected a proxy as http://HOST:PORT",
        ),
        (
            '[network]\nca_file = "no.pem"',
            "network.ca_file: expected a readable file of certificates in PEM; no.pem is none",
        ),
        (
            '[store]\nurl = "mysql://u:canary@h/n"',
            "store.url: expected sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME",
        ),
        (
            '[store]\nurl = "sqlite://"',
            "store.url: expected sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME",
        ),
        (
            '[store]\nlinks = "1 week"',
            'store.links: expected a duration such as 20s, 30m, 72h, 7d or 1h30m; found "1 week"',
        ),
        # tables
        (
            '[mail]\nfrom = "a@b.example"\nserver = "x"',
            (
                "mail.server: expected a server as smtp://, smtp+starttls:// or smtps://, and "
                "USER@ if it has a password"
            ),
        ),
        (
            '[mail]\nfrom = "a@b.example"\nserver = "smtps://me:hidden@mail.example"',
            "mail.server: expected no password in it: write password beside it",
        ),
        (
            '[mail]\nfrom = "me"\nserver = "smtp://127.0.0.1"',
            'mail.from: expected an address such as liaison@example.org; found "me"',
        ),
        (
            '[mail]\nfrom = "a@b.example"\nserver = "smtps://mail.example"\npassword = "x"',
            "mail: expected USER@ in server beside password, as smtps://user@host",
        ),
        (
            '[teams.x]\nalerts = ["mailto://me:hidden@mail.example"]',
            "teams.x.alerts[0]: expected mailto:ADDRESS: the server stands in [mail]",
        ),
        (
            '[teams.x]\nalerts = ["hidden-token"]',
            (
                "teams.x.alerts[0]: expected an address such as mailto:duty@example.org, or a "
                "service's URL such as jsons://hooks.example.org/duty"
            ),
        ),
        (
            '[web]\nlisten = "9090"',
            'web.listen: expected HOST:PORT, as 127.0.0.1:9090; found "9090"',
        ),
        (
            '[web]\npublic_url = "https://x.example"',
            "web.public_url: expected listen beside it, which is what answers there",
        ),
        (
            '[web]\nlisten = "127.0.0.1:1"\npublic_url = "http://x.example"',
            f"web.public_url: {PUBLIC}",
        ),
        ("[chanels.x]", "chanels: unknown table; did you mean channels?"),
        ("[slak.beta]", "slak: unknown table; did you mean slack?"),
        ("liaison = 3", "liaison: expected a table"),
        ("teams = 3", "teams: expected tables [teams.NAME]"),
        ('[teams."a b\\n"]', "NAME"),
        ("[channels.all]\n" + ROOMS, "channels.all: commands use this word: choose another name"),
        # series
        (
            CHANNEL + 'series = "Rtf"',
            (
                "channels.r.series: expected a series such as RTF: capital letters and digits; "
                'found "Rtf"'
            ),
        ),
        (
            TEAMS + CHANNEL + '[series.R]\nchannels = ["r"]\ngroup = "g"',
            "series.R: R is the series of r too: choose another",
        ),
        (
            TEAMS
            + CHANNEL
            + '[series.X]\nchannels = ["r"]\ngroup = "g"\n[series.Y]\nchannels = ["r"]'
            '\ngroup = "g"',
            "series.Y: X is for the same teams of r: choose another",
        ),
        (
            CHANNEL + '[series.X]\nchannels = ["s"]',
            'series.X.channels[0]: there is no channel "s"',
        ),
        # teams
        ("[teams.x]\ncolour = 1", "teams.x.colour: unknown key; did you mean country?"),
        (
            '[teams.x]\ncountry = "FRX"',
            (
                "teams.x.country: expected a country of ISO 3166 in two or three letters, such as "
                'FR or FRA; found "FRX"'
            ),
        ),
        (
            '[teams.x]\ntimezone = "Europe/Pari"',
            (
                "teams.x.timezone: expected a time zone such as Europe/Paris; "
                'found "Europe/Pari"; did you mean Europe/Paris?'
            ),
        ),
        (
            '[teams.x]\ntimezone = "../etc/passwd"',
            'teams.x.timezone: expected a time zone such as Europe/Paris; found "../etc/passwd"',
        ),
        (
            '[teams.x]\nclearance = "TLP:RED"',
            f"teams.x.clearance: {RED}",
        ),
        (
            '[teams.x]\ndelegates = ["slack:alpha"]',
            (
                "teams.x.delegates[0]: expected one person, not a workspace or server; "
                'found "slack:alpha"'
            ),
        ),
        (
            '[teams.x]\nmembers = ["slack:beta"]',
            (
                "teams.x.members[0]: expected a configured account, a server or a person of slack; "
                'found "slack:beta"'
            ),
        ),
        (
            '[teams.x]\nmembers = ["irc:beta"]',
            (
                "teams.x.members[0]: expected a workspace, server or person as matrix:… or "
                'slack:…; found "irc:beta"'
            ),
        ),
        (
            '[teams.x]\nalerts = ["duty@x"]',
            (
                "teams.x.alerts[0]: expected an address such as mailto:duty@example.org; "
                'found "duty@x"'
            ),
        ),
        (
            '[teams.x]\nquiet = "22-7"',
            'teams.x.quiet: expected hours such as 22:00-07:00; found "22-7"',
        ),
        (
            '[teams.x]\nworkdays = "mon-fry"',
            'teams.x.workdays: expected days such as mon-fri or sun,tue-thu; found "mon-fry"',
        ),
        (
            '[teams.x]\nquiet_override = "all"',
            'teams.x.quiet_override: expected "low", "medium", "high" or "critical"; found "all"',
        ),
        ("[teams.x]\nrelease_needs = true", "teams.x.release_needs: expected a whole number"),
        ("[teams.x]\nweight = 0", "teams.x.weight: expected 1 or more"),
        (
            '[teams.x]\nmembers = ["slack:alpha/U1"]\n[teams.y]\nmembers = ["slack:alpha/U1"]',
            'teams.y.members: "slack:alpha/U1" is of x already: take it out of one',
        ),
        (
            '[teams.x]\nmembers = ["slack:alpha"]\n[teams.y]\nmembers = ["slack:alpha"]',
            'teams.y.members: "slack:alpha" is of x already: take it out of one',
        ),
        (
            '[teams.x]\nmembers = ["slack:alpha/U1"]\n[teams.y]\ndelegates = ["slack:alpha/U1"]',
            'teams.y.delegates: "slack:alpha/U1" is of x already: take it out of one',
        ),
        (
            '[teams.x]\nadmins = ["matrix:@a:b.c"]\n[teams.y]\nduty = ["matrix:@a:b.c"]',
            'teams.y.duty: "matrix:@a:b.c" is of x already: take it out of one',
        ),
        ("[teams.x]\n[teams.X]", "teams.x: differs from X only in case"),
        ("[teams.x]\n[groups]\nX = []", "teams.x: differs from X only in case"),
        # groups
        ("[groups]\nx = 3", "groups.x: expected a list of teams and groups in quotes"),
        (
            '[teams.alpha]\n[groups]\nx = ["alpah"]',
            'groups.x[0]: there is no team or group "alpah"; did you mean alpha?',
        ),
        (
            "[teams.x]\n[groups]\nx = []",
            "groups.x: this is a team's name: choose another for the group",
        ),
        ('[groups]\nx = ["x"]', "groups.x: a group cannot contain itself: x > x"),
        (
            '[groups]\nw = ["x"]\nx = ["y"]\ny = ["z"]\nz = ["x"]',
            "groups.x: a group cannot contain itself: x > y > z > x",
        ),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, text: str, line: str) -> None:
    if line == "NAME":
        line = (
            'teams."a b\\n": expected a name of letters, digits, dots, hyphens and underscores, '
            "64 at most"
        )
    first = text if text[:1] != "[" else ""
    rest = "" if first else text
    assert mistakes(tmp_path, first + ACCOUNTS + rest) == (f"liaison.toml: {line}",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            'ceiling = "TLP:PURPLE"',
            f'ceiling: expected one of {LABELS}; found "TLP:PURPLE"',
        ),
        (
            'ceiling = "TLP:AMBER+STRCT"',
            (
                f'ceiling: expected one of {LABELS}; found "TLP:AMBER+STRCT"; '
                "did you mean TLP:AMBER+STRICT?"
            ),
        ),
        (
            'ceiling = "TLP:WHITE"',
            f'ceiling: expected one of {LABELS}; found "TLP:WHITE"; did you mean TLP:CLEAR?',
        ),
        ("ceiling = 1", f"ceiling: expected one of {LABELS}; found 1"),
        (
            'ceiling = "TLP:RED"',
            f"ceiling: {RED}",
        ),
        (
            'ceiling = "TLP:GREEN"\ndefault_marking = "TLP:AMBER"',
            'default_marking: expected TLP:GREEN (the ceiling) or lower; found "TLP:AMBER"',
        ),
        ("recognise = 1", "recognise: expected true or false"),
        ("mass_mentions = 1", "mass_mentions: expected true or false"),
        (
            'relay = ["bots", "top"]',
            'relay[1]: expected "bots", "topic", "pins" or "joins"; found "top"',
        ),
        (
            'max_file = "big"',
            'max_file: expected a size such as 500kB, 100MB or 1GiB; found "big"',
        ),
        ('delay = "10m"', 'delay: expected 5m at most; found "10m"'),
        (
            "delay = 0",
            "delay: expected a duration such as 20s, 30m, 72h, 7d or 1h30m; found 0",
        ),
        ("celing = 1", "celing: unknown key; did you mean ceiling?"),
        ("catch_up = { mesages = 1 }", "catch_up.mesages: unknown key; did you mean messages?"),
        ("catch_up = 3", "catch_up: expected a table"),
        ("catch_up = { messages = -1 }", "catch_up.messages: expected 0 or more"),
        ('strangers = "let"', 'strangers: expected "hold" or "report"; found "let"'),
        ("waiver = true", "waiver: expected text in quotes"),
        ('teams = ["a", "c"]', 'teams[1]: there is no team "c"'),
        ('teams = ["g"]', 'teams[0]: expected a team; "g" is a group'),
        ('chair = "c"', 'chair: there is no team "c"'),
        ('teams = ["a"]\nchair = "b"', 'chair: expected a team of channels.r.teams; found "b"'),
        (
            'chair = "a"\nobservers = ["a"]',
            'chair: "a" is an observer, and observers have no voice',
        ),
        ('observers = ["c"]', 'observers[0]: there is no team "c"'),
    ],
)
def test_a_channels_mistake_has_its_line(tmp_path: Path, text: str, line: str) -> None:
    found = mistakes(tmp_path, ACCOUNTS + TEAMS + CHANNEL + text)
    assert found == (f"liaison.toml: channels.r.{line}",)


@pytest.mark.parametrize(
    ("rooms", "line"),
    [
        ("[]", "rooms: expected two rooms or more; found 0"),
        ('["slack:alpha/C1"]', "rooms: expected two rooms or more; found 1"),
        ('["slack:alpha/C1", "C2"]', f'rooms[1]: expected a room as {ROOM_SYNTAX}; found "C2"'),
        ('["slack:alpha/C1", 7]', f"rooms[1]: expected a room as {ROOM_SYNTAX}; found 7"),
        (
            '["slack:alpha/C1", "slack:alpha/general"]',
            (
                "rooms[1]: expected a room as slack:<workspace>/<channel id>; "
                'found "slack:alpha/general"'
            ),
        ),
        (
            '["slack:alpha/C1", "slack:alhpa/C1"]',
            "rooms[1]: there is no account [slack.alhpa]; did you mean alpha?",
        ),
        (
            '["slack:alpha/C1", "slack:alpha/C1"]',
            'rooms: "slack:alpha/C1" stands here twice',
        ),
        (
            '["slack:alpha/C1", "slack:alpha/C8"]',
            'rooms: "slack:alpha/C8" stands in channels.q.rooms already: a room has one place',
        ),
        (
            '["slack:alpha/C1", "slack:alpha/C9"]',
            'rooms: "slack:alpha/C9" stands in liaison.admin_rooms already: a room has one place',
        ),
    ],
)
def test_a_room_has_one_place(tmp_path: Path, rooms: str, line: str) -> None:
    others = (
        '[liaison]\nadmin_rooms = ["slack:alpha/C9"]\n'
        '[channels.q]\nrooms = ["slack:alpha/C7", "slack:alpha/C8"]\n'
    )
    found = mistakes(tmp_path, f"{ACCOUNTS}{others}[channels.r]\nrooms = {rooms}")
    assert found == (f"liaison.toml: channels.r.{line}",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "slack.beta.bot_token: missing"),
        ("bot_token = 5", "slack.beta.bot_token: expected text in quotes"),
        (
            'bot_token = "x"\nbot_tokn = "canary"',
            "slack.beta.bot_tokn: unknown key; did you mean bot_token?",
        ),
        (
            'bot_token = "x"\nenterprise = "canary"',
            "slack.beta.enterprise: not yet supported: take it out",
        ),
        (
            'bot_token = "x"\npatience = "canary"',
            "slack.beta.patience: expected a duration such as 20s, 30m, 72h, 7d or 1h30m",
        ),
        (
            'bot_token = "x"\ncommands = "canary"',
            'slack.beta.commands: expected a list in brackets, or expected "all"',
        ),
        (
            'bot_token = "x"\ncommands = ["ioc", 3]',
            "slack.beta.commands[1]: expected text in quotes",
        ),
        (
            'bot_token = "x"\ncommands = { ioc = true }',
            'slack.beta.commands: expected a list in brackets, or expected "all"',
        ),
    ],
)
def test_an_accounts_values_are_never_repeated(tmp_path: Path, text: str, line: str) -> None:
    found = mistakes(tmp_path, f"{ACCOUNTS}[slack.beta]\n{text}")
    assert found == (f"liaison.toml: {line}",)


def test_without_an_account_there_is_nothing_to_run(tmp_path: Path) -> None:
    line = "liaison.toml: no account is configured: add a table [matrix.NAME] or [slack.NAME]"
    assert mistakes(tmp_path, "") == (line,)
    assert mistakes(tmp_path, "[slack]") == (line,)


def test_every_mistake_is_told_at_once_and_each_once(tmp_path: Path) -> None:
    text = """
        [liaison]
        language = "de"
        admin_rooms = ["slack:alpha/C2", "slack:beta/C1"]
        [teams.a]
        country = "Q"
        members = ["slack:alpha"]
        [teams.b]
        members = ["slack:alpha", "nowhere"]
        [channels.r]
        ceiling = "TLP:PURPLE"
        default_marking = "TLP:AMBER"
        rooms = ["slack:alpha/C1", "slack:alpha/C2", "x"]
        teams = ["a", "b", "c"]
        series = "rtf"
    """
    found = [line.removeprefix("liaison.toml: ") for line in mistakes(tmp_path, ACCOUNTS + text)]
    assert [line.partition(": ")[0] for line in found] == [
        "liaison.language",
        "liaison.admin_rooms[1]",
        "teams.a.country",
        "teams.b.members[1]",
        "channels.r.ceiling",
        "channels.r.rooms[2]",
        "channels.r.series",
        "teams.b.members",
        "channels.r.teams[2]",
        "channels.r.rooms",
    ]


def test_what_would_change_how_a_line_shows_is_escaped(tmp_path: Path) -> None:
    text = '[teams.x]\nquiet = "\\u202e7\\n\\u0000{braces}"\n"k\\ne\\u202ey" = 1'
    lines = "\n".join(mistakes(tmp_path, ACCOUNTS + text))
    assert len(lines.splitlines()) == 2
    assert '"\\u202e7\\n\\x00{braces}"' in lines
    assert '"k\\ne\\u202ey": unknown key' in lines


def test_a_long_value_is_shortened(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, f'{ACCOUNTS}[teams.x]\ntimezone = "{"A" * 100_000}"')
    assert len(line) < 200


def test_one_slack_channel_through_two_workspaces_is_a_mistake(tmp_path: Path) -> None:
    text = """
    [slack.alpha]
    bot_token = "xoxb-1"
    [slack.bravo]
    bot_token = "xoxb-2"
    [channels.ops]
    rooms = ["slack:alpha/C01GEN", "slack:bravo/C01GEN"]
    """
    (line,) = mistakes(tmp_path, text)
    assert line.endswith(
        'ops.rooms: "slack:bravo/C01GEN" is "slack:alpha/C01GEN" through another account: '
        "name it once"
    )
