"""What a person can do in a room of the sandbox. Messages are named by their ids in that room."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Say:
    """Say something, or type a command; `answers`: in the thread of that message."""

    text: str
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Say something of one's own otherwise."""

    message: str
    text: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Delete something of one's own."""

    message: str


@dataclass(frozen=True, slots=True)
class React:
    """Put an emoji (as Unicode) under a message."""

    message: str
    emoji: str


@dataclass(frozen=True, slots=True)
class Share:
    """Share a text file."""

    name: str
    content: str


Deed = Say | Edit | TakeBack | React | Share
