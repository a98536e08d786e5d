"""A Bolt app that says of a payload which kind it is: one catch-all listener a kind.

Bolt acknowledges nothing here: its answer only tells what was matched (it answers 404 to what no
listener matches). The envelope is acknowledged by whoever has stored the event.
"""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.platforms.slack.web import SILENT

_ANYTHING = re.compile("")
_MATCHED = "liaison_matched"


class Bolt:
    """The app, one payload at a time."""

    def __init__(self) -> None:
        self._app = AsyncApp(
            name="liaison",
            logger=SILENT,
            authorize=_authorize,
            process_before_response=True,  # or events would count as answered before they are read
            ignoring_self_events_enabled=False,  # our own words show what has landed
            request_verification_enabled=False,  # a socket has no signatures
            url_verification_enabled=False,
            ssl_check_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        for kind in ("event", "command", "action", "shortcut", "view", "options"):
            register: Any = getattr(self._app, kind)
            register(_ANYTHING)(_listener(kind))

    async def kind_of(self, payload: dict[str, Any]) -> str | None:
        """The kind of listener that matched, None where none did or the payload is malformed."""
        try:
            request = AsyncBoltRequest(mode="socket_mode", body=payload)
        except (TypeError, AttributeError, LookupError, ValueError):
            return None  # its readers take a payload's form for granted
        await self._app.async_dispatch(request)
        kind = request.context.get(_MATCHED)
        return kind if isinstance(kind, str) else None


def _listener(kind: str) -> Any:
    async def matched(context: AsyncBoltContext) -> None:
        context[_MATCHED] = kind

    return matched


async def _authorize() -> AuthorizeResult:
    """Who we are was asked when the account was opened; nothing here needs a token."""
    return AuthorizeResult(enterprise_id=None, team_id=None)
