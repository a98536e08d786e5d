"""Which kind each payload is: what is said and done in rooms by its form, all else through Bolt.

Bolt's way takes 0.1 ms a payload, and its import 0.2 s and 6 MB: it is imported, beside the loop,
when somebody first types a command, presses a button or fills in a form.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.platforms.slack.bolt import Bolt


class Dispatch:
    """Says of each payload which kind it is. Asked one at a time."""

    def __init__(self) -> None:
        self._bolt: Bolt | None = None

    async def kind_of(self, payload: dict[str, Any]) -> str | None:
        """The kind of listener that matched, None where none did or the payload is malformed."""
        if _is_event(payload):
            return "event"
        if self._bolt is None:
            self._bolt = await asyncio.to_thread(_load)
        return await self._bolt.kind_of(payload)


def _is_event(payload: dict[str, Any]) -> bool:
    """Whether it has the form by which Bolt knows an event, of which any has a listener."""
    match payload:
        case {"type": "event_callback", "event": {"type": str()}}:
            return True
        case _:
            return False


def _load() -> Bolt:
    from bot.platforms.slack.bolt import Bolt  # noqa: PLC0415  see above

    return Bolt()
