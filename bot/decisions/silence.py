"""The silence procedure: what becomes of a text that circulates with a deadline.

Pure: facts in, the next step out. The same facts in any order give the same step, and what has
closed never opens again. Where the rules come from: docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.decisions.voices import Ruling, Stance, Voice, latest
from bot.sharing.teams import TeamKey

LAG = timedelta(minutes=1)
"""Reading a room up to a moment may take this long; what takes longer is an outage."""


class Unreached(StrEnum):
    """What follows where a team was not reached by the text until the expiry."""

    EXTEND = "extend"
    """The period goes on until it was, and then for as long as the shortest period is."""
    EXCLUDE = "exclude"
    """It is adopted without that team, on record."""
    FAIL = "fail"
    """It is not adopted."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`minimum`: the shortest period; `grace`: how long after an outage, or after an objection
    that nobody has confirmed, the procedure stays open.
    """

    minimum: timedelta = timedelta(hours=1)
    grace: timedelta = timedelta(minutes=15)
    unreached: Unreached = Unreached.EXTEND


@dataclass(frozen=True, slots=True)
class Procedure:
    """A text under silence, with all that has happened to it.

    `roster`: the teams that may break it, frozen when it was opened; `reached`: when each was by
    the text; `read`: until when every rostered room has been read without a gap; `gaps`: those of
    rostered rooms, frozen rooms among them.
    """

    opened: datetime
    expires: datetime
    roster: frozenset[TeamKey]
    rules: Rules = Rules()
    voices: tuple[Voice, ...] = ()
    reached: Mapping[TeamKey, datetime] = field(default_factory=dict)
    excluded: frozenset[TeamKey] = frozenset()
    read: datetime | None = None


class Why(StrEnum):
    """Why a period goes on."""

    OUTAGE = "outage"
    UNREACHED = "unreached"


class Awaited(StrEnum):
    """What an expired period waits for."""

    READING = "reading"
    """That every rostered room has been read up to the expiry."""
    OUTAGE = "outage"
    """That a room can be heard again."""
    DELIVERY = "delivery"
    """That the text reaches every team."""
    CONFIRMATION = "confirmation"
    """That who objected confirms it."""
    CHAIR = "chair"


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`, or (None) before something happens. `awaited` None: it runs."""

    until: datetime | None
    awaited: Awaited | None = None
    teams: frozenset[TeamKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Extend:
    """The period goes on until `to`; all are told."""

    to: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class Exclude:
    """It goes on without these teams, which the text has not reached."""

    teams: frozenset[TeamKey]


@dataclass(frozen=True, slots=True)
class Break:
    """Silence is broken, by this voice, for good."""

    voice: Voice


@dataclass(frozen=True, slots=True)
class Fail:
    """It is not adopted: these teams were not reached."""

    teams: frozenset[TeamKey]


@dataclass(frozen=True, slots=True)
class Adopt:
    """Nobody has broken silence. `reservations`: of those that stand; `silent`: who said nothing
    at all.
    """

    reservations: tuple[Voice, ...]
    silent: frozenset[TeamKey]


Step = Wait | Extend | Exclude | Break | Fail | Adopt


def next_step(procedure: Procedure, now: datetime) -> Step:
    """What is to be done with a procedure that has not closed.

    An objection or amendment that was said before the expiry breaks it at once. Without one, it
    is adopted when the expiry has passed, every rostered room has been read up to it, nobody's
    objection waits to be confirmed or ruled on, and the text has reached every team.
    """
    breaking = [voice for voice in procedure.voices if _may_break(procedure, voice)]
    for voice in sorted(breaking, key=lambda voice: (voice.said, voice.order)):
        if voice.ruling is Ruling.COUNTS or voice.confirmed is not None:
            return Break(voice)
    if now < procedure.expires:
        return Wait(procedure.expires)
    return (
        _unread(procedure, now)
        or _unconfirmed(procedure, breaking, now)
        or _unreached(procedure)
        or _adopted(procedure)
    )


def is_late(procedure: Procedure, voice: Voice) -> bool:
    """Whether a voice came after the expiry: it is put on record and does not count."""
    return voice.said >= procedure.expires


def _may_break(procedure: Procedure, voice: Voice) -> bool:
    return (
        voice.breaks
        and voice.team in procedure.roster - procedure.excluded
        and voice.ruling is not Ruling.VOID
        and not is_late(procedure, voice)
    )


def _unread(procedure: Procedure, now: datetime) -> Step | None:
    """Expiry takes effect only when every rostered room has been read up to that instant: an
    outage across it extends the period to recovery and `grace`.
    """
    on_time = procedure.expires + LAG
    if procedure.read is not None:
        late = procedure.read > on_time
        return Extend(procedure.read + procedure.rules.grace, Why.OUTAGE) if late else None
    return Wait(on_time, Awaited.READING) if now < on_time else Wait(None, Awaited.OUTAGE)


def _unconfirmed(procedure: Procedure, breaking: Iterable[Voice], now: datetime) -> Step | None:
    """An objection whose author has not confirmed it keeps the procedure open; after `grace` the
    chair rules on it.
    """
    teams = frozenset(voice.team for voice in breaking)
    if not teams:
        return None
    patience = procedure.expires + procedure.rules.grace
    if now < patience:
        return Wait(patience, Awaited.CONFIRMATION, teams)
    return Wait(None, Awaited.CHAIR, teams)


def _unreached(procedure: Procedure) -> Step | None:
    """A team that the text has not reached is not silent; one that it reached later than `grace`
    after the opening has the shortest period to say something.
    """
    bound = procedure.roster - procedure.excluded
    at = {team: procedure.reached.get(team) for team in bound}
    missing = frozenset(team for team, when in at.items() if when is None)
    match procedure.rules.unreached:
        case Unreached.EXTEND if missing:
            return Wait(None, Awaited.DELIVERY, missing)
        case Unreached.EXCLUDE if missing and missing < bound:
            return Exclude(missing)
        case _ if missing:
            return Fail(missing)
    rules = procedure.rules
    on_time = procedure.opened + rules.grace
    late = [when for when in at.values() if when is not None and when > on_time]
    needed = max(late, default=procedure.opened) + rules.minimum
    if late and rules.unreached is Unreached.EXTEND and needed > procedure.expires:
        return Extend(needed, Why.UNREACHED)
    return None


def _adopted(procedure: Procedure) -> Adopt:
    standing = latest(
        voice
        for voice in procedure.voices
        if not is_late(procedure, voice) and voice.ruling is not Ruling.VOID
    )
    reservations = tuple(
        voice for _, voice in sorted(standing.items()) if voice.stance is Stance.RESERVE
    )
    return Adopt(reservations, procedure.roster - procedure.excluded - standing.keys())
