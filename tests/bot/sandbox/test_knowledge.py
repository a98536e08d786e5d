"""The sandbox's own data: a first `ioc` is answered, and two teams get two answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.custody.effective import Markings
from bot.indicators.feeds.rounds import stored
from bot.indicators.importing import import_now
from bot.indicators.lookup import lookup
from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import read
from bot.indicators.observables.kinds import EXAMPLES
from bot.indicators.reading import read_file
from bot.indicators.sight import of_team
from bot.platforms.registry import networks
from bot.sandbox import knowledge
from bot.sandbox.settings_file import Homeserver, Workspace, text
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.wiring.feeds import sources_of
from bot.words import words_for
from commands.registry import Registry
from config.settings import load
from tests.indicators import NOW


def filled(database: Database, tmp_path: Path) -> Markings:
    """A store with what the sandbox's feeds bring, and what its teams may see."""
    spaces = [
        Workspace(n, "http://x/", "xoxb-1", "xapp-1", f"C{n}".upper()) for n in ("alpha", "bravo")
    ]
    people = {key: f"@{key}:x" for key in ("ines", "rui", "tomas")}
    server = Homeserver("http://127.0.0.1:1", "@liaison:x", "p", "!r:x", people)
    knowledge.write(tmp_path)
    (tmp_path / "liaison.toml").write_text(text(spaces, server))
    settings = load(tmp_path / "liaison.toml", networks(), {})
    for source in sources_of(settings).values():
        assert source.path is not None
        with source.path.open("rb") as stream:
            counts = import_now(database, stored(source), read_file(stream), lambda: NOW)
        assert not counts.quarantined
    return Markings(settings.directory, {}, {})


def test_two_teams_get_two_answers(sqlite: Database, tmp_path: Path) -> None:
    markings = filled(sqlite, tmp_path)
    value = Observable(Kind.IPV4, knowledge.EXAMPLE)
    found = {}
    for team in ("cert-alpha", "cert-bravo", "cert-charlie"):
        sight = of_team(markings, TeamKey(team))
        (answer,) = sqlite.read_now(lambda s, sight=sight: lookup(s, [value], sight, NOW))  # type: ignore[misc]
        names = {each.name for said in answer.statements for each in said.belongs}
        found[team] = (answer.confidences, names)
    assert found["cert-alpha"] == ((70, 70), {"QuayLock"})
    assert found["cert-bravo"] == ((70, 90), {"QuayLock", "Harbour Magpie"})
    assert found["cert-charlie"] == found["cert-bravo"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_help_and_messages_show_as_an_example_is_known_to_every_team(
    sqlite: Database, tmp_path: Path, language: str
) -> None:
    markings, help_ = filled(sqlite, tmp_path), Registry.load().get("ioc")
    assert help_ is not None
    assert EXAMPLES[Kind.IPV4] in help_.help(words_for(language))
    kinds = (Kind.IPV4, Kind.IPV6, Kind.DOMAIN, Kind.URL, Kind.EMAIL, Kind.CVE)
    values = [read(f"{kind.value}:{EXAMPLES[kind]}") for kind in kinds]
    for team in ("cert-alpha", "cert-bravo", "cert-charlie"):
        sight = of_team(markings, TeamKey(team))
        answers = sqlite.read_now(lambda s, sight=sight: lookup(s, values, sight, NOW))  # type: ignore[misc]
        assert [each.known for each in answers] == [True] * len(values)
