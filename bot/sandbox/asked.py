"""What the page asks for, and whether it can be done at all. Pure."""

from __future__ import annotations

import emoji as emojis
import msgspec

from bot.sandbox.board import Board, Key, Line
from bot.sandbox.deeds import (
    Choose,
    Close,
    Deed,
    Edit,
    Fill,
    Press,
    React,
    Say,
    Share,
    TakeBack,
    Unreact,
)

LONGEST = 20_000
"""Characters that can be typed at once: below what either network refuses."""
LARGEST_FILE = 1_000_000
"""Bytes of a file that is shared on the page: enough to see that files come over."""
LONGEST_FILE_NAME = 200


class Asked(msgspec.Struct, frozen=True):
    """Who does what; a file's content is in base64."""

    person: str
    deed: Deed


_decode = msgspec.json.Decoder(Asked).decode


def asked_in(request: bytes) -> Asked:
    """What a request asks for; raises ValueError for what this page never sends."""
    return _decode(request)


def fault_of(asked: Asked, board: Board) -> str:
    """Why it cannot be done, in words for the one who asked; "" where it can."""
    room = next((r.key for r in board.rooms if any(p.key == asked.person for p in r.people)), None)
    if room is None:
        return "There is nobody of that name here."
    match asked.deed:
        case Say(text, answers):
            there = None if answers is None else board.line(Key(room, answers))
            return _fault_of_text(text) or ("" if answers is None else _fault_of_target(there))
        case Edit(message, text):
            line = board.line(Key(room, message))
            return _fault_of_text(text) or _fault_of_own(line, asked.person, board)
        case TakeBack(message):
            return _fault_of_own(board.line(Key(room, message)), asked.person, board)
        case React(message, emoji) | Unreact(message, emoji):
            known = emojis.is_emoji(emoji)
            return (
                _fault_of_target(board.line(Key(room, message))) if known else "That is no emoji."
            )
        case Share(name, content):
            return _fault_of_file(name, content)
        case Press(message, button):
            shown = board.line(Key(room, message))
            seen = shown is not None and shown.only_for in (None, asked.person)
            ids = {each.id for each in shown.buttons} if shown is not None and seen else set()
            return "" if button in ids else "That cannot be pressed any more."
        case Choose(message):
            return _fault_of_target(board.line(Key(room, message)))
        case Fill(form) | Close(form):
            sheet = board.sheets.get(asked.person)
            return "" if sheet and sheet.form == form else "That form is closed."


def _fault_of_text(text: str) -> str:
    if not text.strip():
        return "Write something first."
    if len(text) > LONGEST:
        return f"That is longer than {LONGEST} characters: shorten it."
    return ""


def _fault_of_target(line: Line | None) -> str:
    if line is None or line.only_for is not None:
        return "There is no such message in this room."
    return "That message was taken back." if line.taken_back else ""


def _fault_of_own(line: Line | None, person: str, board: Board) -> str:
    fault = _fault_of_target(line)
    names = {p.name for room in board.rooms for p in room.people if p.key == person}
    if not fault and line is not None and (line.by_bot or line.author not in names):
        return "Only its author can do that."
    return fault


def _fault_of_file(name: str, content: bytes) -> str:
    if not name.strip() or len(name) > LONGEST_FILE_NAME or set(name) & set("/\\\x00"):
        return "A file needs a name of its own."
    if not content:
        return "The file is empty."
    if len(content) > LARGEST_FILE:
        return f"The file is larger than {LARGEST_FILE // 1_000_000} MB."
    return ""
