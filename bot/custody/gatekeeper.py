"""The gate as the rest of the house asks it: what does a message say of itself, may it enter?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.custody.doors import Doors
from bot.custody.effective import Effective, Marked, Markings, lists_of, stored_lists
from bot.custody.keyed import digest
from bot.events import Author, File, RoomId
from bot.richtext import RichText, plain
from bot.sharing.gate import Allowed, Denied, Matter, NotYet, Verdict, judge
from bot.sharing.marking import Label, Marking
from bot.sharing.written import Written, read_marking


@dataclass(frozen=True, slots=True)
class Own:
    """What a message says of itself, and what that means with its channel's default of now."""

    marked: Marked
    written: Written
    default: Label
    digest: bytes

    @property
    def floor(self) -> Label | None:
        """The label that its author may mark it down to, where it is marked higher only since it
        speaks of a label, or seems to misspell one.
        """
        said = self.default if self.written.bears is None else self.written.bears
        return said if self.marked.marking.label > said else None

    def columns(self) -> dict[str, object]:
        """As its row of `message` keeps it: what the words say, and nothing of the default, which
        may be another one later.
        """
        return {
            "label": self.written.bears,
            "spoken": self.written.raises,
            "floor": None,
            "releasable": stored_lists(self.marked.marking.releasable),
            "originator": self.marked.originator,
            "digest": self.digest,
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """In which rooms a message may be; `denied`: where it may not, and why. Where nobody knows
    yet who reads a room, it may for now: its lane asks again, and waits.
    """

    effective: Effective
    may: tuple[RoomId, ...]
    denied: dict[RoomId, Denied]

    @property
    def withheld(self) -> bool:
        """It goes nowhere: nothing of what it says is kept."""
        return bool(self.denied) and not self.may


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """Asks the gate. `key`: see `bot.custody.keyed`."""

    doors: Doors
    key: bytes

    @property
    def markings(self) -> Markings:
        """What markings mean now."""
        return self.doors.markings

    def ask(self, matter: Matter, room: RoomId) -> Verdict:
        """Whether something may enter a room now."""
        return judge(matter, self.doors.door(room))

    def judge(self, effective: Effective, rooms: Iterable[RoomId]) -> Judged:
        """In which of the rooms a message may be."""
        may, denied = [], {}
        for room in rooms:
            match self.ask(effective.matter, room):
                case Denied() as verdict:
                    denied[room] = verdict
                case Allowed() | NotYet():
                    may.append(room)
        return Judged(effective, tuple(may), denied)

    def own(
        self, channel: str, author: Author, body: RichText, files: Sequence[File], said: datetime
    ) -> Own:
        """What somebody's message says of itself; names and descriptions of files are its text."""
        written = read_marking(body, beside(files))
        default = self.markings.default(channel)
        team = self.markings.directory.team_of(author.person, author.standing)
        marked = Marked(written.marking(default), None if team is None else team.key, said)
        return Own(marked, written, default, digest(self.key, plain(body)))

    def higher(self, row: Row[Any], own: Own) -> dict[str, object]:
        """The columns of a stored message that says something else now: never marked lower than it
        was. What was released was other words: that is over.
        """
        label, bears = row.label, own.written.bears
        floor = row.floor
        if label is None or bears is None:  # the default counts, and so does the label of the other
            floor, label = _higher(floor, label or bears), None
        else:
            label = _higher(label, bears)
        lists = (*lists_of(row.releasable), *own.marked.marking.releasable)
        return own.columns() | {
            "label": label,
            "spoken": _higher(row.spoken, own.written.raises),
            "floor": floor,
            "releasable": stored_lists(tuple(dict.fromkeys(lists))),
            "originator": row.originator,  # it stays whose it was, whatever team its author joins
            "released": None,
        }

    def usual(self, channel: str, author: Author, said: datetime) -> Marked:
        """What is said of a channel without words of its own: who joined, what was pinned."""
        team = self.markings.directory.team_of(author.person, author.standing)
        default = Marking(self.markings.default(channel))
        return Marked(default, None if team is None else team.key, said)

    def effective(self, session: Session, marked: Marked, *above: int | None) -> Effective:
        """A message's marking, with those of its thread's root and of what it answers and shows."""
        return self.markings.effective(marked, self.markings.above(session, *above))


def beside(files: Iterable[File]) -> list[str]:
    """What of files counts as text."""
    return [text for file in files for text in (file.name, file.title, file.alt) if text]


def _higher(first: str | None, second: str | None) -> str | None:
    """The stricter of two labels, where there are any."""
    labels = [Label(each) for each in (first, second) if each is not None]
    return max(labels, default=None, key=lambda label: label.rank)
