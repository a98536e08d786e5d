"""Finding decisions by their words: of those that the reader may know of, and of no others.

What a reader may know is asked first, once for all decisions that are marked alike in one channel,
and is part of what the index is asked: nothing else is looked at, ranked or counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.decisions.finding import Found
from bot.decisions.indexing import ORIGINATOR, READERS, is_sqlite, read_kept
from bot.decisions.wording import Choice, Query, Term, any_of, fact, in_fts5, in_tsquery
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision, Ledger
from bot.store.tables.search import Indexed, Readership

May = Callable[[Marked, str], bool]
"""Whether the reader may have what is marked so, in a channel."""
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = timedelta(microseconds=1)
COUNTED = 1000
"""Of more than these nobody is told how many there are: counting takes as long as finding."""


@dataclass(frozen=True, slots=True)
class Hits:
    """How many there are, perhaps more than that, and the newest of them."""

    count: int
    newest: Sequence[Found]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: words, and when it was opened."""

    query: Query = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a reader may know of, by `Readership.id`: since when it has to be said, as whoever came
    later may not read what was before. `own`: of what is their own `team`'s.
    """

    every: Mapping[int, datetime]
    own: Mapping[int, datetime]
    team: TeamKey | None

    @property
    def choice(self) -> Choice:
        """As a part of what the index is asked."""
        own = (Term(fact(ORIGINATOR, self.team)),)
        return (
            *any_of(fact(READERS, each) for each in self.every),
            *((*own, Term(fact(READERS, each))) for each in self.own if each not in self.every),
        )

    @property
    def late(self) -> Mapping[int, datetime]:
        """Those of which not all may be known. What is their own, and was said before they came,
        is left out too where the rest of it is.
        """
        since = {**self.own, **self.every}
        return {each: at for each, at in since.items() if at > _FIRST}


def readable(
    session: Session, may: May, team: TeamKey | None, now: datetime, channel: str | None = None
) -> Known:
    """What a reader may know of, who is of a team. `channel` None: in any."""
    every: dict[int, datetime] = {}
    own: dict[int, datetime] = {}
    for row in session.execute(select(Readership.id, Readership.what)):
        where, marking = read_kept(row.what)
        if channel not in {None, where}:
            continue
        for found, originator in ((every, None), (own, team)):
            ask = partial(_may_at, may, marking, originator, where)
            since = _since(ask, now)
            if since is not None:
                found[row.id] = since
    return Known(every, own, team)


def search(session: Session, known: Known | None, wanted: Wanted, most: int) -> Hits:
    """The newest decisions that are wanted. `known` None: all of them may be known."""
    query = wanted.query
    if known is not None:
        if not known.choice:
            return Hits(0, ())
        query = (*query, known.choice)
    asked = _Asked(session, query)
    if wanted.since is not None:
        asked.require("decision_index.opened >= :since", since=_stored(wanted.since))
    if wanted.until is not None:
        asked.require("decision_index.opened <= :until", until=_stored(wanted.until))
    for key, since in ({} if known is None else known.late).items():
        late = f"decision_index.readership <> {key:d} OR decision_index.said >= :since{key:d}"
        asked.require(f"({late})", **{f"since{key:d}": _stored(since)})
    ids = asked.newest(COUNTED + 1)
    return Hits(min(len(ids), COUNTED), _found(session, ids[:most]), more=len(ids) > COUNTED)


def _may_at(
    may: May, marking: Marking, originator: TeamKey | None, channel: str, said: datetime
) -> bool:
    return may(Marked(marking, originator, said), channel)


def _since(allowed: Callable[[datetime], bool], now: datetime) -> datetime | None:
    """The earliest time of which the reader may have something; None where not even what is said
    now. Who may read what was said once may read what is said later.
    """
    if not allowed(now):
        return None
    if allowed(_FIRST):
        return _FIRST
    before, since = _FIRST, now
    while since - before > _EXACT:
        middle = before + (since - before) / 2
        before, since = (before, middle) if allowed(middle) else (middle, since)
    return since


class _Asked:
    """One question to the index, in the words of the database that it is."""

    def __init__(self, session: Session, query: Query) -> None:
        self._session = session
        self._values: dict[str, object] = {}
        self._where: list[str] = []
        self._table, self._key = "decision_index", "decision_index.id"
        self._joined = True
        if query:
            on_sqlite = is_sqlite(session)
            self._table, self._joined = "decision_words", False
            self._key = f"decision_words.{'rowid' if on_sqlite else 'id'}"
            self._where.append(_MATCHES_FTS5 if on_sqlite else _MATCHES_TSQUERY)
            self._values["query"] = in_fts5(query) if on_sqlite else in_tsquery(query)

    def require(self, condition: str, **values: object) -> None:
        """Something that the decision's own row has to fulfil."""
        if not self._joined:
            self._table += f" JOIN decision_index ON decision_index.id = {self._key}"
            self._joined = True
        self._where.append(condition)
        self._values |= values

    def newest(self, most: int) -> Sequence[int]:
        """The ids of the newest."""
        where = " AND ".join(self._where) or "1 = 1"
        order = f"ORDER BY {self._key} DESC LIMIT {most:d}"
        asked = f"SELECT {self._key} FROM {self._table} WHERE {where} {order}"  # noqa: S608  our own words
        return self._session.execute(text(asked), self._values).scalars().all()


def _found(session: Session, ids: Sequence[int]) -> Sequence[Found]:
    rows = session.execute(_FOUND, {"ids": ids})
    return [Found(*row) for row in rows]


def _stored(at: datetime) -> int:
    """As a column of instants has it."""
    return (at - _FIRST) // _EXACT


_MATCHES_FTS5 = "decision_words MATCH :query"
_MATCHES_TSQUERY = "decision_words.words @@ CAST(:query AS tsquery)"
_FOUND = (
    select(Decision, Reference, Ledger.text, Ledger.commitment)
    .join(Indexed, Indexed.ref == Decision.ref)
    .join(Reference, Reference.handle == Decision.ref)
    .join(Ledger, (Ledger.ref == Decision.ref) & Ledger.kind.in_(("opened", "copy")))
    .where(Indexed.id.in_(bindparam("ids", expanding=True)))
    .order_by(Indexed.id.desc())
)
