"""What may not be seen does not exist: an answer is the same, byte for byte, whether or not there
is anything above its audience. By an oracle of its own, which knows nothing of gates and stores.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.indicators import exporting
from bot.indicators.answers import as_json
from bot.indicators.lookup import lookup
from bot.indicators.observable import Kind, Observable
from bot.indicators.reports import saw
from bot.indicators.sight import Sight, of_team
from bot.indicators.sources import By, imported, of_the_team
from bot.indicators.things import Link, Said, Seen, Thing
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database, open_database
from tests.indicators import NOW, A, B, C, feed, markings, take_in, thing
from tests.stores import sqlite_url

VALUES = [
    Observable(Kind.IPV4, "198.51.100.7"),
    Observable(Kind.NETWORK, "198.51.100.0/24"),
    Observable(Kind.DOMAIN, "a.evil.example"),
    Observable(Kind.DOMAIN, "evil.example"),
    Observable(Kind.MD5, "0" * 32),
    Observable(Kind.SHA256, "2" * 64),
]
ORDER = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT"]
JOINED = NOW + timedelta(hours=5)
"""When team b came into the group `inner`; a has been there from the start, c never was."""


SOURCES = {
    "open": feed("open", Label.CLEAR),
    "of-a": feed("of-a", Label.AMBER, A),
    "inner": feed("inner", Label.GREEN, B, group="inner"),
    "import": imported(),
    "c": of_the_team(C, Marking(Label.GREEN)),
}


@dataclass(frozen=True)
class Word:
    """Something that somebody says; `hour`: after the beginning."""

    source: str
    group: bool
    label: int
    hour: int
    kind: str
    values: tuple[int, ...]
    target: int


@dataclass(frozen=True)
class Asker:
    """A team, and up to where it is cleared."""

    team: str
    clearance: int


def oracle(word: Word, asker: Asker) -> bool:
    """May they see it? As one would explain it to a person."""
    if {"of-a": "a", "inner": "b", "c": "c"}.get(word.source) == asker.team:
        return True
    if word.label > asker.clearance:
        return False
    if asker.team == "a" or not (word.group or word.source == "inner"):
        return True
    return asker.team == "b" and NOW + timedelta(hours=word.hour) >= JOINED


WORDS = st.builds(
    Word,
    source=st.sampled_from(sorted(SOURCES)),
    group=st.booleans(),
    label=st.integers(0, 3),
    hour=st.integers(0, 9),
    kind=st.sampled_from(["indicator", "malware", "relationship", "sighting", "seen", "file"]),
    values=st.lists(st.integers(0, len(VALUES) - 1), min_size=1, max_size=3).map(tuple),
    target=st.integers(0, 13),
)
ASKERS = st.builds(Asker, st.sampled_from(["a", "b", "c"]), st.integers(0, 3))


def marking(word: Word) -> Marking:
    """What it says of itself."""
    is_inner = word.group or word.source == "inner"
    return Marking(Label(ORDER[word.label]), (frozenset({"inner"}),) if is_inner else ())


def made(word: Word, index: int) -> Thing:
    """The object: nobody says two things under one id."""
    target = f"x--{word.target}"
    match word.kind:
        case "relationship":
            link = Link("indicates", target, f"x--{(word.target + word.values[0] + 1) % 14}")
            return thing(index, kind="relationship", links=(link,), marking=marking(word))
        case "sighting":
            seen = Seen(target, 2)
            return thing(index, kind="sighting", seen=seen, marking=marking(word))
        case kind:
            said = tuple(Said(VALUES[each], file=1) for each in dict.fromkeys(word.values))
            own = {"id": f"x--{index}", "name": f"n{index}", "marking": marking(word)}
            return thing(index, kind=kind, said=said, **own)


def world(database: Database, words: Sequence[tuple[int, Word]]) -> None:
    """Everything said, hour by hour; feeds are read whether they bring anything or not."""
    for index, word in sorted(words, key=lambda each: (each[1].hour, each[0])):
        now, source = NOW + timedelta(hours=word.hour), SOURCES[word.source]
        if word.kind == "seen":
            number = marking(word)
            anonymous, value = source.originator is None, VALUES[word.values[0]]
            team = source.originator or C
            database.run_now(
                partial(saw, value=value, team=team, marking=number, now=now, anonymous=anonymous)
            )
        else:
            take_in(database, source, made(word, index), now=now)
    for source in SOURCES.values():
        if source.by is By.FEED:
            take_in(database, source, now=NOW + timedelta(hours=9))


def sight(asker: Asker) -> Sight:
    team = TeamKey(asker.team)
    since: dict[str, dict[TeamKey, datetime | None]] = {"inner": {A: None, B: JOINED}}
    return of_team(markings({team: Label(ORDER[asker.clearance])}, since), team)


def all_that_is_seen(words: Sequence[tuple[int, Word]], asker: Asker, empty: Path) -> bytes:
    """Answers, counts and an export, as bytes."""
    now, seen = NOW + timedelta(hours=10), sight(asker)

    def work(session: Session) -> bytes:
        team = TeamKey(asker.team)
        answers = lookup(session, VALUES, seen, now)
        counts = exporting.stats(session, seen, now, team, everything=False)
        given = [each.raw for each in exporting.given(session, seen)]
        lines = [*(as_json(each) for each in answers), *counts]
        return b"\n".join([*(json.dumps(each).encode() for each in lines), *given])

    with TemporaryDirectory() as folder:
        copyfile(empty, Path(folder) / "liaison.db")
        database = open_database(sqlite_url(Path(folder)))
        try:
            world(database, words)
            return database.read_now(work)
        finally:
            database.close()


@pytest.mark.timeout(600)  # many stores, one after the other
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(WORDS, min_size=2, max_size=14), asker=ASKERS)
def test_an_answer_is_the_same_with_and_without_what_is_above(
    empty: Path, words: list[Word], asker: Asker
) -> None:
    every = list(enumerate(words))
    visible = [(index, word) for index, word in every if oracle(word, asker)]
    assert all_that_is_seen(every, asker, empty) == all_that_is_seen(visible, asker, empty)


@pytest.mark.timeout(600)  # many stores, one after the other
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(WORDS, min_size=1, max_size=8), asker=ASKERS)
def test_all_that_may_be_seen_is(empty: Path, words: list[Word], asker: Asker) -> None:
    """The other half: hiding everything would be the same byte for byte, too."""
    every = list(enumerate(words))
    seen = all_that_is_seen(every, asker, empty)
    for index, word in every:
        if word.kind != "seen":
            assert (made(word, index).raw in seen) == oracle(word, asker)
