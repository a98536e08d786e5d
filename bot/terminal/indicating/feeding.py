"""`liaison indicators feeds run NAME`: reads a feed now, beside a running bot or without one."""

from __future__ import annotations

import asyncio
import sys

from bot.errors import ConfigurationError
from bot.feed_settings import sources_of, way_of
from bot.feeds.problems import in_words
from bot.indicators.feeds.rounds import Round
from bot.tasks.feeding import readers_of
from bot.terminal.indicating.importing import counted
from bot.terminal.inspection import opened_store
from bot.words import words_for
from config.settings import Settings


def run_feed(settings: Settings, name: str) -> int:
    """Read a feed whatever it brings, since somebody looks; 1 where it cannot be read."""
    source = sources_of(settings).get(name)
    if source is None:
        names = ", ".join(sources_of(settings)) or "none is configured"
        raise ConfigurationError([f"there is no feed of indicators {name!r}: {names}"])
    with opened_store(settings) as database:
        reader = readers_of({name: source}, database, way_of(settings))[name]
        made = asyncio.run(reader.read(accept=True))
    problem = made.after.problem
    if problem:
        said = in_words(words_for("en"), problem)
        print(f"liaison: {name}: {said} [{problem}]", file=sys.stderr)
        return 1
    if isinstance(made, Round):
        print(f"{name}: {counted(made.counts)}")
    return 0
