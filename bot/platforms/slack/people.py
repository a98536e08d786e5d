"""Whom a payload is about and what they are called: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.platforms.slack import markup

ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What is taken for an id of Slack's."""
LONGEST = 200_000
"""Characters of a text that is read at all; Slack itself cuts at 40,000."""


def people_in(payload: object) -> tuple[str, ...]:
    """The user ids whose names reading a payload or message will ask for."""
    message: object = payload
    if isinstance(payload, Mapping) and payload.get("type") == "event_callback":
        message = payload.get("event")
    if not isinstance(message, Mapping):
        return ()
    text = message.get("text")
    found = list(markup.mentioned(text)) if isinstance(text, str) and len(text) <= LONGEST else []
    author = message.get("user", message.get("user_id"))
    if isinstance(author, str) and not message.get("username"):
        found.insert(0, author)
    return tuple(dict.fromkeys(user for user in found if ID.fullmatch(user)))


def renamed(payload: object) -> tuple[str, str] | None:
    """Whose name a `user_change` event changes, and to what."""
    match payload:
        case {"event": {"type": "user_change", "user": {"id": str(user), **rest}}}:
            name = shown_name(rest)
            return (user, name) if name else None
        case _:
            return None


def shown_name(user: Mapping[Any, Any]) -> str | None:
    """What Slack shows of a user object: display name, else real name, else user name."""
    profile = user.get("profile", user.get("user_profile", {}))
    places: list[Mapping[Any, Any]] = [profile, user] if isinstance(profile, Mapping) else [user]
    for key in ("display_name", "real_name", "name"):
        for place in places:
            name = place.get(key)
            if isinstance(name, str) and name.strip():
                return markup.storable(name.strip())
    return None
