"""What an audience may see of the store: a team in private, the readers of a room, the operator.

The gate that messages pass is asked, for each marking and not for each object. Its answer can
change with one thing of an object alone, the moment when it was said: who was not in a group by
then does not see it. Later is never worse, so that of a marking one moment says it all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from bot.custody.effective import Marked, Markings
from bot.indicators.raw import Asking
from bot.sharing.gate import Allowed, Door, judge
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey

ALWAYS, NEVER = -(1 << 63), 1 << 63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_lists = msgspec.json.Decoder(list[list[str]]).decode

Opens = Callable[[Marked], int]
"""From which moment on what is marked so may be seen, in microseconds."""


class Sight:
    """What one audience sees. Inert but for what it remembers of markings, which never change:
    any thread may ask it. It holds for one state of teams, groups and rooms (`Doors.epoch`).
    """

    def __init__(self, opens: Opens) -> None:
        self._opens = opens
        self._since: dict[int, int] = {}
        self._marked: dict[int, Marked] = {}
        self.fresh: object = None
        """For `bot.indicators.freshness`, which keeps there what it found last."""

    def sees(self, marking: int, said: int) -> bool:
        """Whether the audience may see what has a marking and was said then; see `learn`."""
        return said >= self._since[marking]

    def admits(self, marked: Marked, said: int) -> bool:
        """The same of what is in no store yet."""
        return said >= self._opens(marked)

    def opens(self, marking: int) -> int | None:
        """From which moment on it sees what has a marking; None: never."""
        since = self._since[marking]
        return None if since == NEVER else since

    def learn(self, asking: Asking, markings: Iterable[int]) -> None:
        """Be ready for these markings."""
        unknown = [each for each in markings if each not in self._since]
        if not unknown:
            return
        for number, label, lists, originator in asking.each(_MARKINGS, list(set(unknown))):
            marked = read_marked(label, lists, originator)
            self._marked[number] = marked
            self._since[number] = (
                NEVER if marked.marking.label is Label.RED else self._opens(marked)
            )
        for each in unknown:
            self._since.setdefault(each, NEVER)

    def marked(self, marking: int) -> Marked:
        """A marking that was learnt, with whose it is."""
        return self._marked[marking]


def of_team(markings: Markings, team: TeamKey) -> Sight:
    """What a team sees in private: all that is its own, and what its clearance and the groups it
    is in let it see.
    """
    found = markings.directory.teams.get(team)
    clearance = Label.CLEAR if found is None else found.clearance
    own = frozenset({team})
    door = Door(Label.AMBER_STRICT, own, own, lowest=clearance)
    through = _through(markings, door)
    return Sight(lambda marked: ALWAYS if marked.originator == team else through(marked))


def of_door(markings: Markings, door: Door) -> Sight:
    """What everybody who can read a room may see together."""
    return Sight(_through(markings, door))


def of_doors(markings: Markings, doors: Sequence[Door]) -> Sight:
    """What everybody may see who can read any of these rooms; nothing, where there is none."""
    every = [_through(markings, door) for door in doors]
    return Sight(lambda marked: max((opens(marked) for opens in every), default=NEVER))


def of_operator() -> Sight:
    """Everything: whoever asks for it has it written down."""
    return Sight(lambda _marked: ALWAYS)


def read_marked(label: str, lists: str, originator: str) -> Marked:
    """A row of interned markings."""
    releasable = tuple(frozenset(each) for each in _lists(lists)) if lists else ()
    whose = TeamKey(originator) if originator else None
    return Marked(Marking(Label(label), releasable), whose, _LONG_AGO)


def _through(markings: Markings, door: Door) -> Opens:
    """By the gate: the first moment, of those at which its answer can change, that it lets in."""

    def opens(marked: Marked) -> int:
        names = {name for each in marked.marking.releasable for name in each}
        moments = {
            since
            for name in names
            for since in markings.since.get(name, {}).values()
            if since is not None
        }
        if door.youngest is not None:
            moments.add(door.youngest)
        for moment in (_LONG_AGO, *sorted(moments)):
            matter = markings.matter(Marked(marked.marking, marked.originator, moment))
            if isinstance(judge(matter, door), Allowed):
                return ALWAYS if moment is _LONG_AGO else (moment - _EPOCH) // _MICROSECOND
        return NEVER

    return opens


_MARKINGS = "SELECT id, label, releasable, originator FROM indicator_marking WHERE id IN ({})"
