"""What other words change of the copies of a message: texts and files, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.bridge.copies import Copy, Parts
from bot.bridge.filing import Filed
from bot.bridge.labelling import heads
from bot.bridge.mentions import mentioned
from bot.bridge.parts import FIRST_FILE, Carried, Said, carried, parts_at, place_of
from bot.bridge.places import Scene
from bot.bridge.posts import Links
from bot.events import Delete, Edit, Outgoing, PersonId, Post, RoomId, Share
from bot.richtext import Block, RichText

_Change = tuple[int, Post | Edit | Share | Delete]


def changes(
    room: RoomId, said: Said, parts: Parts, linked: Links, scene: Scene, *, files: bool
) -> list[Outgoing]:
    """What an edit changes of what stands in a room; `files`: it says which files there are."""
    changed = _changes(room, said, parts, scene, files=files)
    return [_outgoing(room, part, content, linked) for part, content in changed]


def _changes(
    room: RoomId, said: Said, parts: Parts, scene: Scene, *, files: bool
) -> Iterator[_Change]:
    first, headed = _heads(parts)
    if first and said.body.blocks:
        said = replace(said, body=RichText((*first, *said.body.blocks)), headed=headed)
    wanted = carried(said, room, scene)
    yield from _texts_changed(parts, wanted.texts)
    yield from _files_changed(parts, wanted, files=files)


def _heads(parts: Parts) -> tuple[Sequence[Block], bool]:
    """The blocks with which the first part says what it answers and when it was said, where it
    does, and whether it says the former.
    """
    content = parts[0].content if 0 in parts else None
    if not isinstance(content, Post | Edit):
        return (), False
    return content.body.blocks[: heads(content.body, headed=content.headed)], content.headed


def _texts_changed(parts: Parts, texts: dict[int, Post]) -> Iterator[_Change]:
    for part, post in texts.items():
        held = parts.get(part)
        if held is None:
            yield part, post
        elif not held.gone and not _says(held, post):
            yield part, Edit(
                post.body, post.author, manner=post.manner, headed=post.headed,
                labelled=post.labelled, calls=_newly_called(post.body, parts),
            )  # fmt: skip
    for part, held in parts.items():
        if part < FIRST_FILE and part not in texts and not held.gone:
            yield part, Delete()


def _newly_called(body: RichText, parts: Parts) -> tuple[PersonId, ...]:
    """Whom a body mentions that no text in the room does yet; nobody where those are erased."""
    called = mentioned(body)
    for part, held in parts.items():
        if not called:
            break
        if part < FIRST_FILE:
            content = held.content
            called -= mentioned(content.body) if isinstance(content, Post | Edit) else called
    return tuple(sorted(called))


def _files_changed(parts: Parts, wanted: Carried, *, files: bool) -> Iterator[_Change]:
    """Files that went and files that came; nothing where what stands there is not known."""
    held: dict[int, Parts] = {}
    for part, copied in parts.items():
        if part >= FIRST_FILE and (files or place_of(part) == 0):
            held.setdefault(place_of(part), {})[part] = copied
    if any(copied.content is None for place in held.values() for copied in place.values()):
        return
    whole = () if wanted.whole is None else (wanted.whole,)
    shall_be = (*whole, *(wanted.files if files else ()))
    for place in held.values():
        if not any(_is_there(filed, place) for filed in shall_be):
            yield from ((part, Delete()) for part, copied in place.items() if not copied.gone)
    last = max(held, default=0)
    for filed in shall_be:
        if not any(_is_there(filed, place) for place in held.values()):
            last += filed is not wanted.whole
            yield from parts_at(0 if filed is wanted.whole else last, filed)


def _is_there(filed: Filed, place: Parts) -> bool:
    return any(
        (copied.content.file.handle if isinstance(copied.content, Share) else copied.content.body)
        in filed.keys
        for copied in place.values()
        if copied.content is not None
    )


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
