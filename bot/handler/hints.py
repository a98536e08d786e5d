"""What somebody is told of what they said and nobody asked: once, in private, and never instead of
it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.bridge.places import Scene
from bot.decisions import hinting
from bot.delivery import inbox
from bot.delivery.naming import lane_of
from bot.events import Answer, MessagePosted, Outgoing
from bot.richtext import say


def how_to_object(
    session: Session, event: MessagePosted, scene: Scene, now: datetime
) -> list[Outgoing]:
    """A word to who answers a proposal with plain words that object, once for each of both."""
    answered = [each for each in (event.reply_to, event.thread) if each is not None]
    if not answered or event.author.bot:
        return []
    author, directory = event.author, scene.custody.markings.directory
    team = directory.team_of(author.person, author.standing)
    if team is None:
        return []
    row = hinting.objected(session, event.room, answered, event.body, team)
    if row is None:
        return []
    once = f"{row.ref} {author.person}"
    if inbox.first_seen(session, event.room, "hint", once, now=now) is None:
        return []
    text, controls = hinting.hint(session, row, scene.words)
    answer = Answer(author.person, say(text), thread=event.thread, controls=controls, team=team.key)
    return [Outgoing(event.room, answer, lane_of(author.person))]
