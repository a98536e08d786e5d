"""What stands in every room of the sandbox now, and who hears of each change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from bot.sandbox.sheets import Sheet


class Key(NamedTuple):
    """A message: the room's key on this board and the message's own id in that room."""

    room: str
    message: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be played: `key` is ours, `name` and `team` are what is shown."""

    key: str
    name: str
    team: str


@dataclass(frozen=True, slots=True)
class Room:
    """One room: `short` is its name in a sentence ("in bravo")."""

    key: str
    title: str
    about: str
    short: str
    people: tuple[Person, ...]
    hint: str
    """What to type for an answer of the bot's, on this network."""
    menu: bool = False
    """A message's menu has the bot's shortcuts."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One delivery of a message: to which room, and how far it is.

    `state` is the bot's own word: waiting, sending, delivered, unknown or dead.
    """

    delivery: str
    room: str
    state: str
    message: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """What the bot's database says of a message.

    `seen`: the bot has taken it in. `origin` is where it was first said, None for a message that
    the bot did not carry here; `arrival` the delivery that brought it; `copies` the deliveries
    that it caused.
    """

    seen: bool = False
    origin: Key | None = None
    arrival: str | None = None
    copies: tuple[Copy, ...] = ()


UNKNOWN = Way()


class Attachment(NamedTuple):
    """A file of a message; `size` in bytes, None where the network does not say."""

    name: str
    size: int | None


class Reaction(NamedTuple):
    """An emoji under a message, and the names of those who put it there."""

    emoji: str
    people: tuple[str, ...]


class Button(NamedTuple):
    """Something of the bot's to be pressed under a message; `look` is plain, primary or danger."""

    id: str
    label: str
    look: str = "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """A message as one room shows it. `only_for`: the person who alone can see it.

    `by_bot` is True for everything that the bot's account posted, relayed or of its own.
    `answers` is the message of the same room that it answers, or whose thread it stands in. Of
    what was `taken_back` neither text nor files nor reactions are left.
    """

    key: Key
    author: str
    said: datetime
    text: str
    by_bot: bool = False
    only_for: str | None = None
    way: Way = UNKNOWN
    edited: bool = False
    taken_back: bool = False
    answers: Key | None = None
    files: tuple[Attachment, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    buttons: tuple[Button, ...] = ()


def taken_back(line: Line) -> Line:
    """What a room shows of a line once it was taken back."""
    bare = replace(line, text="", edited=False, files=(), reactions=(), buttons=())
    return replace(bare, taken_back=True)


@dataclass(frozen=True, slots=True)
class Closed:
    """A form stands open no more for a person."""

    person: str


Change = Line | Sheet | Closed | str
"""A line that is new or that changed, a form, or a fault in words."""


class Board:
    """Every line seen so far, in the order seen; used from one event loop only."""

    def __init__(self, rooms: Sequence[Room]) -> None:
        self.rooms = tuple(rooms)
        self.trouble = ""
        self._lines: dict[Key, Line] = {}
        self._ways: Mapping[Key, Way] = {}
        self._watchers: set[asyncio.Queue[Change]] = set()
        self._changed = asyncio.Event()
        self.sheets: dict[str, Sheet] = {}
        """The form that stands open for each person."""

    def show(self, sheet: Sheet) -> None:
        """A form stands open, for the first time or as it is now."""
        if self.sheets.get(sheet.person) != sheet:
            self.sheets[sheet.person] = sheet
            self._tell(sheet)

    def close(self, person: str) -> None:
        """No form stands open for a person any more."""
        if self.sheets.pop(person, None) is not None:
            self._tell(Closed(person))

    def lines(self, room: str | None = None) -> list[Line]:
        """The lines of one room, or of all, in the order in which they were seen."""
        return [line for line in self._lines.values() if room in (None, line.key.room)]

    def put(self, line: Line) -> None:
        """A line was seen, for the first time or as it is now; unchanged, it is the same line."""
        line = replace(line, way=self._ways.get(line.key, UNKNOWN))
        if line != self._lines.get(line.key):
            self._keep(line)

    def line(self, key: Key) -> Line | None:
        """A line as it was seen last."""
        return self._lines.get(key)

    def settle(self, ways: Mapping[Key, Way]) -> None:
        """The bot's database as it is now; lines whose way changed are told again."""
        self._ways = ways
        for line in self.lines():
            way = ways.get(line.key, UNKNOWN)
            if way != line.way:
                self._keep(replace(line, way=way))

    def complain(self, trouble: str) -> None:
        """Something is wrong with the sandbox itself: said on the page, in words; "" takes back."""
        self.trouble = trouble
        self._tell(trouble)

    @contextmanager
    def watch(self) -> Iterator[tuple[list[Line], asyncio.Queue[Change]]]:
        """All lines so far, and a queue of what changes after them."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            yield self.lines(), queue
        finally:
            self._watchers.discard(queue)

    async def changed(self) -> None:
        """Return at the next change of any line."""
        await self._changed.wait()

    def _keep(self, line: Line) -> None:
        self._lines[line.key] = line
        self._tell(line)

    def _tell(self, change: Change) -> None:
        for queue in self._watchers:
            queue.put_nowait(change)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
