"""How a group decides where it votes: plain rules with a name each.

Pure. A team has one voice; observers, who have none, are not on the roster. Without a word more,
an abstention is a voice that is neither for nor against.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType

from bot.decisions.voices import Stance
from bot.sharing.teams import TeamKey
from bot.words import message

FOR = frozenset({Stance.AGREE, Stance.RESERVE})
"""A reservation goes on record, and does not stand in the way."""
AGAINST = frozenset({Stance.OBJECT, Stance.AMEND})


@dataclass(frozen=True, slots=True)
class Poll:
    """What was said when the vote closes. `voices`: of each team the one that stands, those alone
    that count; `weights`: 1 where a team has none.
    """

    roster: frozenset[TeamKey]
    voices: Mapping[TeamKey, Stance]
    chair: TeamKey | None = None
    weights: Mapping[TeamKey, int] = field(default_factory=dict)

    def teams(self, stances: Collection[Stance]) -> frozenset[TeamKey]:
        """The teams of the roster that said one of these."""
        said = (team for team, stance in self.voices.items() if stance in stances)
        return self.roster.intersection(said)

    def weight(self, teams: Collection[TeamKey]) -> int:
        """What some teams weigh together."""
        return sum(self.weights.get(team, 1) for team in teams)


@dataclass(frozen=True, slots=True)
class Method:
    """A way to decide. `rule`: the sentence that states it, a message id; `carries`: whether a
    poll does by it.
    """

    name: str
    rule: str
    carries: Callable[[Poll], bool]


def _consensus(poll: Poll) -> bool:
    return not poll.teams(AGAINST) and bool(poll.teams(FOR))


def _unanimity(poll: Poll) -> bool:
    return poll.teams(FOR) == poll.roster and bool(poll.roster)


def _majority(poll: Poll) -> bool:
    return len(poll.teams(FOR)) > len(poll.teams(AGAINST))


def _qualified(poll: Poll) -> bool:
    return bool(poll.roster) and Fraction(len(poll.teams(FOR)), len(poll.roster)) >= Fraction(2, 3)


def _weighted(poll: Poll) -> bool:
    return poll.weight(poll.teams(FOR)) > poll.weight(poll.teams(AGAINST))


def _quorum(poll: Poll) -> bool:
    return 2 * len(poll.teams(frozenset(Stance))) > len(poll.roster) and _majority(poll)


def _two_person(poll: Poll) -> bool:
    return len(poll.teams(FOR)) >= 2 and not poll.teams(AGAINST)


def _chair(poll: Poll) -> bool:
    return poll.chair is not None and poll.voices.get(poll.chair) in FOR


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method("consensus", message("nobody objects, and somebody agrees"), _consensus),
            Method("unanimity", message("every team of the roster agrees"), _unanimity),
            Method("majority", message("more teams agree than object"), _majority),
            Method("qualified", message("two thirds of the roster agree"), _qualified),
            Method("weighted", message("those who agree weigh more than who objects"), _weighted),
            Method(
                "quorum",
                message("more than half of the roster speaks, and more agree than object"),
                _quorum,
            ),
            Method("two-person", message("two teams agree, and nobody objects"), _two_person),
            Method("chair", message("the chair decides, and the others are heard"), _chair),
        )
    }
)
"""By name. `silence` is none of these: see `bot.decisions.silence`."""


def is_settled(method: Method, poll: Poll) -> bool:
    """Whether those who have not spoken yet could not change what comes of it any more: all of
    them for it or all against lead to the same.
    """
    rest = poll.roster - poll.voices.keys()
    ends = [
        replace(poll, voices={**poll.voices, **dict.fromkeys(rest, end)})
        for end in (Stance.AGREE, Stance.ABSTAIN, Stance.OBJECT)
    ]
    return len({method.carries(each) for each in (poll, *ends)}) == 1
