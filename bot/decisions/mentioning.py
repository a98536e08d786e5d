"""What a decision's number stands for in a room."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.custody import posting
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.mentioned import Mentioned
from bot.decisions import proposals
from bot.decisions.proposals import HEAD
from bot.events import RoomId
from bot.sharing.gate import ALLOWED
from bot.store.tables.decisions import Decision


def known(session: Session, custody: Gatekeeper, ref: str, room: RoomId) -> Mentioned | None:
    """A `bot.custody.mentioned.Known`."""
    message = posting.message_in(session, ref, HEAD, room)
    row = None if message is None else session.get(Decision, ref)
    if row is None or message is None:
        return None
    marked = proposals.marked_as(row)
    if custody.ask(custody.markings.effective(marked).matter, room) is not ALLOWED:
        return None
    return Mentioned(marked.marking.label, proposals.text_of(session, row), message)
