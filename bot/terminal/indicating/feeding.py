"""`liaison indicators feeds run NAME`: reads a feed now, beside a running bot or without one."""

from __future__ import annotations

import asyncio
import sys

from bot.advisories.sources.refusals import WORDS
from bot.advisories.sources.rounds import Round as AdvisoryRound
from bot.errors import ConfigurationError
from bot.feeds.problems import in_words
from bot.indicators.feeds.rounds import Round
from bot.tasks.feeding import readers_of
from bot.terminal.indicating.importing import counted
from bot.terminal.inspection import opened_store
from bot.wiring.feeds import advisory_feeds_of, sources_of, way_of
from bot.words import words_for
from config.settings import Settings


def run_feed(settings: Settings, name: str, *, tells: bool = True) -> int:
    """Read a feed whatever it brings, since somebody looks; 1 where it cannot be read. `tells`:
    says what came of it.
    """
    sources, advisories = sources_of(settings), advisory_feeds_of(settings)
    if name not in sources and name not in advisories:
        names = ", ".join((*sources, *advisories)) or "none is configured"
        raise ConfigurationError([f"there is no feed {name!r}: {names}"])
    with opened_store(settings) as database:
        reader = readers_of(sources, advisories, database, way_of(settings))[name]
        made = asyncio.run(reader.read(accept=True))
    problem = made.after.problem
    if problem:
        said = in_words(words_for("en"), problem)
        print(f"liaison: {name}: {said} [{problem}]", file=sys.stderr)
        return 1
    if not tells:
        return 0
    if isinstance(made, Round):
        print(f"{name}: {counted(made.counts)}")
    if isinstance(made, AdvisoryRound):
        for each in made.refused:
            assert each.refusal is not None, "what is no item is refused"
            why = WORDS[each.refusal]
            print(f"{name}: not {each.name or each.place}: {why} [{each.refusal}]", file=sys.stderr)
        print(f"{name}: {made.new} new or changed, {len(made.refused)} refused")
    return 0
