"""Which sockets hear, told by what was said: pure.

Slack sends each payload to any one of an app's sockets, without a number, so nobody can say which
one a missing payload went to. What landed (a message of ours) or is found in a room's history, and
was not heard, went to a socket that has been silent ever since.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[str, str]
"""A channel and a `ts` in it."""
_REMEMBERED = 500
"""Places that were heard before we knew that something of ours landed there."""
_LONGEST_PATIENCE = 20
"""How many times longer a deaf workspace is waited for, at most, when new sockets do not help."""


@dataclass(slots=True)
class _Ear:
    """One socket. Moments are `time.time()`, which messages have too."""

    began: float = 0.0
    heard: float = 0.0
    renewed: float = 0.0
    patience: int = 1


class Hearing:
    """What was heard by which socket, and what was not."""

    def __init__(self, sockets: int, after: float) -> None:
        """`after`: seconds within which what landed must be heard."""
        self._ears = [_Ear() for _ in range(sockets)]
        self._after = after
        self._expected: OrderedDict[Place, float] = OrderedDict()
        self._lately: OrderedDict[Place, None] = OrderedDict()

    def began(self, socket: int, now: float) -> None:
        """A new connection: what was said before tells nothing of it."""
        self._ears[socket].began = now

    def heard(self, socket: int, place: Place | None, now: float) -> None:
        """Something came by a socket, perhaps what was said at this place."""
        self._ears[socket].heard = now
        if place is not None and self._expected.pop(place, None) is None:
            self._lately[place] = None
            if len(self._lately) > _REMEMBERED:
                self._lately.popitem(last=False)

    def landed(self, place: Place, now: float) -> None:
        """A message of ours landed: Slack will tell one of the sockets, or has told it already."""
        if place not in self._lately and len(self._expected) < _REMEMBERED:
            self._expected[place] = now

    def deaf(self, now: float) -> Sequence[int]:
        """The sockets that should have heard of what landed, and are to be renewed now."""
        deaf: set[int] = set()
        for place, landed in list(self._expected.items()):
            if now - landed <= self._after:
                break
            silent = self._silent_since(landed)
            due = {number for number in silent if self._is_due(number, landed, now)}
            if due or not silent:  # without any it was lost, or is late: the sockets hear
                del self._expected[place]
            deaf |= due
        return self._renewed(deaf, now)

    def missed(self, said: float, now: float) -> Sequence[int]:
        """A room's history shows what was said then and nobody heard: the sockets to be renewed."""
        silent = self._silent_since(said)
        return self._renewed({each for each in silent if self._is_due(each, said, now)}, now)

    def _silent_since(self, moment: float) -> list[int]:
        return [
            number for number, ear in enumerate(self._ears) if max(ear.began, ear.heard) < moment
        ]

    def _is_due(self, number: int, moment: float, now: float) -> bool:
        return now - moment > self._after * self._ears[number].patience

    def _renewed(self, deaf: set[int], now: float) -> Sequence[int]:
        for number in deaf:
            ear = self._ears[number]
            in_vain = ear.renewed > 0.0 and ear.heard <= ear.renewed
            ear.patience = min(ear.patience * 2, _LONGEST_PATIENCE) if in_vain else 1
            ear.renewed = now
        return sorted(deaf)
