"""The gate: may this content, with this marking, from this originator, enter that room?

Pure, and asked before a delivery is written and again before it is sent. What a room's audience is
comes from `bot.sharing.audience`; here it is only compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey


class Reason(StrEnum):
    """Why something may not enter a room: the closed list, in the order in which it is asked."""

    RED = "red"
    """TLP:RED is for those who were there: it is never relayed."""
    CEILING = "ceiling"
    """Higher than the room's channel may hold."""
    LEFT_OUT = "left out"
    """Words that were said before a team that reads the room had joined."""
    STRANGERS = "strangers"
    """Somebody who belongs to no team can read the room."""
    UNFIT = "unfit"
    """The room is not private, encrypted … as it has to be above TLP:GREEN."""
    CLEARANCE = "clearance"
    """A team in the audience may not read so high."""
    NOT_ON_ROSTER = "not on the roster"
    """TLP:AMBER+STRICT, and a team in the audience is not on the channel's roster."""
    NOT_RELEASABLE = "not releasable"
    """A team in the audience is not among those that it is releasable to."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What wants to enter: its effective label; whose it is, None where that is nobody's team; and
    the teams that it is releasable to, None where no list restricts it.
    """

    label: Label
    said: datetime
    originator: TeamKey | None = None
    releasable: frozenset[TeamKey] | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A room as the gate sees it, made anew when its audience, the teams or the settings change.

    `lowest`: the lowest clearance of the teams that can read it; `strangers`: whether anybody of
    no team can, and `hold`: whether that keeps things out; `unfit`: whether it lacks what a room
    has to be above TLP:GREEN; `youngest`: when the last of the teams joined, None where all have
    been there from the start. `known` is False until its audience was read.
    """

    ceiling: Label
    teams: frozenset[TeamKey]
    roster: frozenset[TeamKey]
    lowest: Label = Label.AMBER_STRICT
    strangers: bool = False
    hold: bool = True
    unfit: bool = False
    youngest: datetime | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Denied:
    """It may not; `teams`: those in the audience because of whom."""

    reason: Reason
    teams: frozenset[TeamKey] = frozenset()


class Allowed:
    """It may."""

    __slots__ = ()


class NotYet:
    """Nobody knows yet who can read the room: wait."""

    __slots__ = ()


Verdict = Allowed | Denied | NotYet
ALLOWED, NOT_YET = Allowed(), NotYet()


def judge(matter: Matter, door: Door) -> Verdict:
    """Whether something may enter a room. Deletions and removed reactions are never asked about:
    they carry no content, and nothing could be taken back otherwise.
    """
    label = matter.label
    if label is Label.RED:
        return Denied(Reason.RED)
    if label > door.ceiling:
        return Denied(Reason.CEILING)
    if label is Label.CLEAR and matter.releasable is None:
        return ALLOWED
    if not door.known:
        return NOT_YET
    if door.strangers and door.hold:
        return Denied(Reason.STRANGERS)
    if door.unfit and label > Label.GREEN:
        return Denied(Reason.UNFIT)
    if door.youngest is not None and matter.said < door.youngest:
        return Denied(Reason.LEFT_OUT)
    if label > door.lowest:
        return Denied(Reason.CLEARANCE)
    if label is Label.AMBER_STRICT and not door.teams <= door.roster:
        return Denied(Reason.NOT_ON_ROSTER, door.teams - door.roster)
    if matter.releasable is not None:
        outside = door.teams - matter.releasable
        if matter.originator is not None:
            outside -= {matter.originator}
        if outside:
            return Denied(Reason.NOT_RELEASABLE, outside)
    return ALLOWED
