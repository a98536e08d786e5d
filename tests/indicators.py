"""Things, sources and audiences for the tests of the indicators."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from bot.custody.effective import Markings
from bot.indicators.answers import Answer, as_json
from bot.indicators.counts import Counts
from bot.indicators.importing import import_now
from bot.indicators.lookup import lookup
from bot.indicators.observable import Kind, Observable
from bot.indicators.sight import Sight, of_operator, of_team
from bot.indicators.sources import By, Source, micro
from bot.indicators.things import Item, Said, Thing
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import Directory, Team, TeamKey
from bot.store.database import Database

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DAY = 86_400_000_000
A, B, C = TeamKey("a"), TeamKey("b"), TeamKey("c")
ADDRESS = Observable(Kind.IPV4, "198.51.100.7")
DOMAIN = Observable(Kind.DOMAIN, "evil.example.org")


def feed(
    name: str = "acme", label: Label = Label.GREEN, originator: TeamKey | None = None,
    *, group: str | None = None, confidence: int | None = None, ttl: int | None = None,
) -> Source:  # fmt: skip
    """A feed."""
    lists = () if group is None else (frozenset({group}),)
    return Source(By.FEED, name, originator, Marking(label, lists), confidence, ttl)


def thing(number: int, *values: Observable, kind: str = "indicator", **more: object) -> Thing:
    """An object that speaks of values; its bytes say all that it is."""
    ref = f"{kind}--00000000-0000-4000-8000-{number:012d}"
    made = Thing(ref, kind, b"", said=tuple(Said(each) for each in values), version=1)
    made = replace(made, **more)
    if made.raw:
        return made
    raw = json.dumps({"id": made.id, "all": repr(made)}).encode()
    return replace(made, raw=raw)


def take_in(database: Database, source: Source, *items: Item, now: datetime = NOW) -> Counts:
    """Import."""
    return import_now(database, source, items, lambda: now)


def ask(
    database: Database, *values: Observable, sight: Sight | None = None, now: datetime = NOW
) -> list[Answer]:
    """Look up, as the operator where nobody is named."""
    seen = of_operator() if sight is None else sight
    return database.read_now(lambda session: lookup(session, values, seen, now))


def one(database: Database, value: Observable, sight: Sight | None = None) -> Answer:
    """The answer for one value."""
    return ask(database, value, sight=sight)[0]


def rendered(answers: Sequence[Answer]) -> bytes:
    """All that anybody could see of answers."""
    return "\n".join(json.dumps(as_json(each)) for each in answers).encode()


def markings(
    clearances: Mapping[str, Label] | None = None,
    since: Mapping[str, Mapping[TeamKey, datetime | None]] | None = None,
) -> Markings:
    """Teams a, b and c; the group `inner` has a and b."""
    given = clearances or {}
    teams = [Team(each, each, clearance=given.get(each, Label.AMBER_STRICT)) for each in (A, B, C)]
    directory = Directory(teams, {"inner": ["a", "b"]})
    return Markings(directory, {}, since if since is not None else {"inner": {A: None, B: None}})


def sees(team: TeamKey, clearance: Label = Label.AMBER_STRICT) -> Sight:
    """What a team sees."""
    return of_team(markings({team: clearance}), team)


def at(moment: datetime) -> int:
    """As things have times."""
    return micro(moment)


LATER = NOW + timedelta(days=1)
