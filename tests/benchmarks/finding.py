"""Finding decisions: searches by their words over many of them, beside reading them all."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy import text as text_of
from sqlalchemy.orm import Session

from bot.custody.effective import Marked, stored_marked
from bot.decisions import searching
from bot.decisions.indexing import ORIGINATOR, READERS
from bot.decisions.searching import Wanted
from bot.decisions.wording import asked, fact, words_of
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from bot.store.tables import Base, Reference
from bot.store.tables.decisions import Decision, Ledger
from bot.store.tables.search import Indexed, Readership
from tests.benchmarks.measures import spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it, in_words
from tests.bot.decisions.council import EXPIRES, OPENED

DECISIONS, SEARCHES, BESIDE = 100_000, 1000, 30
_TEAMS = tuple(TeamKey(f"t{number}") for number in range(20))
_LABELS = (Label.CLEAR, Label.GREEN, Label.AMBER)
_PIECE = 1000
_DICE = random.Random(8)
_WORDS = tuple(
    "".join(_DICE.choice("abcdefghijklmnoprstuvwz") for _ in range(_DICE.randint(3, 10)))
    for _ in range(20_000)
)

_OFTEN = tuple(accumulate(1 / (rank + 20) for rank in range(len(_WORDS))))


def finding(size: Size) -> list[Figure]:
    """On one store."""
    del size
    with folder_for_it() as folder:
        database = _filled(folder)
        searches = [_search() for _ in range(SEARCHES)]
        busy = time.process_time()
        took = [_timed(database, each) for each in searches]
        busy = (time.process_time() - busy) / len(searches)
        beside = [_read_all(database, each) for each in searches[:BESIDE]]
        database.close()
    found, plain = spread(took), spread(beside)
    return [
        Figure(
            f"{DECISIONS:,} decisions searched", "20 ms at p99", in_words(found),
            f"{busy * 1000:.1f} ms of processor each; the same by LIKE: {in_words(plain)}",
            "One to three words, common ones and rare ones, whole and begun, the newest twenty and "
            "how many there are, of what a reader may know who may read two of three markings; "
            "beside it each word by LIKE over the texts, without asking what may be known.",
            found.p99 <= 20,
        )
    ]  # fmt: skip


def _filled(folder: Path) -> Database:
    database = open_database(f"sqlite:///{folder / 'finding.db'}")
    upgrade(database.engine)
    for first in range(0, DECISIONS, _PIECE):
        database.run_now(lambda session, first=first: _fill(session, first))  # type: ignore[misc]
    return database


def _fill(session: Session, first: int) -> None:
    """Rows as `open_proposal` writes them, many at a time; their hashes are nobody's business."""
    rows: dict[type[Base], list[dict[str, object]]] = {
        each: [] for each in (Reference, Ledger, Decision, Indexed)
    }
    put = []
    for number in range(first, first + _PIECE):
        team, at, ref = _DICE.choice(_TEAMS), OPENED + timedelta(seconds=number), f"p-{number}"
        marked = Marked(Marking(_DICE.choice(_LABELS)), team, at)
        text = " ".join([f"Block 198.51.{number % 256}.{number % 100}", *map(_word, range(25))])
        channel, readership = (
            f"c{number % 10}",
            1 + number % 10 + 10 * _LABELS.index(marked.marking.label),
        )
        rows[Reference].append({"handle": ref, "kind": "decision", "series": "RTF", "created": at})
        rows[Ledger].append(
            {"series": "RTF", "entry": number + 1, "ref": ref, "kind": "opened", "at": at,
             "body": "{}", "text": text, "previous": b"", "hash": b""}
        )  # fmt: skip
        rows[Decision].append(
            {"ref": ref, "channel": channel, "method": "silence", "state": "open",
             "matter": stored_marked(marked), "proposer": "fake:a/ada", "team": team,
             "roster": "{}", "rules": "{}", "opened": at}
        )  # fmt: skip
        rows[Indexed].append(
            {"id": number + 1, "ref": ref, "readership": readership, "said": at, "opened": at}
        )
        facts = {fact("state", "open"), fact("team", team), fact(ORIGINATOR, team)}
        words = words_of(f"{text} {ref}") | facts | {fact(READERS, readership)}
        put.append({"id": number + 1, "words": " ".join(sorted(words))})
    if not first:
        kept = [_kept(f"c{where}", label) for label in _LABELS for where in range(10)]
        session.execute(insert(Readership), [{"what": each} for each in kept])
    for table, values in rows.items():
        session.execute(insert(table), values)
    session.execute(text_of("INSERT INTO decision_words (rowid, words) VALUES (:id, :words)"), put)


def _kept(channel: str, label: Label) -> str:
    return json.dumps([channel, label, []])


def _word(_number: int = 0) -> str:
    """Some words are said often, most of them hardly ever: the n-th as often as 1 / (n + 20)."""
    return _DICE.choices(_WORDS, cum_weights=_OFTEN)[0]


def _search() -> Sequence[str]:
    """Words as they are said, so that common ones are searched often too; some only begun."""
    return [
        word if _DICE.random() < 0.7 else word[:4]
        for word in map(_word, range(_DICE.randint(1, 3)))
    ]


def _timed(database: Database, words: Sequence[str]) -> float:
    def work(session: Session) -> None:
        known = searching.readable(
            session, lambda marked, _: marked.marking.label < Label.AMBER, _TEAMS[0], EXPIRES
        )
        wanted = Wanted(tuple(choice for _, choice in asked(" ".join(words))))
        hits = searching.search(session, known, wanted, 20)
        assert hits.count >= len(hits.newest)

    begun = time.perf_counter()
    database.read_now(work)
    return time.perf_counter() - begun


def _read_all(database: Database, words: Sequence[str]) -> float:
    every = (Ledger.kind == "opened", *(Ledger.text.contains(word) for word in words))
    newest = select(Ledger.ref).where(*every).order_by(Ledger.entry.desc()).limit(20)

    def work(session: Session) -> None:
        session.execute(select(func.count()).where(*every)).scalar()
        session.execute(newest).scalars().all()

    begun = time.perf_counter()
    database.read_now(work)
    return time.perf_counter() - begun
