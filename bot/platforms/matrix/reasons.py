"""What Matrix's codes, and ours for it, say to people.

The codes are the standard errors of the client-server API.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.words import message

_ACCOUNT = message("the bot's account is not accepted; its administrators must mend that")
_UNREACHABLE = message("the network cannot be reached")
_NO_ANSWER = message("the network did not answer")
_PAUSE = message("the network asked for a pause")
_NO_FILE = message("the file is gone")
_DAMAGED = message("the file cannot be decrypted")

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "M_FORBIDDEN": message("the bot is not in the room, or may not do that there"),
        "M_NOT_FOUND": message("there is no such room or message"),
        **dict.fromkeys(("M_TOO_LARGE", "too long"), message("it is too long")),
        "too large": message("the file is too large"),
        "no message": message("the message there is gone"),
        "M_UNSUPPORTED_ROOM_VERSION": message("the homeserver does not know rooms of that kind"),
        **dict.fromkeys(("no such file", "no files here"), _NO_FILE),
        **dict.fromkeys(("file damaged", "file without a key"), _DAMAGED),
        **dict.fromkeys(("M_LIMIT_EXCEEDED", "M_RESOURCE_LIMIT_EXCEEDED"), _PAUSE),
        **dict.fromkeys(("unreachable", "M_SERVER_NOT_TRUSTED", "closed"), _UNREACHABLE),
        **dict.fromkeys(
            ("no answer in time", "connection lost", "unreadable answer"), _NO_ANSWER
        ),
        "M_UNKNOWN": message("the network's server failed"),
        "not in the room": message("the bot is not in the room"),
        "may not speak": message("the bot may not speak in the room"),
        "the file of the keys cannot be used": message("the file of the bot's keys cannot be used"),
        "unknown encryption": message("the room is encrypted in a way that the bot does not know"),
        "the keys of the device are lost": message("the keys of the bot's device are lost"),
        "in doubt whether it is encrypted": _UNREACHABLE,
        "room moves": message("the room moves to another one, which the bot has not joined yet"),
        **dict.fromkeys(
            ("not signed in", "signed in again"), message("the bot is signing in")
        ),
        "direct room lost": message("the person's direct room is gone"),
        **dict.fromkeys(
            ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED",
             "M_USER_SUSPENDED", "another account's token"),
            _ACCOUNT,
        ),
    }
)  # fmt: skip
