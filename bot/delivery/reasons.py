"""Why a delivery waits or was refused, in words: from its network's codes and our own."""

from __future__ import annotations

import re
from types import MappingProxyType

from bot.bridge.copies import TAKEN_BACK
from bot.bridge.delaying import DELAYED
from bot.bridge.denials import WHY
from bot.delivery.files import NEEDLESS
from bot.delivery.outbox import DENIED, NO_COPY, SAME, THROTTLED
from bot.events import RoomId
from bot.platforms.registry import networks
from bot.words import Words, message

_SERVER_ERROR = re.compile(r"http[ _]\d{3}", re.IGNORECASE)
_AFTER_UNKNOWN = "unknown; "
"""Before the reason why nobody can look any more (see `bot.delivery.lanes`)."""
_OURS = MappingProxyType(
    {
        NEEDLESS: message("something else has been said instead"),
        NO_COPY: message("the message that it is about is not there"),
        DELAYED: message("its author can still undo it"),
        TAKEN_BACK: message("it was taken back before it was sent"),
        SAME: message("it is another configured room: take one of them out"),
        THROTTLED: message("the network asked for a pause"),
        "dropped": message("an administrator gave it up"),
        "expired": message("it was too late for it"),
        "interrupted": message("I was interrupted while I sent it, and look whether it landed"),
        "its network is configured no more": message("the file's network is not configured"),
        "not connected": message("nothing is heard from it"),
        "retried": message("an administrator has put it back"),
        "unreachable": message("the network cannot be reached"),
        "unexpected": message("something went wrong on my side"),
        **{DENIED + reason: said for reason, said in WHY.items()},
    }
)
_SERVER_FAILED = message("the network's server failed")


def known(words: Words, room: RoomId, reason: str) -> str | None:
    """A reason in a clause, such as “the channel is archived”; None where nobody knows the code.

    `room` is where the delivery goes, so that its network knows what its code means.
    """
    reason = reason.removeprefix(_AFTER_UNKNOWN)
    network = networks().get(room.partition(":")[0])
    theirs = {} if network is None else network.reasons
    said = _OURS.get(reason) or theirs.get(reason)
    if said is None and _SERVER_ERROR.fullmatch(reason):
        said = _SERVER_FAILED
    return None if said is None else words(said)


def in_words(words: Words, room: RoomId, reason: str) -> str:
    """A reason in a clause; of a code that nobody knows the code."""
    return known(words, room, reason) or words("its network says [{code}]", code=reason)
