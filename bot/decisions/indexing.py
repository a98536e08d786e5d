"""Keeping what decisions are found by: written in the transaction of whatever changes them.

Only what a reader of the decision may read is in it: a closed ballot's voices when it has ended,
an erased text not any more. What is erased leaves the database's file with it: SQLite's full text
keeps what was deleted in its older segments until they are merged, so they are merged at once.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import TextClause, bindparam, select, text
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.custody.effective import Marked, marked_of
from bot.decisions.ledger.exporting import OWN
from bot.decisions.ledger.writing import BALLOT
from bot.decisions.wording import fact, words_of
from bot.sharing.marking import Label, Marking
from bot.store import emptying
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision, Ledger
from bot.store.tables.search import Indexed, Readership

_OPEN = "open"
READERS, ORIGINATOR = "readers", "from"
"""The facts that say for whom a decision is (`Readership.id`), and whose it is."""
_encode = msgspec.json.Encoder().encode


class _Terms(msgspec.Struct):
    """What has to be known here of `bot.decisions.proposals.Terms`."""

    secret: bool = False


_terms = msgspec.json.Decoder(_Terms).decode
_Kept = tuple[str, Label, list[list[str]]]
_decode = msgspec.json.Decoder(_Kept).decode


def index(session: Session, row: Decision) -> None:
    """Let it be found by what it says and how it stands now."""
    reference = session.get_one(Reference, row.ref)
    readership, marked = _readership(session, row), marked_of(row.matter)
    kept = session.execute(_OF_REF, {"ref": row.ref}).scalar_one_or_none()
    if kept is None:
        kept = Indexed(ref=row.ref, readership=readership, said=marked.said, opened=row.opened)
        session.add(kept)
        session.flush()
    kept.readership, kept.said = readership, marked.said
    words = _words(session, row, reference) | {fact(READERS, readership)}
    drop, put = _statements(session)
    session.execute(drop, {"id": kept.id})
    session.execute(put, {"id": kept.id, "words": _joined(session, words)})


def forget_erased(session: Session, row: Decision) -> None:
    """Texts of it were erased: nothing of them is left in the index, nor in its file."""
    index(session, row)
    if is_sqlite(session):
        session.execute(_MERGE)
    emptying.note(session)


def index_missing(session: Session, most: int) -> int:
    """Index what is not: decisions of before there was an index. How many those were."""
    lacking = select(Decision).outerjoin(Indexed, Indexed.ref == Decision.ref)
    found = lacking.where(Indexed.id.is_(None)).order_by(Decision.opened).limit(most)
    rows = session.execute(found).scalars().all()
    for row in rows:
        index(session, row)
    return len(rows)


def read_kept(what: str) -> tuple[str, Marking]:
    """The channel and marking that a `Readership` is of."""
    channel, label, lists = _decode(what)
    return channel, Marking(label, tuple(frozenset(each) for each in lists))


def is_sqlite(session: Session) -> bool:
    """Which of the two full texts it is."""
    return session.get_bind().dialect.name == "sqlite"


def _words(session: Session, row: Decision, reference: Reference) -> set[str]:
    found = {
        fact("state", row.state),
        fact("method", row.method),
        fact("team", row.team),
        fact(ORIGINATOR, marked_of(row.matter).originator),
        *words_of(f"{row.ref} {numbering.shown(reference)}"),
    }
    hidden = row.state == _OPEN and _terms(row.rules).secret
    texts = session.execute(_TEXTS, {"series": reference.series, "ref": row.ref})
    released = None if row.given is None else marked_of(row.matter).said
    for kind, said, at in texts:
        if released is not None and kind not in OWN and at < released:
            continue  # what others said before is for those who might read it then
        if said is not None and not (hidden and kind == BALLOT):
            found |= words_of(said)
    return found


def _readership(session: Session, row: Decision) -> int:
    what = _kept_of(row.channel, marked_of(row.matter))
    found = session.execute(select(Readership.id).where(Readership.what == what)).scalar()
    if found is not None:
        return found
    added = Readership(what=what)
    session.add(added)
    session.flush()
    return added.id


def _kept_of(channel: str, marked: Marked) -> str:
    lists = sorted(sorted(each) for each in marked.marking.releasable)
    return _encode((channel, marked.marking.label, lists)).decode()


def _joined(session: Session, words: set[str]) -> object:
    return " ".join(sorted(words)) if is_sqlite(session) else sorted(words)


def _statements(session: Session) -> tuple[TextClause, TextClause]:
    return _SQLITE if is_sqlite(session) else _POSTGRESQL


_OF_REF = select(Indexed).where(Indexed.ref == bindparam("ref"))
_TEXTS = select(Ledger.kind, Ledger.text, Ledger.at).where(
    Ledger.ref == bindparam("ref"), Ledger.series == bindparam("series"), Ledger.text.is_not(None)
)
_SQLITE = (
    text("DELETE FROM decision_words WHERE rowid = :id"),
    text("INSERT INTO decision_words (rowid, words) VALUES (:id, :words)"),
)
_POSTGRESQL = (
    text("DELETE FROM decision_words WHERE id = :id"),
    text("INSERT INTO decision_words (id, words) VALUES (:id, array_to_tsvector(:words))"),
)
_MERGE = text("INSERT INTO decision_words (decision_words) VALUES ('optimize')")
