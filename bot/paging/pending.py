"""The pages that wait for a team's answer, for `todo` and `handover`: no word of any is in it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from bot.custody.pending import Item, Reader
from bot.paging import keeping
from bot.words import message

_ANSWER = message("somebody who has it")


def gather(session: Session, reader: Reader) -> Iterator[Item]:
    """A `bot.custody.pending.Source`. Exercises stand on no board."""
    if reader.key is None:
        return
    for page in keeping.waiting(session, reader.key, reader.now):
        call = f"duty ack {page.ref}"
        yield Item(_ANSWER, page.number, page.created, teams=frozenset({reader.key}), call=call)
