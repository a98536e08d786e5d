"""A message of history as its room shows it now: pure.

https://docs.slack.dev/reference/methods/conversations.history
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.events import Author, Displayed, DisplayedReaction, MessageEdited, MessageId, RoomId
from bot.platforms.slack import changes, happenings
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.said import person, version_of


def displayed(
    message: Mapping[str, Any], room: RoomId, us: Ourselves, lookups: Lookups
) -> Displayed:
    """What stands there. Of our own messages people's reactions alone count."""
    version = "" if us.said(message) else version_of(message)
    edit = changes.edited(message, room, us, lookups, version) if version else None
    return Displayed(
        MessageId(str(message.get("ts"))),
        tuple(_reactions(message, us, lookups)),
        edit if isinstance(edit, MessageEdited) else None,
        message.get("subtype") == "tombstone",
    )


def _reactions(
    message: Mapping[str, Any], us: Ourselves, lookups: Lookups
) -> Iterator[DisplayedReaction]:
    """Slack names not everybody where there are very many; the count is always right."""
    found = message.get("reactions")
    for reaction in found if isinstance(found, list) else []:
        match reaction:
            case {"name": name, "users": list(users), **rest}:
                emoji = happenings.shown_emoji(name)
                if emoji is not None:
                    by = [person(user, us, lookups) for user in users if user != us.user]
                    count = rest.get("count")
                    complete = not isinstance(count, int) or count <= len(users)
                    yield DisplayedReaction(emoji, _people(by), complete)


def _people(found: list[Author | None]) -> tuple[Author, ...]:
    return tuple(author for author in found if author is not None)
