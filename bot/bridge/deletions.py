"""Deletions: of a message everywhere, of a copy in its own room, of a reaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.bridge import copies, links, reactions, recognised
from bot.bridge.places import Scene
from bot.bridge.posts import take_back
from bot.events import MessageDeleted, Outgoing
from bot.store.tables import Knowledge


def follow(
    session: Session, event: MessageDeleted, scene: Scene, now: datetime
) -> list[Outgoing] | None:
    """What a deletion takes back in other rooms; None where nobody has told us of its object.

    A deletion has no content: it passes to every room that has a copy, wherever that may be.
    """
    row = links.said_here(session, event.room, event.message)
    if row is not None and row.known != Knowledge.NAMED:
        if row.deleted is not None:
            return []
        links.change(session, row.id, deleted=now)
        copies.cancel(session, row.id, now)
        recognised.erase(session, row.id)
        return take_back(session, row.id)
    shown = reactions.withdraw(session, event, scene)
    if shown is not None:
        return shown
    copy = links.copied_here(session, event.room, event.message)
    if copy is not None:
        copies.mark_gone(session, copy.seq, now)
        return []
    return [] if links.is_ours(session, event.room, event.message) else None


def foretell(session: Session, event: MessageDeleted, scene: Scene, now: datetime) -> None:
    """Remember that something is deleted that has not come yet: when it comes, it is nothing."""
    channel = scene.channel.name
    number = links.name(session, event.room, event.message, channel, now)
    links.change(session, number, deleted=now)
