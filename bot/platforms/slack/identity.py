"""Who the bot is in its workspace, and which messages are its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import AccountId, DeliveryId

METADATA_TYPE = "liaison_delivery"
"""The `event_type` of the metadata that carries a delivery's id."""
_DELIVERY = re.compile(r"d[A-Za-z0-9]{26}")


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Who the bot is in its workspace, as `auth.test` says."""

    account: AccountId
    user: str
    bot: str
    prefix: str = ""
    """What stands before the names of our slash-commands."""
    workspace: str = ""
    """The workspace's own id."""
    address: str = ""
    """Where people open it: `https://NAME.slack.com/`."""

    def said(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is the bot's."""
        return (self.bot != "" and message.get("bot_id") == self.bot) or (
            message.get("user") == self.user
        )


def own_delivery(message: Mapping[str, Any], us: Ourselves) -> DeliveryId | None:
    """The delivery that made a message: `""` where it is ours (or another Liaison's) but names
    none, None for everybody else's.

    Only our own messages name a delivery: metadata can be written by every app.
    """
    ours = us.said(message)
    match message:
        case {"metadata": {"event_type": str(kind), "event_payload": {"id": str(found)}}} if (
            kind == METADATA_TYPE
        ):
            return DeliveryId(found if ours and _DELIVERY.fullmatch(found) else "")
        case {"blocks": [{"block_id": str(found)}, *_]} if ours and _DELIVERY.fullmatch(found):
            return DeliveryId(found)
        case _:
            return DeliveryId("") if ours else None
