"""What was said before, for one room that has not got it: as copies that say when it was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.bridge import copies, edits, links, posts, quoting, reactions
from bot.bridge.dated import dated
from bot.bridge.parts import Said
from bot.bridge.pings import quiet
from bot.bridge.places import Scene
from bot.events import MessageEdited, MessagePosted, Outgoing, Reacted, RoomId
from bot.richtext import Block, RichText
from bot.store.tables import Knowledge


def post(
    session: Session, event: MessagePosted, room: RoomId, scene: Scene, now: datetime
) -> list[Outgoing]:
    """Copies of a message for one room; nothing where it has it, or where it was deleted.

    It is written down as told, not as said: where it comes again as something new, the other rooms
    still get it.
    """
    row = links.said_here(session, event.room, event.message)
    if row is not None and row.deleted is not None:
        return []
    if row is None or row.known == Knowledge.NAMED:
        own, above = posts.own_of(event, scene), posts.above_of(session, event, scene, now)
        marked = {**own.columns(), **posts.hangs_on(above)}
        links.tell(session, event, scene.channel.name, now, marked)
        row = links.said_here(session, event.room, event.message)
        assert row is not None
        quoted = quoting.numbers(session, event.quotes, scene.custody.doors, now)
        quoting.note(session, row.id, quoted)
    assert row is not None
    if room in copies.standing(session, row.id):
        return []
    effective = scene.custody.markings.effective_of(session, row.id)
    if room in scene.custody.judge(effective, [room]).denied:
        return []
    linked = posts.Links(row.id, *posts.above_of(session, event, scene, now))
    when = dated(event.said.astimezone(UTC))
    said = below_its_head(posts.said_by(session, event, scene, linked, effective), when)
    shown = reactions.again(session, row.id, event.room, scene)
    return [
        *posts.copy(said, linked, scene, [room]),
        *(each for each in shown if each.room == room),
    ]


def edit(
    session: Session, event: MessageEdited, room: RoomId, scene: Scene, now: datetime
) -> Sequence[Outgoing]:
    """The words that a message got later, for a room that was told the first ones; where they are
    new to all, for all.
    """
    row = links.said_here(session, event.room, event.message)
    if row is None or row.deleted is not None or row.known == Knowledge.NAMED:
        return ()
    if edits.is_newer(row, event):
        return edits.revise(session, row, event, scene, now).outgoing
    return edits.repeat(session, row, event, scene, room, now)


def react(
    session: Session, event: Reacted, room: RoomId, scene: Scene, now: datetime
) -> Sequence[Outgoing]:
    """A reaction to a message that was told; where it is new to all, for all that have a copy."""
    row = links.said_here(session, event.room, event.message)
    if row is None or row.known == Knowledge.NAMED:
        return ()
    there = copies.standing(session, row.id).keys() | {event.room, room}
    found = reactions.react(session, event, scene, now)
    return [each for each in found if each.room in there]


def below_its_head(said: Said, line: Block) -> Said:
    """With a line of ours before its words, below what it answers; it calls nobody any more."""
    blocks = quiet(said.body).blocks
    at = 1 if said.headed and blocks else 0
    return replace(said, body=RichText((*blocks[:at], line, *blocks[at:])))
