"""A message as one network can hold it: its texts in parts, then its files. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.bridge.places import Scene
from bot.events import Author, File, Manner, Post, RoomId, Share, account_of
from bot.richtext import RichText, say
from bot.richtext.splitting import split
from bot.words import Words

FIRST_FILE = 100
"""The number of the first file's part: texts have those below, and never so many."""
_UNITS = ("B", "kB", "MB", "GB")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, by whom and how; `headed`: the first block says what it answers."""

    room: RoomId
    author: Author
    body: RichText
    manner: Manner = Manner.SAID
    files: tuple[File, ...] = ()
    broadcast: bool = False
    headed: bool = False


def texts_of(said: Said, room: RoomId, scene: Scene) -> dict[int, Post] | None:
    """The texts for a room, by part; None where they are too many to be read there."""
    if not said.body.blocks:
        return {}
    able = scene.places.able(room)
    bodies = split(said.body, able.cost, able.longest_text)
    if bodies is None:
        return None
    broadcast = said.broadcast and able.broadcasts
    return {
        part: Post(
            body,
            said.author,
            manner=said.manner,
            broadcast=broadcast,
            headed=said.headed and part == 0,
        )
        for part, body in enumerate(bodies)
    }


def files_of(said: Said, room: RoomId, scene: Scene) -> list[Share | Post]:
    """The files for a room; of one that may not pass, a line that says so."""
    largest = scene.places.able(room).largest_file
    limit = scene.channel.max_file if largest is None else min(scene.channel.max_file, largest)
    return [
        Share(file, said.author)
        if file.size is None or file.size <= limit
        else Post(_left_behind(file, said.room, scene.words), said.author, manner=Manner.NOTICE)
        for file in said.files
    ]


def _left_behind(file: File, room: RoomId, words: Words) -> RichText:
    text = words(
        "The file “{name}” ({size}) is too large to be passed on; it stays in {place}.",
        name=file.name,
        size=_readable(file.size or 0),
        place=account_of(room),
    )
    return say(text)


def _readable(size: int) -> str:
    """A size in three digits or so: 340 kB, 1.2 GB."""
    number, unit = float(size), 0
    while number >= 1000 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    digits = 1 if unit and number < 10 else 0
    return f"{number:.{digits}f} {_UNITS[unit]}"
