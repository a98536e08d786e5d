"""Misbehaviour on request: rules that the stand-in asks before it acts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Trouble(StrEnum):
    """What can go wrong, on purpose."""

    DELAY = "delay"
    """The request is carried out after `seconds`."""
    REFUSE = "refuse"
    """Answered with `error`, not carried out."""
    BROKEN = "broken"
    """HTTP 500, not carried out."""
    THROTTLE = "throttle"
    """HTTP 429 with Retry-After of `seconds`, not carried out."""
    CUT_BEFORE = "cut_before"
    """The connection is cut and the request never carried out."""
    CUT_AFTER = "cut_after"
    """Carried out, and then the connection is cut without an answer."""
    APPLY_LATE = "apply_late"
    """The connection is cut, and `seconds` later the request is carried out after all."""
    HANG = "hang"
    """Carried out, and the answer withheld for `seconds`, then the connection is cut."""
    EVENT_TWICE = "event_twice"
    """An event arrives again, with the same `event_id` in another envelope."""
    EVENT_LATE = "event_late"
    """An event arrives `seconds` later."""
    EVENT_HELD = "event_held"
    """An event arrives after the one that follows it, or after `seconds` if none does."""
    EVENT_LOST = "event_lost"
    """An event never arrives."""
    SHARE_LATE = "share_late"
    """An upload is shown in its channel `seconds` later."""
    SHARE_NEVER = "share_never"
    """An upload is answered with ok and never shown."""


REQUEST = frozenset(
    {
        Trouble.DELAY,
        Trouble.REFUSE,
        Trouble.BROKEN,
        Trouble.THROTTLE,
        Trouble.CUT_BEFORE,
        Trouble.CUT_AFTER,
        Trouble.APPLY_LATE,
        Trouble.HANG,
    }
)
EVENT = frozenset({Trouble.EVENT_TWICE, Trouble.EVENT_LATE, Trouble.EVENT_HELD, Trouble.EVENT_LOST})
SHARE = frozenset({Trouble.SHARE_LATE, Trouble.SHARE_NEVER})


@dataclass(slots=True)
class Fault:
    """One rule. `on` is a Web API method or an event type, "" for every one."""

    trouble: Trouble
    on: str = ""
    times: int | None = 1
    """How often it may still strike; None: always."""
    probability: float = 1.0
    seconds: float = 1.0
    error: str = "internal_error"
    hits: int = 0


class Faults:
    """The rules in force; the first that applies strikes."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)  # noqa: S311  repeatable, nothing secret
        self.rules: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Put a rule in force."""
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Behave again."""
        self.rules.clear()

    def seed(self, seed: int) -> None:
        """Start the chances anew."""
        self._random.seed(seed)

    def strike(self, among: frozenset[Trouble], on: str) -> Fault | None:
        """The rule that strikes here and now, counted; None: all goes well."""
        if not self.rules:
            return None
        for fault in self.rules:
            if fault.trouble not in among or fault.on not in {"", on}:
                continue
            if fault.probability < 1.0 and self._random.random() >= fault.probability:
                continue
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.rules.remove(fault)
            return fault
        return None
