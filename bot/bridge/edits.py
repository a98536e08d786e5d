"""Edits: the same message in the other rooms, with its new words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import copies, links
from bot.bridge.copies import Copy, Parts
from bot.bridge.parts import FIRST_FILE, Said, files_of, texts_of
from bot.bridge.pings import quiet
from bot.bridge.places import Scene
from bot.bridge.posts import Decided, Links, copy, edited_mark
from bot.events import Delete, Edit, MessageEdited, Outgoing, Post, RoomId, Share
from bot.richtext import Block, RichText
from bot.store.tables import Knowledge

_Change = tuple[int, Post | Edit | Share | Delete]


def is_newer(row: Row[Any], event: MessageEdited) -> bool:
    """Only the author's own edits count, each newer than the last, of what is not deleted."""
    return bool(
        row.deleted is None
        and row.author == event.author.person
        and (row.version is None or event.version > row.version)
    )


def revise(session: Session, row: Row[Any], event: MessageEdited, scene: Scene) -> Decided:
    """What an edit of a message that was relayed changes in each room; nothing where nothing."""
    if not is_newer(row, event):
        return Decided()
    links.change(session, row.id, version=event.version)
    said = _said(event, scene, marked=row.known == Knowledge.EDITED)
    thread = None
    if row.thread is not None:
        thread = links.origin(session, event.room, row.thread)
    linked = Links(row.id, thread)
    decided = Decided()
    standing = copies.standing(session, row.id)
    for room in scene.channel.others(event.room):
        if room in standing:
            files = None if event.files is None else files_of(said, room, scene)
            _revise_in(room, said, files, standing[room], linked, scene, decided)
    return decided


def stand_in(session: Session, event: MessageEdited, scene: Scene, now: datetime) -> Decided:
    """An edit of a message that nobody has told us of: a new message that says that it is edited.

    It stands in for the message until that comes, if it ever does: a network may give them in
    the wrong order, and of what is older than our links there is no telling.
    """
    number = links.stand_in(session, event, scene.channel.name, now)
    if number is None:
        row = links.said_here(session, event.room, event.message)
        if row is None or row.deleted is not None or row.known != Knowledge.NAMED:
            return Decided()
        number = int(row.id)
        links.change(
            session, number, known=Knowledge.EDITED, author=event.author.person, said=event.said,
            version=event.version,
        )  # fmt: skip
    return copy(_said(event, scene, marked=True), Links(number), scene)


def _said(event: MessageEdited, scene: Scene, *, marked: bool) -> Said:
    body = event.body if scene.channel.mass_mentions else quiet(event.body)
    if marked:
        body = RichText((edited_mark(scene.words), *body.blocks))
    return Said(event.room, event.author, body, event.manner, event.files or ())


def _revise_in(
    room: RoomId,
    said: Said,
    files: Sequence[Share | Post] | None,
    parts: Parts,
    linked: Links,
    scene: Scene,
    decided: Decided,
) -> None:
    head = _head(parts)
    if head is not None and said.body.blocks:
        said = replace(said, body=RichText((head, *said.body.blocks)), headed=True)
    texts = texts_of(said, room, scene)
    if texts is None:
        decided.too_long.append(room)
        return
    changes = list(_texts_changed(parts, texts))
    if files is not None:
        changes += _files_changed(parts, files)
    decided.outgoing += [_outgoing(room, part, content, linked) for part, content in changes]


def _head(parts: Parts) -> Block | None:
    """The block with which the first part says what it answers, where it has one."""
    content = parts[0].content if 0 in parts else None
    return content.body.blocks[0] if isinstance(content, Post | Edit) and content.headed else None


def _texts_changed(parts: Parts, texts: dict[int, Post]) -> Iterator[_Change]:
    for part, post in texts.items():
        held = parts.get(part)
        if held is None:
            yield part, post
        elif not held.gone and not _says(held, post):
            yield part, Edit(post.body, post.author, manner=post.manner, headed=post.headed)
    for part, held in parts.items():
        if part < FIRST_FILE and part not in texts and not held.gone:
            yield part, Delete()


def _files_changed(parts: Parts, files: Sequence[Share | Post]) -> Iterator[_Change]:
    """Files that went and files that came; nothing where what stands there is not known."""
    held = {part: copied for part, copied in parts.items() if part >= FIRST_FILE}
    if any(copied.content is None for copied in held.values()):
        return
    wanted = [_key(content) for content in files]
    for part, copied in held.items():
        if copied.content is not None and _key(copied.content) not in wanted and not copied.gone:
            yield part, Delete()
    there = {_key(copied.content) for copied in held.values() if copied.content is not None}
    new = [content for content in files if _key(content) not in there]
    yield from enumerate(new, max(held, default=FIRST_FILE - 1) + 1)


def _key(content: Post | Edit | Share) -> object:
    return content.file.handle if isinstance(content, Share) else content.body


def _says(held: Copy, post: Post) -> bool:
    content = held.content
    return (
        isinstance(content, Post | Edit)
        and content.body == post.body
        and content.manner == post.manner
    )


def _outgoing(
    room: RoomId, part: int, content: Post | Edit | Share | Delete, linked: Links
) -> Outgoing:
    """A part that was not there before answers the first one where it is in no thread."""
    if isinstance(content, Edit | Delete):
        return Outgoing(room, content, part=part, about=linked.number)
    follows = linked.number if linked.thread is None and isinstance(content, Post) else None
    return Outgoing(
        room, content, source=linked.number, thread=linked.thread, part=part, about=follows
    )
