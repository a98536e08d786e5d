"""Lists that Slack gives in pages, read to their end or not at all."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from bot.errors import OutcomeUnknown
from bot.platforms.slack.past import Call


async def pages(
    call: Call, method: str, named: str, size: int, cursor: str | None = None, **asked: Any
) -> AsyncGenerator[tuple[list[Any], str | None], None]:
    """Each page's items, which stand under `named`, and the cursor of the next page, None at the
    end. Raises `PlatformError`, also where an answer is no such page.
    """
    while True:
        answer = await call(method, {**asked, "limit": size, "cursor": cursor})
        found = answer.get(named)
        if not isinstance(found, list):
            raise OutcomeUnknown("unreadable")
        match answer.get("response_metadata"):
            case {"next_cursor": str(after)} if after:
                cursor = after
            case _:
                cursor = None
        yield found, cursor
        if cursor is None:
            return
