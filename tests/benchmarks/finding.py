"""Finding decisions: searches by their words over many of them, beside reading them all."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.decisions import proposals, searching
from bot.decisions.proposals import Opening
from bot.decisions.searching import Wanted
from bot.decisions.wording import asked
from bot.events import PersonId
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database, open_database
from bot.store.decision_tables import Ledger
from bot.store.schema import upgrade
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
        took = [_timed(database, each) for each in searches]
        beside = [_read_all(database, each) for each in searches[:BESIDE]]
        database.close()
    found, plain = spread(took), spread(beside)
    return [
        Figure(
            f"{DECISIONS:,} decisions searched", "20 ms at p99", in_words(found),
            f"the same by LIKE: {in_words(plain)}",
            "One to three words, common ones and rare ones, whole and begun, the newest twenty and "
            "how many there are, of what a reader may know who may read two of three markings; "
            "beside it each word by LIKE over the texts, without asking what may be known.",
            found.p99 <= 0.02,
        )
    ]  # fmt: skip


def _filled(folder: Path) -> Database:
    database = open_database(f"sqlite:///{folder / 'finding.db'}")
    upgrade(database.engine)
    for first in range(0, DECISIONS, _PIECE):
        database.run_now(lambda session, first=first: _fill(session, first))  # type: ignore[misc]
    return database


def _fill(session: Session, first: int) -> None:
    for number in range(first, first + _PIECE):
        team, at = _DICE.choice(_TEAMS), OPENED + timedelta(seconds=number)
        marked = Marked(Marking(_DICE.choice(_LABELS)), team, at)
        text = " ".join([f"Block 198.51.{number % 256}.{number % 100}", *map(_word, range(25))])
        opening = Opening(
            f"c{number % 10}", "RTF", text, "silence", PersonId("fake:a/ada"), team, marked,
            EXPIRES, {team: [f"fake:a/{team}"]},
        )  # fmt: skip
        proposals.open_proposal(session, opening, at)
    session.expunge_all()


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
