"""What waits for a team's word about messages: to release one, or to have deleted its copies.

No word of any message is in it, nor what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from bot.bridge import requested
from bot.bridge.recalling import Recall
from bot.custody import consent
from bot.custody.consent import Kind
from bot.custody.pending import Item, Reader
from bot.sharing.teams import TeamKey
from bot.store.tables import Message, Request
from bot.words import message

_WISH = message("an answer to a wish for release")
_SECOND = message("a second person for a release")
_RECALL = message("that your copies are deleted")


def gather(session: Session, reader: Reader) -> Iterator[Item]:
    """A `bot.custody.pending.Source`."""
    if reader.key is None:
        return
    own = frozenset({reader.key})
    for what, kind in ((_WISH, Kind.WISH), (_SECOND, Kind.RELEASE)):
        for row in consent.waiting(session, kind):
            if _originator(session, row) == reader.key:
                yield Item(what, row.handle, row.created, teams=own, call=f"release {row.handle}")
    for row in consent.waiting(session, Kind.RECALL):
        said = {each.team for each in consent.said(row)}
        if reader.key in set(consent.wanted(row, Recall).teams) - said:
            yield Item(_RECALL, row.handle, row.created, teams=own, call=f"done {row.handle}")


def _originator(session: Session, row: Request) -> TeamKey | None:
    number = requested.number_of(row.object)
    found = None if number is None else session.get(Message, number)
    return None if found is None or found.originator is None else TeamKey(found.originator)
