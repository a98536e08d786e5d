"""How a try to deliver something ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.events import (
    DeliveryId,
    MessageId,
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """It landed, with this id where the network gives one."""

    id: DeliveryId
    message: MessageId | None


@dataclass(frozen=True, slots=True)
class Postponed:
    """For certain not sent: again at `until`."""

    id: DeliveryId
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody can say; it holds its lane until it is known."""

    id: DeliveryId
    reason: str
    again: datetime
    """When the next look-up, or a repetition that does no harm, makes sense."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """Two complete look-ups found nothing: send it again."""

    id: DeliveryId


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refused for good."""

    id: DeliveryId
    reason: str


Settled = Delivered | Postponed | Unclear | NotFound | Refusal
