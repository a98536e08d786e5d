"""Relaying what is said: one message in, its parts for every other room of its channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import copies, delaying, denials, links, quoting, reactions, recording, taking
from bot.bridge.denials import Denial
from bot.bridge.labelling import unlabelled
from bot.bridge.mentions import others_of
from bot.bridge.parts import FIRST_FILE, Said, carried
from bot.bridge.pings import quiet
from bot.bridge.places import Scene
from bot.custody.effective import Effective
from bot.custody.gatekeeper import Judged, Own
from bot.events import (
    Delete,
    Edit,
    MessageEdited,
    MessageId,
    MessagePosted,
    Outgoing,
    Post,
    RoomId,
)
from bot.richtext import Paragraph, Quote, RichText, Text
from bot.sharing.gate import Denied
from bot.store.tables import Knowledge
from bot.words import Words


@dataclass(slots=True)
class Decided:
    """What is to leave, and where it may not."""

    outgoing: list[Outgoing] = field(default_factory=list)
    denied: Mapping[RoomId, Denied] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Links:
    """The rows of a message, of its thread's root, and of what it answers."""

    number: int
    thread: int | None = None
    answers: int | None = None
    new: tuple[RoomId, MessageId] | None = None
    """Where it stands, if nobody knew it before."""


def relay(session: Session, event: MessagePosted, scene: Scene, now: datetime) -> Decided:
    """Copies of a message for the other rooms, in their order, in the thread it belongs to."""
    own, above = own_of(event, scene), above_of(session, event, scene, now)
    shown = quoting.numbers(session, event.quotes, scene.custody.doors, now)
    effective = scene.custody.effective(session, own.marked, *above, *shown)
    judged = scene.custody.judge(effective, scene.channel.others(event.room))
    marked = {**own.columns(), **hangs_on(above), "withheld": judged.withheld}
    number = links.remember(session, event, scene.channel.name, now, marked)
    if number is None:
        return _relay_late(session, event, scene, now)
    quoting.note(session, number, shown)
    linked = Links(number, *above, new=(event.room, event.message))
    recording.judged(session, number, own.digest, event.author.person, judged, now)
    decided = copied(session, event, linked, judged, scene)
    decided.outgoing = delaying.held_back(event, number, decided.outgoing, scene, now)
    decided.outgoing += denied(event, number, own, judged, scene)
    return decided


def _relay_late(session: Session, event: MessagePosted, scene: Scene, now: datetime) -> Decided:
    """Copies of a message that something else has told us of before."""
    row = links.said_here(session, event.room, event.message)
    if row is None or row.deleted is not None or row.known == Knowledge.SAID:
        return Decided()
    own, above = own_of(event, scene), above_of(session, event, scene, now)
    columns = own.columns()
    taken: list[Outgoing] = []
    if row.known == Knowledge.EDITED:
        event = _newest(session, event, row)
        copies.cancel(session, row.id, now)
        taken = take_back(session, row.id)
    if row.known != Knowledge.NAMED:  # an edit does not lower, nor does what came before it
        columns = scene.custody.higher(row, own)
    rooms, version = scene.channel.others(event.room), event.version or None
    if row.known == Knowledge.TOLD:
        there = copies.standing(session, row.id)
        rooms = [room for room in rooms if room not in there]
        version = row.version  # an edit since then is still to come, for those that were told
    links.change(
        session, row.id, known=Knowledge.SAID, author=event.author.person, said=event.said,
        thread=event.thread, version=version, **columns, **hangs_on(above),
    )  # fmt: skip
    shown = quoting.numbers(session, event.quotes, scene.custody.doors, now)
    quoting.note(session, row.id, shown)
    judged = scene.custody.judge(scene.custody.markings.effective_of(session, row.id), rooms)
    taking.withhold(session, row.id, judged)
    recording.judged(session, row.id, own.digest, event.author.person, judged, now)
    decided = copied(session, event, Links(row.id, *above), judged, scene)
    decided.outgoing[:0] = taken
    decided.outgoing += reactions.again(session, row.id, event.room, scene)
    decided.outgoing += denied(event, row.id, own, judged, scene)
    # What was said below it was judged before anybody knew what it says.
    decided.outgoing += taking.what_hangs_on(session, row.id, scene.custody, scene.words, now)
    return decided


