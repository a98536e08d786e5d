"""Relaying: one message in, one delivery for every other room of its channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.bridge import links
from bot.events import MessagePosted, Outgoing, Post, RoomId


def relay(
    session: Session, event: MessagePosted, channel: str, targets: Sequence[RoomId], now: datetime
) -> list[Outgoing]:
    """Copies of a message for `targets`, in their order, in the thread that it belongs to."""
    thread = None if event.thread is None else links.origin(session, event.room, event.thread)
    source = links.remember(session, event, channel, now)
    post = Post(event.body, event.author)
    return [Outgoing(room, post, source=source, thread=thread) for room in targets]
