"""Numbers in what is relayed (`RTF-2026-014`) become links, for each room by what its readers know.

Done as a message is handed to its network, and kept nowhere: what edits and deletions compare is
what was typed. Where a room's readers may not have what has the number, or nothing in that room
shows it, the text stays as it was typed. What speaks of no number is looked at for a microsecond.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.mentioned import Known
from bot.custody.numbering import Number
from bot.events import Content, Edit, MessageId, Post, RoomId
from bot.platforms.base import Capabilities
from bot.richtext import Inline, Link, Style, Text
from bot.richtext.walking import expanded

LinkTo = Callable[[RoomId, MessageId], str | None]
"""By what address people open a message of a room; None where there is none."""
_CENTURY = b"-20"
_SPOKEN = re.compile(rb"[A-Za-z0-9]-20[0-9]{2}-[0-9]{3}").search
_MOST = 20
"""Numbers of one message that are looked up."""
_TITLE = 60
_SAID = frozenset({Post.__struct_config__.tag, Edit.__struct_config__.tag})
_LEFT = Style.CODE | Style.SPOILER
"""What stays as it is: code, and what its author hid."""


class Numbered:
    """Makes links of numbers, for the readers of one room."""

    def __init__(
        self,
        custody: Gatekeeper,
        kinds: Mapping[str, Known],
        link_to: LinkTo,
        able: Callable[[RoomId], Capabilities],
    ) -> None:
        """`kinds`: who knows what has a number, by `Reference.kind`."""
        self._custody = custody
        self._kinds = kinds
        self._link_to = link_to
        self._able = able

    def __call__(self, session: Session, row: Row[Any], content: Content) -> Content:
        """What is handed over of a delivery's content."""
        held: bytes = row.content
        if row.number is None or row.kind not in _SAID or _CENTURY not in held:
            return content
        if _SPOKEN(held) is None or not isinstance(content, Post | Edit):
            return content
        found: dict[Number, Link | None] = {}
        titled: set[Number] = set()

        def link(number: Number, typed: str) -> Link | None:
            if number not in found:
                few = len(found) < _MOST
                found[number] = self._link(session, number, row.room) if few else None
            shown = found[number]
            if shown is None:
                return None
            first = number not in titled
            titled.add(number)
            return replace(shown, text=f"{typed} {shown.text}" if first else typed)

        body = expanded(content.body, lambda leaf: _linked(leaf, link))
        if not any(found.values()):
            return content
        can = self._able(row.room)
        return replace(content, body=body) if can.cost(body) <= can.longest_text else content

    def _link(self, session: Session, number: Number, room: RoomId) -> Link | None:
        reference = numbering.find(session, str(number))
        known = None if reference is None else self._kinds.get(reference.kind)
        if reference is None or known is None:
            return None
        mentioned = known(session, self._custody, reference.handle, room)
        if mentioned is None:
            return None
        address = self._link_to(room, mentioned.message)
        if address is None:
            return None
        title = " ".join((mentioned.title or "").split())
        title = title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…"
        shown = f"({mentioned.label} · {title})" if title else f"({mentioned.label})"
        return Link(address, shown)


def _linked(leaf: Inline, link: Callable[[Number, str], Link | None]) -> Iterator[Inline]:
    """A leaf, its numbers as links."""
    if not isinstance(leaf, Text) or leaf.style & _LEFT:
        yield leaf
        return
    done = 0
    for start, end, number in numbering.spoken(leaf.text):
        made = link(number, leaf.text[start:end])
        if made is not None:
            if start > done:
                yield replace(leaf, text=leaf.text[done:start])
            yield replace(made, style=leaf.style)
            done = end
    if done == 0:
        yield leaf
    elif done < len(leaf.text):
        yield replace(leaf, text=leaf.text[done:])
