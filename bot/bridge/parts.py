"""A message as one network can hold it: its texts in parts, then its files. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.bridge import veiled
from bot.bridge.filing import Filed, filed, whole_text
from bot.bridge.labelling import label_line, labelled, says
from bot.bridge.mentions import Others, reached
from bot.bridge.places import Scene
from bot.events import Author, File, Manner, Post, RoomId, Share
from bot.platforms.base import Capabilities
from bot.richtext import Paragraph, RichText, Text
from bot.richtext.splitting import beginning, split
from bot.sharing.marking import Marking

FIRST_FILE = 100
"""The number of the first part that is no text: texts have those below, and never so many.

Each file has a place of two parts: the line that may stand for it, and after that the file itself,
so that what is done to the message is done to what stood there first. The first place is that of a
text which goes as a file.
"""
_BEGINNING = 8
"""A text that goes as a file begins with so much of a message: one part in so many."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, by whom and how; `headed`: the first block says what it answers; `shown`:
    how it is marked, where readers would not know.
    """

    room: RoomId
    author: Author
    body: RichText
    manner: Manner = Manner.SAID
    files: tuple[File, ...] = ()
    broadcast: bool = False
    headed: bool = False
    others: Others = field(default_factory=dict)
    """The other accounts of those who are mentioned."""
    shown: Marking | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What one room is to have of a message: texts by part, files in their order."""

    texts: dict[int, Post]
    whole: Filed | None
    """All of the text, where it is too long for messages."""
    files: tuple[Filed, ...]

    def parts(self) -> Iterator[tuple[int, Post | Share]]:
        """Everything, by part, in the order in which it is sent."""
        yield from self.texts.items()
        if self.whole is not None:
            yield from parts_at(0, self.whole)
        for place, file in enumerate(self.files, 1):
            yield from parts_at(place, file)


def parts_at(place: int, file: Filed) -> Iterator[tuple[int, Post | Share]]:
    """A file's parts: the file first, and its line to follow where the file does not land."""
    number = FIRST_FILE + 2 * place
    if file.share is not None:
        yield number + 1, file.share
    yield number, file.line


def place_of(part: int) -> int:
    """The place of a part that is a file, or a file's line."""
    return (part - FIRST_FILE) // 2


def carried(said: Said, room: RoomId, scene: Scene) -> Carried:
    """What a room is to have of a message."""
    files = tuple(filed(file, said.author, said.room, room, scene) for file in said.files)
    if not said.body.blocks and (said.shown is None or not files):
        return Carried({}, None, files)
    able, words = scene.places.able(room), reached(said.body, room, said.others)
    whole_body = said.body
    if scene.channel.chatham_house:
        whole_body = words = veiled.for_room(words, room, scene.words)
    bodies, whole = split(words, able.cost, _room_for(able, said.shown)), None
    if bodies is None:
        shown = beginning(words, able.cost, able.longest_text // _BEGINNING)
        file = whole_text(whole_body, said.shown)
        note = scene.words("The whole of it is in the file {name}.", name=file.name)
        bodies = (RichText((*shown.blocks, Paragraph((Text(note),)))),)
        whole = filed(file, said.author, said.room, room, scene)
    posts = [_post(said, body, able, first=place == 0) for place, body in enumerate(bodies)]
    return Carried(dict(enumerate(posts)), whole, files)


def _post(said: Said, body: RichText, able: Capabilities, *, first: bool) -> Post:
    headed = said.headed and first and bool(said.body.blocks)
    shown = said.shown is not None and not says(body, said.shown, headed=headed)
    if said.shown is not None and shown:
        body = labelled(body, said.shown, headed=headed)
    return Post(
        body,
        said.author,
        manner=said.manner,
        broadcast=said.broadcast and able.broadcasts,
        headed=headed,
        labelled=shown,
    )


def _room_for(able: Capabilities, shown: Marking | None) -> int:
    """How long a part may be beside the line that says how it is marked."""
    if shown is None:
        return able.longest_text
    line, nothing = RichText((label_line(shown), _EMPTY)), RichText((_EMPTY,))
    return max(able.longest_text - able.cost(line) + able.cost(nothing), able.longest_text // 2)


_EMPTY = Paragraph((Text("x"),))
