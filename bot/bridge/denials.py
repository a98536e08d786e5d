"""What an author hears of a message that may not go everywhere: where, why, what would change it.

Never a word of the message itself: what is denied everywhere is kept nowhere, nor is this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.events import Answer, MessageId, Outgoing, PersonId, RoomId
from bot.richtext import say
from bot.sharing.gate import Denied, Reason
from bot.sharing.marking import Label
from bot.sharing.teams import Directory
from bot.words import Words, message

TOLD = -1
"""The part that such an answer has in the outbox, so that it is known from others."""
WHY: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.RED: message("TLP:RED never leaves the room where it was said"),
        Reason.CEILING: message("that is higher than its channel may hold"),
        Reason.LEFT_OUT: message("a team that reads there joined after it was said"),
        Reason.STRANGERS: message("somebody who belongs to no team can read there"),
        Reason.UNFIT: message("the room is not closed enough for that (“liaison check” says why)"),
        Reason.CLEARANCE: message("a team that reads there may not read so high"),
        Reason.NOT_ON_ROSTER: message("a team that reads there is not on the channel's roster"),
        Reason.NOT_RELEASABLE: message("it is not releasable to a team that reads there"),
    }
)
_INSTEAD = message("If it may go further, say it again with a lower label, or where it may be.")


@dataclass(frozen=True, slots=True)
class Denial:
    """What did not go everywhere. `label`: the one that counts; `has`: the rooms that have it, or
    will in a moment; `taken`: it stood where it may not be, and is taken back; `advice`: what
    would change it.
    """

    number: int | None
    home: RoomId
    author: PersonId
    label: Label
    denied: Mapping[RoomId, Denied]
    has: tuple[RoomId, ...]
    advice: str
    thread: MessageId | None = None
    taken: bool = False


def tell(denial: Denial, directory: Directory, words: Words) -> Outgoing:
    """The one answer about it, for its author alone."""
    lines = [
        _first(denial, words),
        *(f"• {room}: {why(each, directory, words)}" for room, each in denial.denied.items()),
    ]
    if denial.has:
        lines.append(words("It is in: {rooms}", rooms=", ".join(denial.has)))
    lines.append(denial.advice)
    answer = Answer(denial.author, say("\n".join(lines)), thread=denial.thread)
    return Outgoing(denial.home, answer, part=TOLD, about=denial.number)


def advice(words: Words, *, floor: Label | None, doubtful: Label | None, inherits: bool) -> str:
    """What would change it. `floor`: down to where its author may mark it; `doubtful`: the label
    that was perhaps meant; `inherits`: what it answers is marked higher than it is.
    """
    if doubtful is not None:
        return words(
            "What it says is no label that I know. Did you mean {label}? "
            "Answer it with “mark {label}”, or with another label.",
            label=doubtful,
        )
    if inherits:
        return words(
            "It is marked like what it answers or shows, which only its originator can release."
        )
    if floor is not None:
        return words(
            "It speaks of a label, and counts as marked so. If it is not meant to be, "
            "answer it with “mark {label}”.",
            label=floor,
        )
    return words(_INSTEAD)


def unmark(
    home: RoomId, author: PersonId, number: int, floor: Label, label: Label, words: Words,
    thread: MessageId | None = None,
) -> Outgoing:  # fmt: skip
    """What the author hears of a message that passes, and is marked only since it speaks of a
    label.
    """
    lines = [
        words("It counts as {label}, since it speaks of that.", label=label),
        words("If it is not meant to be, answer it with “mark {label}”.", label=floor),
    ]
    return Outgoing(home, Answer(author, say("\n".join(lines)), thread=thread), about=number)


def _first(denial: Denial, words: Words) -> str:
    count = len(denial.denied)
    if denial.taken:
        return words.count(
            "{label}: taken back from {n} room.",
            "{label}: taken back from {n} rooms.",
            count,
            label=denial.label,
        )
    if denial.has:
        return words.count(
            "{label}: not passed on to {n} room.",
            "{label}: not passed on to {n} rooms.",
            count,
            label=denial.label,
        )
    return words("{label}: not passed on to any other room.", label=denial.label)


def why(denied: Denied, directory: Directory, words: Words) -> str:
    """Why something may not enter a room, and because of which teams."""
    reason = words(WHY[denied.reason])
    names = _names(denied.teams, directory)
    return words("{why} ({teams})", why=reason, teams=", ".join(names)) if names else reason


def _names(teams: Iterable[str], directory: Directory) -> list[str]:
    return sorted(directory.teams[key].name for key in directory.teams if key in set(teams))
