"""The parts of the bot that can be others in a play: for tests of what the model notices.

Every part is given where the bot is joined, as `bot.app` gives the real ones; nothing is patched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.custody.frozen import Frozen
from bot.custody.gatekeeper import Gatekeeper
from bot.delivery.admission import Admission
from bot.events import MessagePosted
from commands.registry import Registry
from tests.model.oracle import Alliance


def _unchanged(registry: Registry) -> Registry:
    return registry


def _as_it_was_said(event: MessagePosted) -> MessagePosted:
    return event


def _as_it_is(alliance: Alliance) -> Alliance:
    return alliance


@dataclass(frozen=True, slots=True)
class Parts:
    """What the bot is made of; as it stands here, of the real parts alone."""

    keeper: type[Gatekeeper] = Gatekeeper
    admission: type[Admission] = Admission
    frozen: type[Frozen] = Frozen
    registry: Callable[[Registry], Registry] = _unchanged
    alliance: Callable[[Alliance], Alliance] = _as_it_is
    """What the bot is told of the alliance;"""
    heard: Callable[[MessagePosted], MessagePosted] = _as_it_was_said
    """what of a message reaches it;"""
    veiled: frozenset[str] = field(default=frozenset({"inner-room"}))
    """and which channels follow the Chatham House Rule."""


REAL = Parts()
