"""What a number in somebody's words stands for, to the readers of one room.

A domain brings a `Known` for what it numbers: it gives what that is and which message of the room
shows it, where all who read the room may have it and it stands there, and else nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.custody.gatekeeper import Gatekeeper
from bot.events import MessageId, RoomId
from bot.sharing.marking import Label


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What has the number. `title` None where it was erased; `message`: of the room, shows it."""

    label: Label
    title: str | None
    message: MessageId


Known = Callable[[Session, Gatekeeper, str, RoomId], Mentioned | None]
"""By its handle, what may be said of it in a room; None: nothing."""
