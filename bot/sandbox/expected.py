"""What every room must show after the exercise so far, and what a room shows, to be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.sandbox.board import Line, Room
from bot.sandbox.exercise import Act, Edited, Reacted, Said, Shared, TakenBack
from bot.sandbox.world import ROOMS, name_of


class Shown(NamedTuple):
    """A line, in all that must be the same in every room."""

    author: str
    text: str
    edited: bool = False
    taken_back: bool = False
    answers: str = ""
    """The text of the line that it answers."""
    emoji: tuple[str, ...] = ()
    files: tuple[tuple[str, int | None], ...] = ()

    @property
    def quoted(self) -> str:
        """The line as it is named in a fault."""
        what = "what was taken back" if self.taken_back else quoted(self.text or self.files[0][0])
        return f"{what} of {self.author}{_marks(self)}"


def _marks(line: Shown) -> str:
    marks = [f"answering {quoted(line.answers)}"] if line.answers else []
    marks += ["edited"] if line.edited else []
    marks += [f"with {emoji}" for emoji in line.emoji]
    return f" ({', '.join(marks)})" if marks else ""


@dataclass(slots=True)
class _Stands:
    """A line as it stands, with the line that it answers."""

    author: str
    text: str
    answers: _Stands | None = None
    edited: bool = False
    taken_back: bool = False
    emoji: list[str] = field(default_factory=list)
    files: tuple[tuple[str, int | None], ...] = ()


class Expected:
    """All that was done so far; `questions` are those to the bot."""

    def __init__(self) -> None:
        self.questions: list[Said] = []
        self._lines: list[_Stands] = []

    def add(self, act: Act) -> None:
        """Something was done."""
        match act:
            case Said(private=True):
                self.questions.append(act)
            case Said(person, text, answers=answers):
                root = self._find(answers) if answers else None
                self._lines.append(_Stands(name_of(person), text, root))
            case Edited(_, was, text):
                line = self._find(was)
                line.text, line.edited = text, True
            case TakenBack(_, text):
                line = self._find(text)
                line.text, line.taken_back = "", True
            case Reacted(_, text, emoji):
                self._find(text).emoji.append(emoji)
            case Shared(person, name, content):
                files = ((name, len(content.encode())),)
                self._lines.append(_Stands(name_of(person), "", files=files))

    def shown(self) -> list[Shown]:
        """What every room must show, in the order in which it was said."""
        return [
            Shown(
                line.author,
                line.text,
                line.edited,
                line.taken_back,
                line.answers.text if line.answers else "",
                tuple(sorted(line.emoji)),
                line.files,
            )
            for line in self._lines
        ]

    def _find(self, text: str) -> _Stands:
        return next(line for line in self._lines if line.text == text)


def shown(line: Line, lines: Sequence[Line]) -> Shown:
    """What a room shows of a line; `lines` are all of that room."""
    answers = ""
    if line.answers is not None:
        found = (other.text for other in lines if other.key == line.answers)
        answers = next(found, "what is not in the room")
    return Shown(
        _author(line),
        line.text,
        line.edited,
        line.taken_back,
        answers,
        tuple(sorted(reaction.emoji.replace("\ufe0f", "") for reaction in line.reactions)),
        tuple(line.files),
    )


def _author(line: Line) -> str:
    """Who said it, without the team that stands beside a name in other rooms than their own."""
    people = (person for room in ROOMS for person in room.people)
    named = (person.name for person in people if line.author == f"{person.name} ({person.team})")
    return next(named, line.author) if line.by_bot else line.author


def quoted(text: str) -> str:
    """The first line of a text, in quotation marks."""
    return f"“{text.splitlines()[0]}”"


def view(room: Room, lines: Sequence[Line]) -> str:
    """A room as it stands, as text."""
    shown_lines = [f"\n{room.title} · {room.about}"]
    for line in lines:
        shown_lines += _viewed(line, lines)
    return "\n".join(shown_lines)


def _viewed(line: Line, lines: Sequence[Line]) -> Iterator[str]:
    mark, who = "→" if line.by_bot else " ", line.author
    if line.only_for:
        reader = name_of(line.only_for)
        mark, who = "·", who if who == reader else f"{who}, only for {reader}"
    first, *more = line.text.splitlines() or [""]
    first = "(taken back)" if line.taken_back else first
    yield f"  {mark} {who}: {first}".rstrip() + (" (edited)" if line.edited else "")
    yield from (f"      {rest}" for rest in more)
    yield from (f"      file {file.name}, {file.size} bytes" for file in line.files)
    answers = shown(line, lines).answers
    if answers:
        yield f"      in reply to {quoted(answers)}"
    for reaction in line.reactions:
        yield f"      {reaction.emoji} {len(reaction.people)}: {', '.join(reaction.people)}"
