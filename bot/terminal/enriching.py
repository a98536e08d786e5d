"""What `liaison check` says of each enricher: whether somebody answers, told of no value."""

from __future__ import annotations

from bot.errors import FeedError
from bot.feeds.problems import in_words
from bot.indicators.enriching import try_out
from bot.platforms.base import Finding
from bot.wiring.feeds import enrichers_of, way_of
from bot.words import words_for
from config.settings import Settings

_words = words_for("en")


async def enrichers(settings: Settings) -> list[Finding]:
    """A finding for each, in the file's order."""
    found, way = [], way_of(settings)
    for name, each in enrichers_of(settings).items():
        what = f"enrichers.{name}: answers"
        try:
            await try_out(each, way)
        except FeedError as error:
            mend = f"{in_words(_words, error.reason)}: see url, ca_file and internal"
            found.append(Finding(what, ok=False, mend=mend))
        else:
            found.append(Finding(what, ok=True))
    return found
