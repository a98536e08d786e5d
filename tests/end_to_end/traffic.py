"""People who talk, by chance from a seed: equal texts, answers in threads, awkward characters."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from random import Random

from tests.end_to_end.coalition import Coalition

_EQUAL = ("ok", "Confirmed.", "same here", "?")
_AWKWARD = (
    "a & b < c > d",
    "<@U123> *bold* _it_ `code` ~no~",
    "two\nlines",
    "naïve 日本語 👩‍🚒",
    "@channel <!here> @room",
    "http://198.51.100.7/x?a=1&b=2",
    "\u202egnp.exe",
    "&amp; &lt;",
)
_RECENT = 10
"""Answers go to one of the last so many messages of a room."""


def chosen_seed() -> int:
    """The seed of this run: of the environment variable LIAISON_TEST_SEED, or a new one."""
    return int(os.environ.get("LIAISON_TEST_SEED") or secrets.randbelow(1_000_000))


@dataclass(slots=True)
class Traffic:
    """Says one line after another in a coalition."""

    whole: Coalition
    random: Random
    count: int = 0
    _recent: dict[str, list[str]] = field(default_factory=dict)

    async def say(self, lines: int = 1) -> None:
        """Some people say something, each in their own room."""
        for _ in range(lines):
            person = self.random.choice(list(self.whole.people))
            room = self.whole.people[person]
            recent = self._recent.setdefault(room, [])
            thread = self.random.choice(recent) if recent and self.random.random() < 0.2 else ""
            said = await self.whole.say(person, self._text(), thread)
            self.count += 1
            if not thread:
                recent.append(said)
                del recent[:-_RECENT]

    def _text(self) -> str:
        chance = self.random.random()
        if chance < 0.3:
            return self.random.choice(_EQUAL)
        if chance < 0.5:
            return self.random.choice(_AWKWARD)
        return f"line {self.count}"