def own_of(event: MessagePosted, scene: Scene) -> Own:
    """What a message says of its marking."""
    name = scene.channel.name
    return scene.custody.own(name, event.author, event.body, event.files, event.said)


def hangs_on(above: tuple[int | None, int | None]) -> dict[str, object]:
    """The columns that say what marks a message beside itself."""
    return {"root": above[0], "answers": above[1]}


def copied(
    session: Session, event: MessagePosted, linked: Links, judged: Judged, scene: Scene
) -> Decided:
    """Copies of a message for the rooms that it may enter."""
    decided = Decided(denied=judged.denied)
    if judged.may:
        said = said_by(session, event, scene, linked, judged.effective)
        decided.outgoing += copy(said, linked, scene, judged.may)
    return decided


def denied(
    event: MessagePosted, number: int, own: Own, judged: Judged, scene: Scene
) -> list[Outgoing]:
    """What its author hears where it may not go everywhere. Programs hear nothing."""
    if event.author.bot:
        return []
    label, words = judged.effective.marking.label, scene.words
    if not judged.denied:
        return [] if own.floor is None else [spoken(event, number, own, scene)]
    doubt = own.written.doubt
    advice = denials.advice(
        words,
        floor=own.floor,
        doubtful=None if doubt is None else doubt.nearest,
        inherits=judged.effective.marking != own.marked.marking,
    )
    denial = Denial(
        number, event.room, event.author.person, label, judged.denied, judged.may, advice,
        event.thread,
    )  # fmt: skip
    return [denials.tell(denial, scene.custody.markings.directory, words)]


def spoken(event: MessagePosted | MessageEdited, number: int, own: Own, scene: Scene) -> Outgoing:
    """What its author hears of a message that counts as marked only since it speaks of a label."""
    assert own.floor is not None
    thread = event.thread if isinstance(event, MessagePosted) else None
    return denials.unmark(
        event.room, event.author.person, number, own.floor, own.marked.marking.label, scene.words,
        thread,
    )  # fmt: skip


def said_by(
    session: Session, event: MessagePosted, scene: Scene, linked: Links, effective: Effective
) -> Said:
    """What a message says to the other rooms."""
    body = event.body if scene.channel.mass_mentions else quiet(event.body)
    headed = linked.thread is not None or linked.answers is not None
    if headed and body.blocks:
        body = RichText((_head(scene.words), *body.blocks))
    author, others = scene.introduced(session, event.author), others_of(session, body)
    body = scene.veiled(event.author, body, others)
    return Said(
        event.room, author, body, event.manner, event.files, event.broadcast, headed, others,
        scene.shown(effective),
    )  # fmt: skip


def copy(said: Said, linked: Links, scene: Scene, rooms: Sequence[RoomId]) -> list[Outgoing]:
    """The parts of a message for these rooms."""
    return [
        Outgoing(
            room,
            content,
            source=linked.number,
            new=linked.new,
            thread=linked.thread,
            part=part,
            about=linked.answers if part == 0 else None,
        )
        for room in rooms
        for part, content in carried(said, room, scene).parts()
    ]


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


def above_of(
    session: Session, event: MessagePosted, scene: Scene, now: datetime
) -> tuple[int | None, int | None]:
    """The rows of the root of a message's thread, and of what it answers."""
    channel = scene.channel.name
    thread = answers = None
    if event.thread is not None and event.thread != event.message:
        thread = links.name(session, event.room, event.thread, channel, now)
    if event.reply_to is not None and event.reply_to != event.message:
        answers = links.name(session, event.room, event.reply_to, channel, now)
    return thread, answers


def _newest(session: Session, event: MessagePosted, row: Row[Any]) -> MessagePosted:
    """The message with the words of its newest edit, which stand in the stand-in's copies."""
    if row.author != event.author.person or row.version <= event.version:
        return event
    rooms = [list(parts.items()) for parts in copies.standing(session, row.id).values()]
    for parts in sorted(rooms, key=len):
        held = [copied.content for part, copied in sorted(parts) if part < FIRST_FILE]
        bodies = [_own_words(content) for content in held if isinstance(content, Post | Edit)]
        if bodies and len(bodies) == len(held):
            blocks = tuple(block for body in bodies for block in body.blocks)
            return replace(event, body=RichText(blocks[1:]), version=row.version)
    return event


def _own_words(content: Post | Edit) -> RichText:
    return unlabelled(content.body, headed=content.headed) if content.labelled else content.body
