"""What teams say to a proposal: one voice a team, through its delegates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.sharing.teams import TeamKey


class Stance(StrEnum):
    """What a team says. The codes are stored and given out as `voice`."""

    AGREE = "agree"
    OBJECT = "object"
    AMEND = "amend"
    """It offers other words, and with these it does not agree."""
    RESERVE = "reserve"
    """It does not stand in the way, and has a reservation on record."""
    ABSTAIN = "abstain"


BREAKING = frozenset({Stance.OBJECT, Stance.AMEND})
"""What breaks silence (OSCE Rules of Procedure 2006, Annex 1(A): an objection or an amendment)."""


class Ruling(StrEnum):
    """What the chair has ruled of a voice of which nobody else can say if it counts."""

    COUNTS = "counts"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Voice:
    """What one delegate said for their team.

    `order`: in which it was received; `said`: when, as its network claims; `received`: when it was
    read. `confirmed`: when its second step was taken, where one is needed. `entered`: the chair
    entered it for a team that said it elsewhere; `affirmed`: that team said so itself.
    """

    order: int
    team: TeamKey
    stance: Stance
    said: datetime
    received: datetime
    confirmed: datetime | None = None
    entered: bool = False
    affirmed: bool = False
    ruling: Ruling | None = None

    @property
    def completes(self) -> bool:
        """Whether something can be adopted by it: what the chair entered alone cannot."""
        return not self.entered or self.affirmed

    @property
    def breaks(self) -> bool:
        """Whether it can break silence."""
        return self.stance in BREAKING


def latest(voices: Iterable[Voice]) -> dict[TeamKey, Voice]:
    """Of each team the voice that stands: the last that was received, whichever delegate's."""
    standing: dict[TeamKey, Voice] = {}
    for voice in sorted(voices, key=lambda voice: voice.order):
        standing[voice.team] = voice
    return standing
