"""The words of a thread that was decided about, on record with the decision, each as an entry.

They are somebody's own, and stay so: when a message is deleted, recalled, or marked higher than the
decision, its words leave the ledger and the index; the commitment to them stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.custody.effective import MARKING, Markings, marked_of
from bot.decisions import indexing, proposals
from bot.decisions.ledger.writing import append, erase
from bot.sharing.marking import strictest
from bot.store.tables import Message
from bot.store.tables.decisions import Decision
from bot.store.tables.search import Borrowed

KIND = "context"
_WHY = "its author took it back, or marked it higher"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A message of the thread. `number`: its row in `message`; `link`: where it stands."""

    number: int
    link: str
    words: str


def keep(session: Session, row: Decision, said: Iterable[Quoted], now: datetime) -> None:
    """Put what was said on record with a decision."""
    reference = proposals.reference_of(session, row)
    for each in said:
        entry = append(session, reference, KIND, {"message": each.link}, now, each.words)
        session.add(
            Borrowed(series=entry.series, entry=entry.entry, ref=row.ref, message=each.number)
        )
    session.flush()
    indexing.index(session, row)


def to_return(session: Session, markings: Markings) -> Mapping[str, Sequence[int]]:
    """Of each decision the entries whose words are to be erased."""
    rows = (
        select(Borrowed.ref, Borrowed.entry, Message.id, Message.deleted, Message.recalled,
               Decision.matter, Decision.given, *MARKING)
        .join(Message, Message.id == Borrowed.message)
        .join(Decision, Decision.ref == Borrowed.ref)
    )  # fmt: skip
    found = session.connection().execute(rows).all()
    own = {row.id: markings.marked(row).marking for row in found}
    back: dict[str, list[int]] = {}
    for row in found:
        hangs_on = [each for each in (row.root, row.answers) if each is not None]
        if own.keys() >= set(hangs_on):
            marking = strictest(own[row.id], *(own[each] for each in hangs_on))
        else:  # what it hangs on is not, or no longer, on record beside it
            marking = markings.effective_of(session, row.id).marking
        gone = row.deleted is not None or row.recalled is not None
        decided = marked_of(row.given or row.matter).marking  # whom a release reaches reads none
        if gone or marking.label > decided.label or marking.releasable:
            back.setdefault(row.ref, []).append(row.entry)
    return back


def give_back(session: Session, back: Mapping[str, Sequence[int]], now: datetime) -> None:
    """Erase these words: from the ledger, which says so, and from the index."""
    for ref, entries in back.items():
        row = session.get_one(Decision, ref)
        reference = proposals.reference_of(session, row)
        mine = (Borrowed.series == reference.series, Borrowed.entry.in_(entries))
        gone = delete(Borrowed).where(*mine).returning(Borrowed.entry)
        erased = session.execute(gone).scalars().all()
        if erased:
            erase(session, reference, erased, _WHY, now)
            indexing.forget_erased(session, row)
