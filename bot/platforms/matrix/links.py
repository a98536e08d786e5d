"""Matrix's links to messages."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from bot.events import MessageId
from bot.platforms.base import MessageLink

_LINK = re.compile(
    r"<?(?:https?://matrix\.to/#/[^/?\s]+/|matrix:(?:r|roomid)/[^/?\s]+/e(?:vent)?/)"
    r"([^/?\s>]+)(?:\?[^\s>]*)?>?",
    re.IGNORECASE,
)
_LONGEST_ID = 255


def permalink(room: str, message: MessageId, server: str) -> str:
    """A `matrix.to` link to an event. `server`: one that is in the room, for those who are not."""
    where = f"{quote(room, safe='!:')}/{quote(message, safe='$')}"
    return f"https://matrix.to/#/{where}?via={quote(server, safe=':')}"


def read_link(text: str) -> MessageLink | None:
    """A `matrix.to` or `matrix:` link to an event, as in the specification's appendix "URIs":
    `https://matrix.to/#/!room:server/$event?via=…`, `matrix:roomid/room:server/e/event`.

    The room, which has several names, is left out: an event's id is the only one of its kind.
    """
    found = _LINK.fullmatch(text)
    if found is None:
        return None
    event = "$" + unquote(found[1]).removeprefix("$")
    return MessageLink(MessageId(event)) if 1 < len(event) <= _LONGEST_ID else None


def room_link(room: str) -> str:
    """A `matrix.to` link to a room, by its id or alias."""
    return f"https://matrix.to/#/{quote(room, safe='!#:.')}".replace("/#/#", "/#/%23")
