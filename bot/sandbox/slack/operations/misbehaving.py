"""What goes wrong on request."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.faults import Fault, Trouble
from bot.sandbox.slack.operations.base import Operations
from bot.sandbox.slack.sockets import Envelope


class Misbehaving(Operations):
    """Faults, sockets that end or fall silent, and payloads of any kind."""

    def fault(
        self,
        trouble: Trouble | str,
        on: str = "",
        *,
        times: int | None = 1,
        probability: float = 1.0,
        seconds: float = 1.0,
        error: str = "internal_error",
    ) -> Fault:
        """Put a rule in force: see `faults.Trouble`. `times` None: until cleared.

        `on` is a method, an event type or `response_url` (cut, broken and refuse only).
        """
        rule = Fault(Trouble(trouble), on, times, probability, seconds, error)
        return self.stage.faults.add(rule)

    def clear_faults(self) -> None:
        """Behave again; sockets that are deaf stay so."""
        self.stage.faults.clear()

    def seed(self, seed: int) -> None:
        """Make the chances of faults, and of the sockets, repeatable."""
        self.stage.faults.seed(seed)
        self._board.seed(seed)

    def drop_sockets(self, most: int | None = None) -> int:
        """Cut the oldest `most` sockets, or all, without a word; returns how many."""
        return self._board.drop(most)

    def refuse_sockets(self, *, refuse: bool = True) -> None:
        """Let no new socket in, or let them in again."""
        self._board.refusing = refuse

    def deafen(self, most: int | None = None, *, pongs: bool = True) -> int:
        """The oldest `most` sockets, or all, stay open and say nothing; `pongs`: they still answer
        pings.
        """
        return self._board.silence(pongs=pongs, most=most)

    def lag(self, most: float) -> None:
        """The present sockets are each up to `most` seconds late with every frame."""
        self._board.lag(most)

    def warn(self, after: float = 10.0) -> None:
        """Slack's `disconnect` warning; the sockets end `after` seconds."""
        self._board.warn(after)

    def inject(self, payload: Any, kind: str = "events_api") -> str:
        """Send any payload in an envelope; returns the envelope's id."""
        envelope = Envelope(self.world.new_id("e"), kind, payload)
        return self._board.send(envelope).id

    def inject_raw(self, frame: str) -> None:
        """Send any text as a frame."""
        self._board.raw(frame)
