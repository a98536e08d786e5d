"""The board's values as the plain dictionaries that the page is sent as JSON."""

from __future__ import annotations

from typing import Any

from bot.sandbox.board import Key, Line, Person, Room
from bot.sandbox.sheets import Sheet


def plain_room(room: Room) -> dict[str, Any]:
    """A room and its people."""
    return {
        "key": room.key,
        "title": room.title,
        "about": room.about,
        "short": room.short,
        "hint": room.hint,
        "people": [_person(person) for person in room.people],
        "menu": room.menu,
    }


def _person(person: Person) -> dict[str, str]:
    return {"key": person.key, "name": person.name, "team": person.team}


def plain_line(line: Line) -> dict[str, Any]:
    """A line with its way."""
    return {
        "room": line.key.room,
        "message": line.key.message,
        "author": line.author,
        "said": line.said.isoformat(),
        "text": line.text,
        "by_bot": line.by_bot,
        "only_for": line.only_for,
        "edited": line.edited,
        "taken_back": line.taken_back,
        "answers": line.answers.message if line.answers else None,
        "files": [{"name": file.name, "size": file.size} for file in line.files],
        "reactions": [
            {"emoji": reaction.emoji, "people": list(reaction.people)}
            for reaction in line.reactions
        ],
        "buttons": [each._asdict() for each in line.buttons],
        "origin": _origin(line.way.origin),
        "seen": line.way.seen,
        "arrival": line.way.arrival,
        "copies": [
            {
                "delivery": copy.delivery,
                "room": copy.room,
                "state": copy.state,
                "message": copy.message,
                "reason": copy.reason,
            }
            for copy in line.way.copies
        ],
    }


def plain_sheet(sheet: Sheet) -> dict[str, Any]:
    """A form that stands open."""
    return {
        "form": sheet.form,
        "person": sheet.person,
        "title": sheet.title,
        "send": sheet.send,
        "inputs": [each._asdict() for each in sheet.inputs],
        "errors": dict(sheet.errors),
    }


def _origin(key: Key | None) -> str | None:
    return key.room if key else None
