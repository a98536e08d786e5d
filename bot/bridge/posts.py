"""Relaying what is said: one message in, its parts for every other room of its channel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import copies, links, reactions
from bot.bridge.parts import FIRST_FILE, Said, files_of, texts_of
from bot.bridge.pings import quiet
from bot.bridge.places import Scene
from bot.events import Delete, Edit, MessagePosted, Outgoing, Post, RoomId
from bot.richtext import Paragraph, Quote, RichText, Text
from bot.store.tables import Knowledge
from bot.words import Words


@dataclass(slots=True)
class Decided:
    """What is to leave, and the rooms that cannot hold what was said."""

    outgoing: list[Outgoing] = field(default_factory=list)
    too_long: list[RoomId] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Links:
    """The rows of a message, of its thread's root, and of what it answers."""

    number: int
    thread: int | None = None
    answers: int | None = None


def relay(session: Session, event: MessagePosted, scene: Scene, now: datetime) -> Decided:
    """Copies of a message for the other rooms, in their order, in the thread it belongs to."""
    number = links.remember(session, event, scene.channel.name, now)
    if number is None:
        return _relay_late(session, event, scene, now)
    linked = _linked(session, event, number, scene, now)
    return copy(said_by(event, scene, linked), linked, scene)


def _relay_late(session: Session, event: MessagePosted, scene: Scene, now: datetime) -> Decided:
    """Copies of a message that something else has told us of before."""
    row = links.said_here(session, event.room, event.message)
    if row is None or row.deleted is not None or row.known == Knowledge.SAID:
        return Decided()
    taken: list[Outgoing] = []
    if row.known == Knowledge.EDITED:
        event = _newest(session, event, row)
        copies.cancel(session, row.id, now)
        taken = take_back(session, row.id)
    links.change(
        session, row.id, known=Knowledge.SAID, author=event.author.person, said=event.said,
        thread=event.thread, version=event.version or None,
    )  # fmt: skip
    linked = _linked(session, event, row.id, scene, now)
    decided = copy(said_by(event, scene, linked), linked, scene)
    decided.outgoing[:0] = taken
    decided.outgoing += reactions.again(session, row.id, event.room, scene)
    return decided


def said_by(event: MessagePosted, scene: Scene, linked: Links) -> Said:
    """What a message says to the other rooms."""
    body = event.body if scene.channel.mass_mentions else quiet(event.body)
    headed = linked.thread is not None or linked.answers is not None
    if headed and body.blocks:
        body = RichText((_head(scene.words), *body.blocks))
    return Said(event.room, event.author, body, event.manner, event.files, event.broadcast, headed)


def copy(said: Said, linked: Links, scene: Scene) -> Decided:
    """The parts of a message for every other room of its channel."""
    decided = Decided()
    for room in scene.channel.others(said.room):
        texts = texts_of(said, room, scene)
        if texts is None:
            decided.too_long.append(room)
        for part, post in (texts or {}).items():
            about = linked.answers if part == 0 else None
            decided.outgoing.append(
                Outgoing(
                    room, post, source=linked.number, thread=linked.thread, part=part, about=about
                )
            )
        for part, content in enumerate(files_of(said, room, scene), FIRST_FILE):
            decided.outgoing.append(
                Outgoing(room, content, source=linked.number, thread=linked.thread, part=part)
            )
    return decided


def take_back(session: Session, number: int) -> list[Outgoing]:
    """Deletions of all that stands of a message anywhere."""
    return [
        Outgoing(room, Delete(), part=part, about=number)
        for room, parts in copies.standing(session, number).items()
        for part, held in parts.items()
        if not held.gone
    ]


def edited_mark(words: Words) -> Paragraph:
    """What stands above an edited message whose first words nobody has told us of."""
    return Paragraph((Text(words("(edited)")),))


def _head(words: Words) -> Quote:
    """What stands above an answer where that which it answers is not in the room."""
    return Quote((Paragraph((Text(words("In answer to a message that is not here.")),)),))


def _linked(
    session: Session, event: MessagePosted, number: int, scene: Scene, now: datetime
) -> Links:
    channel = scene.channel.name
    thread = answers = None
    if event.thread is not None and event.thread != event.message:
        thread = links.name(session, event.room, event.thread, channel, now)
    if event.reply_to is not None and event.reply_to != event.message:
        answers = links.name(session, event.room, event.reply_to, channel, now)
    return Links(number, thread, answers)


def _newest(session: Session, event: MessagePosted, row: Row[Any]) -> MessagePosted:
    """The message with the words of its newest edit, which stand in the stand-in's copies."""
    if row.author != event.author.person or row.version <= event.version:
        return event
    rooms = [list(parts.items()) for parts in copies.standing(session, row.id).values()]
    for parts in sorted(rooms, key=len):
        held = [copied.content for part, copied in sorted(parts) if part < FIRST_FILE]
        bodies = [content.body for content in held if isinstance(content, Post | Edit)]
        if bodies and len(bodies) == len(held):
            blocks = tuple(block for body in bodies for block in body.blocks)
            return replace(event, body=RichText(blocks[1:]), version=row.version)
    return event
