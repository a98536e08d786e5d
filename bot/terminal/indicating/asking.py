"""`liaison indicators lookup | export | stats | feeds`: as a team sees it, or as the operator."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy.orm import Session

from bot.advisories.sources.feed import Feed as AdvisoryFeed
from bot.advisories.sources.shelf import readings
from bot.custody import memberships
from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.custody.doors import Doors, circles_of
from bot.custody.effective import Marked
from bot.delivery.lanes import utc_now
from bot.errors import UserError
from bot.indicators import exporting
from bot.indicators.answers import as_json as answer_as_json
from bot.indicators.answers import stamp
from bot.indicators.feeds.source import Source
from bot.indicators.lookup import lookup
from bot.indicators.observable import Observable
from bot.indicators.reading import read_value
from bot.indicators.sight import Sight, of_operator, of_team
from bot.indicators.sources import micro
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.terminal.indicating.naming import known_team
from bot.terminal.indicating.showing import shown, shown_stat
from bot.terminal.inspection import opened_store
from bot.wiring.feeds import advisory_feeds_of, sources_of
from config.mistakes import shown as quoted
from config.settings import Settings

_REFUSED = 10
"""Of what is not taken over of a feed, how many are shown."""
_AT_ONCE = 100
"""Values that are looked up together."""


def look_up(settings: Settings, typed: Sequence[str], team: str | None, *, as_json: bool) -> int:
    """Print what is known of values; 1 where nothing is of any, 2 where one is no value."""
    values, bad = _values(typed)
    if bad or not values:
        if not bad:
            print("liaison: name a value, or give values on standard input", file=sys.stderr)
        return 2
    known = False
    with asked(settings, team, named("lookup")) as (database, sight):
        for start in range(0, len(values), _AT_ONCE):
            some, now = values[start : start + _AT_ONCE], utc_now()
            for answer in database.read_now(lambda s: lookup(s, some, sight, now)):  # noqa: B023  run at once
                known |= answer.known
                print(json.dumps(answer_as_json(answer)) if as_json else shown(answer))
    return 0 if known else 1


def export(settings: Settings, team: str | None, *, as_json: bool) -> int:
    """Print a STIX bundle of every object as its source gave it, or an object a line."""
    with asked(settings, team, named("indicators"), Action.EXPORTED) as (database, sight):
        database.read_now(lambda session: _export(session, sight, as_json=as_json))
    return 0


def stats(settings: Settings, team: str | None, *, as_json: bool) -> int:
    """Print how much each source gave."""
    key = None if team is None else TeamKey(team)
    with asked(settings, team, named("indicators")) as (database, sight):
        everything = team is None
        lines = database.read_now(
            lambda s: exporting.stats(s, sight, utc_now(), key, everything=everything)
        )
        why = database.read_now(exporting.reasons) if everything and not as_json else []
    for line in lines:
        print(json.dumps(line) if as_json else shown_stat(line))
    for source, reason, number in why:
        print(f"set aside of {source}: {number} {reason}")
    return 0


def feeds(settings: Settings, team: str | None, *, as_json: bool, only: str | None = None) -> int:
    """Print the feeds that are configured, those that the team may know of, and how they are."""
    with asked(settings, team, named("feeds")) as (database, sight):
        known = database.read_now(exporting.readings)
        others = database.read_now(lambda s: readings(s, advisory_feeds_of(settings)))
    seen = {name: settings.feeds[name] for name in _seen(settings, sight) if only in {None, name}}
    for name, feed in seen.items():
        stands = others.get(name)
        read, fault = known.get(name, (None, None)) if stands is None else stands[:2]
        line: dict[str, object] = {
            "feed": name,
            "type": feed.type,
            "read": stamp(read),
            "fault": fault,
        }
        state = f"read {stamp(read)}" if read is not None else "not read yet"
        trouble = f", failing: {fault}" if fault else ""
        if stands is not None:
            line["refused"] = dict(stands[2])
            trouble += "".join(f"\n  not {each}: {why}" for each, why in stands[2][:_REFUSED])
        print(json.dumps(line) if as_json else f"{name} ({feed.type}): {state}{trouble}")
    if not seen and not as_json:
        print("liaison: no feed is configured", file=sys.stderr)
    return 0


def _seen(settings: Settings, sight: Sight) -> Iterator[str]:
    """The feeds whose own marking lets them be known of, in the file's order."""
    every: dict[str, Source | AdvisoryFeed] = {**sources_of(settings)}
    every |= advisory_feeds_of(settings)
    now = utc_now()
    for name in settings.feeds:
        feed = every[name]
        originator = None if feed.originator is None else TeamKey(feed.originator)
        if sight.admits(Marked(feed.marking, originator, now), micro(now)):
            yield name


class asked:  # noqa: N801  used like the functions of contextlib
    """The store, and what is seen of it: by a team, or by the operator, which is written down."""

    def __init__(
        self, settings: Settings, team: str | None, what: str, action: Action = Action.LOOKED_UP
    ) -> None:
        if team is not None:
            known_team(settings, team)
        self._settings, self._team = settings, team
        self._act = Act(OPERATOR, None, action, what)
        self._store = opened_store(settings)

    def __enter__(self) -> tuple[Database, Sight]:
        database = self._store.__enter__()
        if self._team is None:
            database.run_now(lambda session: record(session, self._act, utc_now()))
            return database, of_operator()
        markings = database.read_now(self._doors).markings
        return database, of_team(markings, TeamKey(self._team))

    def __exit__(self, *error: object) -> None:
        self._store.__exit__(None, None, None)

    def _doors(self, session: Session) -> Doors:
        """What markings mean by these settings, and by who has joined what."""
        now = utc_now()
        doors = Doors(circles_of(self._settings.channels), self._settings.directory, now)
        doors.join(memberships.standing(session, doors.members(), now), now)
        return doors


def _values(typed: Sequence[str]) -> tuple[list[Observable], bool]:
    """The values, from standard input too; whether one was none."""
    words = list(typed)
    if "-" in words or (not words and not sys.stdin.isatty()):
        lines = [line.strip() for line in sys.stdin]
        words = [each for each in words if each != "-"] + [line for line in lines if line]
    values, bad = [], False
    for word in words:
        try:
            values.append(read_value(word))
        except UserError as error:
            print(f"liaison: {quoted(word)}: {error}", file=sys.stderr)
            bad = True
    return values, bad


def _export(session: Session, sight: Sight, *, as_json: bool) -> None:
    out = sys.stdout.buffer
    pieces: Iterator[bytes]
    if as_json:
        every = exporting.given(session, sight)
        pieces = (msgspec.json.format(each.raw, indent=-1) + b"\n" for each in every)
    else:
        pieces = exporting.bundle(session, sight, str(uuid.uuid4()))
    for piece in pieces:
        out.write(piece)
    out.flush()
