"""`liaison indicators import`: files into the store, with a bar on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.delivery.lanes import utc_now
from bot.errors import ConfigurationError
from bot.indicators import warninglists
from bot.indicators.counts import Counts
from bot.indicators.defined import has_defined
from bot.indicators.importing import import_now
from bot.indicators.reading import read_file
from bot.indicators.sources import By, Source, imported, of_the_team
from bot.indicators.stix.pieces import Stretch
from bot.indicators.stretches import remembered
from bot.indicators.things import Item
from bot.sharing.marking import Label, Marking, parse_label
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.terminal.indicating.naming import known_team
from bot.terminal.inspection import opened_store
from config.feeds import Feed
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Whose:
    """What the command line says of what is imported."""

    feed: str | None = None
    originator: str | None = None
    marking: str | None = None


def take_in(settings: Settings, files: Sequence[str], whose: Whose) -> int:
    """Import files; 1 where one cannot be read. What is in already is passed over, so that an
    import that was interrupted is simply begun again.
    """
    source, status = source_for(settings, whose), 0
    with opened_store(settings) as database:
        for file in files:
            try:
                counts = _imported(database, source, file)
            except OSError as error:
                print(f"liaison: {file}: {error.strerror or 'cannot be read'}", file=sys.stderr)
                status = 1
                continue
            print(f"{file}: {counted(counts)}")
        warninglists.load_now(database, warninglists.Stage.SMALL)
    return status


def source_for(settings: Settings, whose: Whose) -> Source:
    """The source that files are imported into; ConfigurationError for names that are none."""
    if whose.feed is not None:
        feed = settings.feeds.get(whose.feed)
        if feed is None:
            names = ", ".join(settings.feeds) or "none is configured"
            raise ConfigurationError([f"there is no feed {whose.feed!r}: {names}"])
        return source_of(whose.feed, feed)
    if whose.originator is None and whose.marking is None:
        return imported()
    if whose.originator is None or whose.marking is None:
        raise ConfigurationError(["--originator and --marking go together"])
    known_team(settings, whose.originator)
    return of_the_team(TeamKey(whose.originator), _marking(settings, whose.marking))


def source_of(name: str, feed: Feed) -> Source:
    """A configured feed as a source."""
    lists = () if feed.group is None else (frozenset({feed.group.lower()}),)
    return Source(
        By.FEED,
        name,
        None if feed.originator is None else TeamKey(feed.originator),
        Marking(feed.marking or Label.AMBER_STRICT, lists),
        feed.confidence,
        None if feed.ttl is None else int(feed.ttl.total_seconds() * 1_000_000),
    )


def _marking(settings: Settings, written: str) -> Marking:
    """`TLP:AMBER`, or with those it is releasable to: `TLP:AMBER REL inner, DEU`."""
    text, _, names = written.partition(" REL ")
    label = parse_label(text.strip())
    if label is None or label is Label.RED:
        labels = ", ".join(each for each in Label if each is not Label.RED)
        raise ConfigurationError([f"--marking: expected one of {labels}; found {written!r}"])
    listed = frozenset(name.strip().lower() for name in names.split(",") if name.strip())
    for name in sorted(listed):
        if not settings.directory.reached_by(name):
            raise ConfigurationError([f"--marking: there is no team, group or country {name!r}"])
    return Marking(label, (listed,) if listed else ())


def _imported(database: Database, source: Source, file: str) -> Counts:
    path = Path(file)
    known = database.read_now(lambda session: remembered(session, source))

    def before(ref: str) -> bool:
        return database.read_now(lambda session: has_defined(session, source, ref))

    if file == "-":
        return _import(database, source, read_file(sys.stdin.buffer, known, before), lambda: None)
    size = path.stat().st_size
    with path.open("rb") as stream:
        bar = _Bar(path.name, lambda: stream.tell() / size if size else 1.0)
        counts = _import(database, source, read_file(stream, known, before), bar.show)
        bar.end()
        return counts


def _import(
    database: Database, source: Source, items: Iterable[Item | Stretch], show: Callable[[], None]
) -> Counts:
    return import_now(database, source, items, utc_now, lambda _counts: show())


class _Bar:
    """How far it is, on a terminal."""

    def __init__(self, name: str, done: Callable[[], float]) -> None:
        self._name = name
        self._done = done
        self._shown = -1
        self._is_on = sys.stderr.isatty()

    def show(self) -> None:
        percent = int(min(self._done(), 1.0) * 100) if self._is_on else -1
        if percent != self._shown:
            self._shown = percent
            bar = "█" * (percent // 4)
            print(f"\r{self._name} {bar:<25} {percent:3d} %", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._is_on:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def counted(counts: Counts) -> str:
    """What came of an import, for a terminal."""
    said = [f"{counts.total} objects", f"{counts.new} new"]
    more = {
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "older than what is there": counts.late,
        "revoked": counts.revoked,
        "rivals of another source": counts.rival,
        "kept without an index": counts.opaque,
        "withdrawn": counts.withdrawn,
    }
    said += [f"{number} {words}" for words, number in more.items() if number]
    aside = [f"{number} {reason}" for reason, number in sorted(counts.quarantined.items())]
    if aside:
        said.append(f"{counts.quarantined.total()} set aside ({', '.join(aside)})")
    return ", ".join(said)
