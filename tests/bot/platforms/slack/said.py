"""Payloads of Slack's, and the events that they are read as, for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.events import AccountId, Event
from bot.platforms.slack import inbound
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups

US = Ourselves(AccountId("slack:alpha"), "UBOT", "BBOT", prefix="x")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = "1700000000.000100"
EDITED = "1700000050.000000"
LATER = "1700000060.000200"
LOOKUPS = Lookups(people={"U1": "Ada", "U2": "Ben"}.get)

Fields = dict[str, Any]


def read(event: Any) -> Event:
    """What an event of Slack's means."""
    return inbound.event_of({"type": "event_callback", "event": event}, US, LOOKUPS, NOW)


def message(**fields: Any) -> Fields:
    """A message as history shows it."""
    return {"type": "message", "user": "U1", "text": "hi", "ts": FIRST, **fields}


def changed(now: Fields, before: Fields | None = None, **fields: Any) -> Event:
    """What `message_changed` means, with these fields of the message now and before."""
    event: Fields = {
        "type": "message", "subtype": "message_changed", "channel": "C1", "ts": LATER,
        "hidden": True, "message": message(**now),
    }  # fmt: skip
    if before is not None:
        event["previous_message"] = message(**before)
    return read({**event, **fields})
