"""Slash-commands as events: pure.

https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.events import Author, CommandTyped, Event, Unreadable, person_id, room_id
from bot.platforms.slack import markup
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.people import ID, LONGEST


def command(payload: Mapping[str, Any], us: Ourselves, lookups: Lookups, now: datetime) -> Event:
    """The event that a slash-command means; `now`, as Slack gives it no time."""
    room, user, call = (payload.get(key) for key in ("channel_id", "user_id", "trigger_id"))
    name, text = payload.get("command"), payload.get("text", "")
    if not (isinstance(room, str) and isinstance(user, str) and isinstance(call, str)):
        return Unreadable("command")
    if not (isinstance(name, str) and isinstance(text, str) and call):
        return Unreadable("command")
    if not (ID.fullmatch(room) and ID.fullmatch(user)):
        return Unreadable("command")
    if len(text) > LONGEST:
        return Unreadable("command.text")
    shown = payload.get("user_name")
    fallback = markup.storable(shown) if isinstance(shown, str) and shown.strip() else user
    return CommandTyped(
        room=room_id(us.account, room),
        call=call,
        author=Author(
            person_id(us.account, user),
            lookups.people(user) or fallback,
            standing=lookups.standing(user),
        ),
        text=_line(name, text, us, lookups),
        said=now,
        reply=handle(payload.get("response_url"), now),
        opens=call,
    )


def _line(name: str, text: str, us: Ourselves, lookups: Lookups) -> str:
    arguments = markup.typed(text, us.account, lookups).strip()
    name = markup.storable(name).removeprefix("/").removeprefix(us.prefix)
    return f"{name} {arguments}".strip() if name != "liaison" else arguments or "help"


def handle(response_url: object, now: datetime) -> str | None:
    """The response address with the time at which it was given, in its fragment (which is never
    sent): it can be used for 30 minutes (interactivity/handling-user-interaction).
    """
    if isinstance(response_url, str) and response_url.startswith(("https://", "http://")):
        return f"{response_url.partition('#')[0]}#{int(now.timestamp())}"
    return None
