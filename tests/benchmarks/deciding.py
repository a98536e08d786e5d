"""Deciding: a voice until the post is updated, many closings in a minute, a long ledger."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from bot.custody import hearing, posting
from bot.custody.effective import Marked
from bot.decisions import announcing, closing, proposals, voicing
from bot.decisions.agreeing import disagreement
from bot.decisions.ledger import writing
from bot.decisions.ledger.verifying import verify
from bot.decisions.proposals import HEAD, Opening
from bot.decisions.voices import Stance
from bot.decisions.voicing import Speaker
from bot.delivery import outbox
from bot.events import PersonId, Standing
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from bot.store.tables import Outbox, Reference, Roster, State
from bot.store.tables.decisions import Decision, Voice
from bot.tasks.closer import BUDGET
from tests.benchmarks.measures import spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it, in_words
from tests.bot.decisions.council import EXPIRES, OPENED, SmallCouncil
from tests.custody import ROOMS, Alliance

TEAMS, PROPOSALS, ENTRIES = 200, 1000, 100_000
_A = TeamKey("a")
_PIECE = 10
_FILLED = 2000
_ALLIANCE = Alliance()
_ALLIANCE.open()


def deciding(size: Size) -> list[Figure]:
    """Each on a store of its own."""
    del size
    with folder_for_it() as folder:
        voices, closings, ledger = _voices(folder), _closings(folder), _ledger(folder)
    return [voices, closings, ledger]


def _voices(folder: Path) -> Figure:
    database = _opened(folder / "voices.db")
    teams = [TeamKey(f"t{number}") for number in range(TEAMS)]
    ref = database.run_now(lambda session: _propose(session, teams))
    took, busy = [], time.process_time()
    for team in teams:
        begun = time.perf_counter()
        database.run_now(lambda session, team=team: _say(session, ref, team))  # type: ignore[misc]
        took.append(time.perf_counter() - begun)
    busy = (time.process_time() - busy) / len(teams)
    database.close()
    found = spread(took)
    return Figure(
        f"A voice until the post is updated, {TEAMS} teams", "50 ms at p99", in_words(found),
        f"{busy * 1000:.1f} ms of processor each",
        "From handing a delegate's voice to the store until it, its entry in the ledger and the "
        "edits of the post in three rooms are committed; each team once.", found.p99 <= 50,
    )  # fmt: skip


def _closings(folder: Path) -> Figure:
    database = _opened(folder / "closings.db")
    for _ in range(PROPOSALS):
        database.run_now(lambda session: _propose(session, [_A]))
    database.run_now(_hear)
    begun, longest = time.perf_counter(), 0.0
    due = database.read_now(lambda session: closing.due(session, EXPIRES))
    left = due.refs
    while left:
        started, some = time.perf_counter(), left[:_PIECE]
        left = left[database.run_now(lambda session, some=some: _close(session, some)) :]  # type: ignore[misc]
        longest = max(longest, time.perf_counter() - started)
    took = time.perf_counter() - begun
    database.close()
    return Figure(
        f"{PROPOSALS:,} proposals that end in the same minute", "60 s", f"{took:.1f} s",
        f"the longest transaction {longest * 1000:.0f} ms",
        "All are adopted, numbered and told to three rooms, as many in a transaction as are begun "
        f"within {BUDGET * 1000:.0f} ms; between two of them what is relayed is written.",
        len(due.refs) == PROPOSALS and took <= 60,
    )  # fmt: skip


def _ledger(folder: Path) -> Figure:
    database = _opened(folder / "ledger.db")
    ref = database.run_now(lambda session: _propose(session, [_A]))
    for _ in range(0, ENTRIES, _FILLED):
        database.run_now(lambda session: _fill(session, ref))
    begun, busy = time.perf_counter(), time.process_time()
    found = database.read_now(lambda session: verify(session, "RTF"))
    other = database.read_now(lambda session: disagreement(session, "RTF"))
    took, busy = time.perf_counter() - begun, time.process_time() - busy
    database.close()
    holds = found.entries == ENTRIES + 1 and found.wrong is None and other is None
    return Figure(
        f"{ENTRIES:,} ledger entries verified", "5 s", f"{took:.2f} s",
        f"{busy:.2f} s of processor",
        "Every entry read from SQLite, its hash and its text's commitment computed anew, and what "
        "is shown of each held against it, in one process.", holds and took <= 5,
    )  # fmt: skip


def _opened(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")
    upgrade(database.engine)
    return database


def _house(session: Session) -> SmallCouncil:
    return SmallCouncil(session, _ALLIANCE)


def _propose(session: Session, teams: list[TeamKey]) -> str:
    marked = Marked(Marking(Label.GREEN), _A, OPENED)
    delegates = {team: [f"fake:a/{team}"] for team in teams}
    opening = Opening(
        "c", "RTF", "Block 198.51.100.7 together.", "silence", PersonId("fake:a/ada"), _A, marked,
        EXPIRES, delegates,
    )  # fmt: skip
    row, house = proposals.open_proposal(session, opening, OPENED), _house(session)
    outbox.put(session, announcing.put_out(session, house, row), OPENED)
    session.flush()
    session.query(Outbox).filter(Outbox.state == State.WAITING).update(
        {"state": State.DELIVERED, "finished": OPENED, "landed": "m"}
    )
    assert posting.rooms_with(session, row.ref, HEAD) == list(ROOMS)
    return row.ref


def _say(session: Session, ref: str, team: TeamKey) -> None:
    row, person, house = session.get_one(Decision, ref), PersonId(f"fake:a/{team}"), _house(session)
    speaker, said = Speaker(person, frozenset({str(person)}), team), OPENED + timedelta(hours=1)
    spoken = voicing.speak(
        session, house, row, speaker, Stance.AGREE, "", said, said, confirmed=True
    )
    outbox.put(session, spoken.outgoing, said)


def _hear(session: Session) -> None:
    for room in ROOMS:
        hearing.note(session, room, EXPIRES, EXPIRES)
    session.add(
        Roster(
            room=ROOMS[0], person="fake:a/ada", name="Ada", team="a", standing=Standing.MEMBER,
            since=OPENED,
        )
    )  # fmt: skip


def _close(session: Session, refs: tuple[str, ...]) -> int:
    """As `bot.tasks.closer` does."""
    house, begun = _house(session), time.perf_counter()
    for number, ref in enumerate(refs):
        if time.perf_counter() - begun > BUDGET:
            return number
        outbox.put(session, closing.look_all(session, house, [ref], EXPIRES), EXPIRES)
    return len(refs)


def _fill(session: Session, ref: str) -> None:
    reference, by, said = session.get_one(Reference, ref), "fake:a/ada", OPENED.isoformat()
    for _ in range(_FILLED):
        body = {"team": "a", "voice": "agree", "by": by, "said": said, "entered": False,
                "counted": True}  # fmt: skip
        entry = writing.append(session, reference, "voice", body, OPENED, "Because it is right.")
        session.add(
            Voice(
                ref=ref, team="a", person=by, stance="agree", said=OPENED, received=OPENED,
                entry=entry.entry,
            )
        )  # fmt: skip
    session.flush()
    session.expunge_all()
