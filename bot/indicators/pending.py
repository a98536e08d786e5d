"""What of indicators waits for a team's word: what another team wants to add, and needs it for."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.custody.pending import Item, Reader
from bot.indicators import people
from bot.indicators.observable import Observable
from bot.indicators.observables import defang, defang_text
from bot.sharing.doors import door_of_team
from bot.sharing.gate import ALLOWED, judge
from bot.store.tables.indicators import Contribution
from bot.words import message

_TITLE = 200
"""Characters of a value with its note."""
_SECOND = message("a second team for an indicator")


def gather(session: Session, reader: Reader) -> Iterator[Item]:
    """A `bot.custody.pending.Source`: what it is and who wants it, so that nobody agrees unseen."""
    if reader.key is None:
        return
    waiting = select(Contribution.handle, Contribution.created).where(
        Contribution.closed.is_(None), Contribution.team != reader.key
    )
    for handle, created in session.execute(waiting.order_by(Contribution.id)):
        found = people.proposed(session, handle)
        if found is None:
            continue
        marked = Marked(found.marked.marking, found.team, created)
        marking, directory = found.marked.marking, reader.custody.markings.directory
        matter = reader.custody.markings.effective(marked).matter
        if judge(matter, door_of_team(reader.team)) is ALLOWED:
            yield Item(
                _SECOND, handle, created, title=_title(found.value, found.note),
                label=marking.label, releasable=marking.releasable,
                teams=frozenset({reader.key}), call=f"contribute {handle}",
                about=directory.called(found.team),
            )  # fmt: skip


def _title(value: Observable, note: str) -> str:
    """Neither can be clicked on."""
    said = defang_text(" ".join(note.split()))
    return f"{defang(value)}: {said}"[:_TITLE] if said else defang(value)[:_TITLE]
