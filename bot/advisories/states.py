"""How an advisory stands, and what a team says of it. The codes are stored, and given out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.words import Words, message


class State(StrEnum):
    """From its draft to its end."""

    DRAFT = "draft"
    SEALING = "sealing"
    """Somebody has sealed it; `sealing.is_sealed` says whether all have."""
    SCHEDULED = "scheduled"
    RELEASED = "released"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Ack(StrEnum):
    """What a team says of an advisory, or that it says nothing."""

    NOT_REACHED = "not_reached"
    """No post has landed in a room that has somebody of the team: it is not to be called silent."""
    SILENT = "silent"
    RECEIVED = "received"
    CHECKING = "checking"
    AFFECTED = "affected"
    NOT_AFFECTED = "not_affected"
    FIXED = "fixed"
    NEEDS_HELP = "needs_help"


SAYABLE = tuple(each for each in Ack if each not in {Ack.NOT_REACHED, Ack.SILENT})
"""What a team can say."""
BEFORE = frozenset({State.DRAFT, State.SEALING, State.SCHEDULED})
"""It is its authors' alone, and may change."""
OUT = frozenset({State.RELEASED, State.SUPERSEDED, State.WITHDRAWN})
"""It was posted, and has its number."""
_AFTER: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SEALING, State.CANCELLED}),
    State.SEALING: frozenset({State.DRAFT, State.SCHEDULED, State.RELEASED, State.CANCELLED}),
    State.SCHEDULED: frozenset({State.DRAFT, State.SEALING, State.RELEASED, State.CANCELLED}),
    State.RELEASED: frozenset({State.SUPERSEDED, State.WITHDRAWN}),
    State.SUPERSEDED: frozenset({State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
    State.CANCELLED: frozenset(),
}
_STATES: Mapping[State, str] = {
    State.DRAFT: message("a draft"),
    State.SEALING: message("being sealed"),
    State.SCHEDULED: message("scheduled"),
    State.RELEASED: message("released"),
    State.SUPERSEDED: message("superseded"),
    State.WITHDRAWN: message("withdrawn"),
    State.CANCELLED: message("cancelled"),
}
_ACKS: Mapping[Ack, str] = {
    Ack.NOT_REACHED: message("not reached"),
    Ack.SILENT: message("silent"),
    Ack.RECEIVED: message("received"),
    Ack.CHECKING: message("checking"),
    Ack.AFFECTED: message("affected"),
    Ack.NOT_AFFECTED: message("not affected"),
    Ack.FIXED: message("fixed"),
    Ack.NEEDS_HELP: message("needs help"),
}
EMOJI: Mapping[Ack, str] = {
    Ack.RECEIVED: "\N{INBOX TRAY}",
    Ack.CHECKING: "\N{LEFT-POINTING MAGNIFYING GLASS}",
    Ack.AFFECTED: "\N{LARGE RED CIRCLE}",
    Ack.NOT_AFFECTED: "\N{LARGE GREEN CIRCLE}",
    Ack.FIXED: "\N{WRENCH}",
    Ack.NEEDS_HELP: "\N{SQUARED SOS}",
}
"""The reaction that says so."""


def may_follow(state: State, then: State) -> bool:
    """Whether a state may follow another."""
    return then in _AFTER[state]


def state_words(state: State, words: Words) -> str:
    """A state, in words."""
    return words(_STATES[state])


def ack_words(ack: Ack, words: Words) -> str:
    """What a team says, in words."""
    return words(_ACKS[ack])


def read_ack(typed: str) -> Ack | None:
    """What somebody typed who speaks for a team; None for what is none of `SAYABLE`."""
    word = typed.strip().casefold().replace(" ", "_").replace("-", "_")
    return next((each for each in SAYABLE if each == word), None)
