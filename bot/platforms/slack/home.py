"""A person's Home tab: what waits for their team, shown whenever they open it, and renewed for a
while (`bot.desk.standing`). Pure.

https://docs.slack.dev/reference/events/app_home_opened, https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.events import Author, CommandTyped, Event, Ignored, Unreadable, person_id, room_id
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.people import ID
from bot.richtext import RichText, plain

HANDLE = "home"
"""The handle of an answer that is shown there (`bot.events.Answer.reply`)."""
SHOWS = "todo"
"""The command whose answer it shows."""
_MOMENT = re.compile(r"\d{10}\.?\d{6}")
_LONGEST = 3_000
"""Characters of a section's text; and of a header's:"""
_HEADER = 150
_MOST_BLOCKS = 100


def opened(event: Mapping[str, Any], us: Ourselves, lookups: Lookups, now: datetime) -> Event:
    """Somebody opened it: as if they had asked there what waits for them."""
    if event.get("tab") != "home":
        return Ignored("app_home_opened.other")
    match event:
        case {"user": str(user), "channel": str(room), "event_ts": str(moment)} if (
            ID.fullmatch(user) and ID.fullmatch(room) and _MOMENT.fullmatch(moment)
        ):
            pass
        case _:
            return Unreadable("app_home_opened")
    person = person_id(us.account, user)
    author = Author(person, lookups.people(user) or user, standing=lookups.standing(user))
    return CommandTyped(
        room=room_id(us.account, room),
        call=f"{HANDLE} {moment}",
        author=author,
        text=SHOWS,
        said=now,
        reply=HANDLE,
        direct=True,
        stands=True,
    )


def view(body: RichText) -> dict[str, Any]:
    """What is published there, as plain text: nothing in it acts."""
    first, _, rest = plain(body).partition("\n")
    header = {"type": "header", "text": _text(first[:_HEADER] or "…")}
    sections = [{"type": "section", "text": _text(each)} for each in _pieces(rest)]
    return {"type": "home", "blocks": [header, *sections][:_MOST_BLOCKS]}


def _pieces(text: str) -> Iterator[str]:
    """The lines of a text, as many together as one section takes."""
    held = ""
    for line in text.split("\n"):
        cut = line[:_LONGEST]
        if held and len(held) + 1 + len(cut) > _LONGEST:
            yield held
            held = ""
        held = f"{held}\n{cut}" if held else cut
    if held.strip():
        yield held


def _text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
