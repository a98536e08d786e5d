"""Asking third parties about values, where somebody wants just that (`bot.indicators.enriching`).

It is done after the answer is written and beside everything else. A third party that is down, or
slow, costs whoever asked a line that says so, some seconds later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import structlog

from bot.errors import FeedError
from bot.feeds.fetching import Way
from bot.feeds.problems import in_words
from bot.indicators.enriching import Enricher, Told, enquire
from bot.indicators.observables import defang_text
from bot.words import Words
from commands.indicators.saying import shown
from commands.registry import Enquiry

log = structlog.get_logger()

_AT_ONCE = 4
"""Questions that are under way to third parties."""


class Outside:
    """The third parties that the configuration names."""

    def __init__(self, enrichers: Mapping[str, Enricher], way: Way, words: Words) -> None:
        self._enrichers = enrichers
        self._way = way
        self._words = words
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def ask(self, enquiries: Iterable[Enquiry]) -> str:
        """What they say of values, or why they said nothing: text to be shown as it stands."""
        return "\n".join(await asyncio.gather(*(self._ask(each) for each in enquiries)))

    async def _ask(self, enquiry: Enquiry) -> str:
        words, name, value = self._words, enquiry.name, shown(enquiry.value)
        enricher = self._enrichers.get(name)
        if enricher is None:
            return self._no_answer(name, value, words("it is not configured any more"))
        try:
            async with self._places:
                told = await enquire(enricher, enquiry.value, self._way)
        except FeedError as error:
            log.info("enricher.failed", enricher=name, reason=error.reason)
            return self._no_answer(name, value, in_words(words, error.reason))
        return "\n".join(self._lines(name, value, told))

    def _no_answer(self, name: str, value: str, why: str) -> str:
        return self._words("{name} (a third party) on {value}: no answer\nWhy: {why}",
                           name=name, value=value, why=why)  # fmt: skip

    def _lines(self, name: str, value: str, told: Told) -> Iterable[str]:
        words = self._words
        if told == Told():
            yield words("{name} (a third party) on {value}: it knows nothing",
                        name=name, value=value)  # fmt: skip
            return
        said = defang_text(told.summary)
        yield words("{name} (a third party) on {value}: {said}",
                    name=name, value=value, said=said).rstrip(" :")  # fmt: skip
        for fact, text in told.facts:
            yield f"• {defang_text(fact)}: {defang_text(text)}"
