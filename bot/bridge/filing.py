"""A file for one room, with the line that stands in its place until it is there. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.bridge import veiled
from bot.bridge.places import Scene
from bot.events import HOUSE, Author, File, Line, Manner, Post, RoomId, Share, account_of
from bot.richtext import RichText, plain, say
from bot.sharing.marking import Marking

PROMPT = 1_000_000
"""Bytes of a file that is waited for; a larger one goes on in a lane of its own."""
_UNITS = ("B", "kB", "MB", "GB")
_LONGEST_NAME = 100
"""Characters of a file's name that are shown in a line."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A file, and its line; None for the file where it may not pass, and the line says why."""

    share: Share | None
    line: Post

    @property
    def keys(self) -> tuple[object, ...]:
        """What of it may stand in the room: the file, or a line that says what became of it."""
        if self.share is None or self.share.line is None:
            return (self.line.body,)
        return (self.share.file.handle, self.line.body, self.share.line.refused)


def filed(file: File, author: Author, home: RoomId, room: RoomId, scene: Scene) -> Filed:
    """A file that was said in `home`, for another room."""
    words, place = scene.words, _place(home, scene)
    reason = _reason_to_stay(file, home, room, scene)
    if reason is not None:
        return Filed(None, _line(reason, author))
    name = _shown(file)
    shown = name if file.size is None else f"{name} ({readable(file.size)})"
    left = words(
        "📎 {file} could not be brought over; it stays in {place}.", file=shown, place=place
    )
    told = words(
        "Your file {file} could not be brought over everywhere; it stays in {place}.",
        file=shown,
        place=place,
    )
    line = Line(say(words("📎 {file}: below", file=shown)), say(left), say(told))
    if scene.channel.chatham_house and file.account != HOUSE:
        file = veiled.bared(file) or file
    large = file.size is None or file.size > PROMPT
    waiting = _line(words("📎 {file} is on its way.", file=shown), author)
    return Filed(Share(file, author, line=line, large=large), waiting)


def whole_text(body: RichText, shown: Marking | None = None) -> File:
    """A text as a file of ours, below how it is marked; what is hidden in it stays so."""
    text = plain(body, spoilers=False) + "\n"
    if shown is not None:
        text = f"{shown}\n\n{text}"
    size = len(text.encode(errors="replace"))
    return File(HOUSE, text, "message.txt", mimetype="text/plain", size=size)


def _reason_to_stay(file: File, home: RoomId, room: RoomId, scene: Scene) -> str | None:
    able, place = scene.places.able(room), _place(home, scene)
    if scene.channel.chatham_house and file.account != HOUSE and veiled.bared(file) is None:
        return scene.words(
            "The file “{name}” may say who made it; it stays in {place}.",
            name=_shown(file),
            place=place,
        )
    if file.hidden and not able.hides_files:
        return scene.words(
            "The file “{name}” is hidden until a reader asks, and would be shown here; "
            "it stays in {place}.",
            name=_shown(file),
            place=place,
        )
    limit = scene.channel.max_file
    if able.largest_file is not None:
        limit = min(limit, able.largest_file)
    if file.size is not None and file.size > limit:
        return scene.words(
            "The file “{name}” ({size}) is too large to be passed on; it stays in {place}.",
            name=_shown(file),
            size=readable(file.size),
            place=place,
        )
    return None


def _place(home: RoomId, scene: Scene) -> str:
    """Where it lies, for those who may know."""
    if scene.channel.chatham_house:
        return scene.words("the room where it was said")
    return account_of(home)


def _line(text: str, author: Author) -> Post:
    return Post(say(text), author, manner=Manner.NOTICE)


def _shown(file: File) -> str:
    name = " ".join(file.name.split())
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def readable(size: int) -> str:
    """A size in three digits or so: 340 kB, 1.2 GB."""
    number, unit = float(size), 0
    while number >= 1000 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    digits = 1 if unit and number < 10 else 0
    return f"{number:.{digits}f} {_UNITS[unit]}"
