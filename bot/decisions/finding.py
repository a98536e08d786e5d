"""Decisions as they are listed: the newest first, each with what it is called and what it says."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.decisions.proposals import COPY, OPENED
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision, Ledger, Voice

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A decision. `text`: what is decided, None where it was erased; `commitment`: to it."""

    row: Decision
    reference: Reference
    text: str | None
    commitment: bytes | None

    @property
    def name(self) -> str:
        """What people call it now."""
        return numbering.shown(self.reference)

    @property
    def number(self) -> str | None:
        """Its number, None as long as it has none."""
        return None if self.reference.number is None else self.name

    def matches(self, search: str, beside: Collection[str] = ()) -> bool:
        """Whether every word of a search occurs in it, in any case. `beside`: what counts as of
        it too, as the names of teams.
        """
        row = self.row
        parts = (row.ref, self.name, row.state, row.method, row.team or "", self.text or "")
        whole = "\n".join([*parts, *beside]).casefold()
        return all(word in whole for word in search.casefold().split())


def every(session: Session, series: str | None = None) -> Iterator[Found]:
    """All decisions, or those of a series; read page by page."""
    found = (
        select(Decision, Reference, Ledger.text, Ledger.commitment)
        .join(Reference, Reference.handle == Decision.ref)
        .join(Ledger, (Ledger.ref == Decision.ref) & Ledger.kind.in_((OPENED, COPY)))
        .order_by(Decision.opened.desc(), Decision.ref)
    )
    if series is not None:
        found = found.where(Reference.series == series)
    for row in session.execute(found.execution_options(yield_per=_PAGE)):
        yield Found(*row)


def find(session: Session, typed: str) -> Found | None:
    """One, by its number or handle."""
    reference = numbering.find(session, typed)
    row = None if reference is None else session.get(Decision, reference.handle)
    if reference is None or row is None:
        return None
    opened = select(Ledger.text, Ledger.commitment).where(
        Ledger.ref == row.ref, Ledger.kind.in_((OPENED, COPY))
    )
    text, commitment = session.execute(opened).one()
    return Found(row, reference, text, commitment)


def words_of(session: Session, voice: Voice, series: str) -> str | None:
    """What was said with a voice; None where nothing was, or it was erased."""
    entry = session.get(Ledger, (series, voice.entry))
    if entry is None or entry.text is None:
        return None
    text = entry.text.partition("\n")[2] if entry.kind == "ballot" else entry.text
    return text or None
