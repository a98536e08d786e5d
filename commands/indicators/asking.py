"""Looking up for whom an answer is for, and how strictly what was found is marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.custody.effective import Marked
from bot.indicators.answers import Answer
from bot.indicators.freshness import fresh
from bot.indicators.lookup import lookup
from bot.indicators.observable import Observable
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight, of_door, of_team
from bot.indicators.sources import micro
from bot.sharing.marking import Label, Marking, strictest
from bot.sharing.teams import TeamKey
from commands.registry import Context


@dataclass(frozen=True, slots=True)
class Found:
    """The answers, and the strictest marking of all that they are made of."""

    answers: list[Answer]
    marking: Marking


class Noting(Sight):
    """What another sight sees, remembering which markings it let through."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(lambda _marked: 0)
        self._sight = sight
        self._seen: set[int] = set()

    def sees(self, marking: int, said: int) -> bool:
        """As the other, and noted."""
        found = self._sight.sees(marking, said)
        if found:
            self._seen.add(marking)
        return found

    def opens(self, marking: int) -> int | None:
        """As the other."""
        return self._sight.opens(marking)

    def learn(self, asking: Asking, markings: Iterable[int]) -> None:
        """As the other."""
        self._sight.learn(asking, markings)

    def marked(self, marking: int) -> Marked:
        """As the other."""
        return self._sight.marked(marking)

    @property
    def strictest(self) -> Marking:
        """The strictest of what was let through; TLP:CLEAR where nothing was."""
        return self.strictest_but(None)

    def strictest_but(self, team: TeamKey | None) -> Marking:
        """The same without what is a team's own."""
        every = [self._sight.marked(each) for each in sorted(self._seen)]
        others = [each.marking for each in every if team is None or each.originator != team]
        return strictest(Marking(Label.CLEAR), *others)


def sight_of(context: Context) -> Sight:
    """What those see for whom the answer is: all who read a room, or the asker's team."""
    markings, team = context.house.custody().markings, context.part().team
    if context.shared is not None or team is None:
        return of_door(markings, context.audience)
    return of_team(markings, team.key)


def look_up(context: Context, values: Sequence[Observable]) -> Found:
    """What is known of these values, for whom the answer is."""
    answers, noting = _looked_up(context, values)
    return Found(answers, noting.strictest)


def others_say(context: Context, value: Observable) -> Marking:
    """How strictly is marked what others than the asker's team say of a value, as far as they may
    see it.
    """
    team = context.part().team
    _, noting = _looked_up(context, [value])
    return noting.strictest_but(None if team is None else team.key)


def _looked_up(context: Context, values: Sequence[Observable]) -> tuple[list[Answer], Noting]:
    sight = sight_of(context)
    fresh(Asking(context.session), sight, micro(context.now))
    noting = Noting(sight)
    noting.fresh = sight.fresh  # that a source is there is no part of what it says
    return lookup(context.session, values, noting, context.now), noting
