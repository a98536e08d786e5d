"""What an advisory's number stands for in a room."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.advisories import keeping
from bot.advisories.keeping import HEAD
from bot.custody import posting
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.mentioned import Mentioned
from bot.events import RoomId
from bot.sharing.gate import ALLOWED
from bot.store.tables.advisories import Advisory


def known(session: Session, custody: Gatekeeper, ref: str, room: RoomId) -> Mentioned | None:
    """A `bot.custody.mentioned.Known`."""
    message = posting.message_in(session, ref, HEAD, room)
    row = None if message is None else session.get(Advisory, ref)
    if row is None or message is None:
        return None
    marked = keeping.marked_as(row)
    if custody.ask(custody.markings.effective(marked).matter, room) is not ALLOWED:
        return None
    return Mentioned(marked.marking.label, keeping.document_of(row).title, message)
