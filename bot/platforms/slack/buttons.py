"""Controls as rows of buttons, and a pressed button as the command that it stands for: pure.

https://docs.slack.dev/reference/block-kit/block-elements/button-element and
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.events import (
    Author,
    CommandTyped,
    Control,
    DeliveryId,
    Event,
    Ignored,
    Look,
    MessageId,
    Unreadable,
    person_id,
    room_id,
)
from bot.platforms.slack import markup
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.people import ID
from bot.platforms.slack.slash import handle

LONGEST_VALUE = 2_000
LONGEST_LABEL = 75
MOST = 25
"""Buttons on one message: more than a row holds nobody looks through."""
_IN_A_ROW = 5
_OURS = re.compile(r"press-(\d{1,2})-(d[A-Za-z0-9]{26})")
"""The `block_id` of a row: a private answer's press brings back no message that would name it."""
_MOMENT = re.compile(r"\d{10}\.\d{1,6}")


def rows(controls: Sequence[Control], made: str | None) -> list[dict[str, Any]]:
    """The blocks of a message's controls, whose delivery is `made`. A call that is too long for a
    button has none: its typed form stays.
    """
    usable = [each for each in controls if len(each.call) <= LONGEST_VALUE][:MOST]
    if made is None:
        return []
    return [
        {
            "type": "actions",
            "block_id": f"press-{start // _IN_A_ROW}-{made}",
            "elements": [
                _button(each, start + place)
                for place, each in enumerate(usable[start : start + _IN_A_ROW])
            ],
        }
        for start in range(0, len(usable), _IN_A_ROW)
    ]


def _button(control: Control, number: int) -> dict[str, Any]:
    label = markup.storable(control.label)[:LONGEST_LABEL] or control.emoji
    button = {
        "type": "button",
        "action_id": f"press-{number}",
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "value": control.call,
    }
    return button if control.look is Look.PLAIN else button | {"style": control.look.value}


def pressed(payload: Mapping[str, Any], us: Ourselves, lookups: Lookups, now: datetime) -> Event:
    """The event that a press means: as if what the button stands for was typed there, by whoever
    pressed it. What is no button of ours is nothing to us.
    """
    match payload:
        case {
            "user": {"id": str(user)},
            "channel": {"id": str(room)},
            "container": {"message_ts": str(ts)},
            "actions": [
                {
                    "type": "button", "block_id": str(block), "action_id": str(action),
                    "value": str(call), "action_ts": str(moment),
                },
                *_,
            ],
        }:  # fmt: skip
            ours = _OURS.fullmatch(block)
        case {"actions": [{"type": str(kind)}, *_]} if kind != "button":
            return Ignored("block_actions.other")
        case _:
            return Unreadable("block_actions")
    if ours is None or not action.startswith("press-"):
        return Ignored("block_actions.other")
    if not (ID.fullmatch(room) and ID.fullmatch(user) and _MOMENT.fullmatch(ts)):
        return Unreadable("block_actions")
    if not call.strip() or len(call) > LONGEST_VALUE or len(action) + len(moment) > 100:
        return Unreadable("block_actions.value")
    return CommandTyped(
        room=room_id(us.account, room),
        call=f"{ts} {user} {action} {moment}",
        author=author_of(payload, us, lookups),
        text=markup.storable(call),
        said=now,
        reply=handle(payload.get("response_url"), now),
        direct=room.startswith("D"),
        answers=MessageId(ts),
        thread=thread_of(payload),
        pressed=DeliveryId(ours[2]),
        opens=_opens(payload.get("trigger_id")),
    )


def _opens(trigger: object) -> str | None:
    """The handle by which a form can be shown to who pressed."""
    return trigger if isinstance(trigger, str) and 0 < len(trigger) <= 255 else None


def author_of(payload: Mapping[str, Any], us: Ourselves, lookups: Lookups) -> Author:
    """Who did it; the payload names a user whose id was looked at."""
    user = payload["user"]
    shown = user.get("name")
    fallback = markup.storable(shown) if isinstance(shown, str) and shown.strip() else user["id"]
    return Author(
        person_id(us.account, user["id"]),
        lookups.people(user["id"]) or fallback,
        standing=lookups.standing(user["id"]),
    )


def thread_of(payload: Mapping[str, Any]) -> MessageId | None:
    """The thread in which the message stands that it was done to."""
    for name in ("container", "message"):
        match payload.get(name):
            case {"thread_ts": str(root)} if _MOMENT.fullmatch(root):
                return MessageId(root)
    return None
