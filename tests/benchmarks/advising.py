"""Advisories: one for 200 rooms until it is in the outbox, beside what the store alone takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from bot.advisories import acknowledging, posts, releasing, view
from bot.advisories.document import Document
from bot.advisories.states import Ack
from bot.custody.doors import Circles, weigh
from bot.custody.gatekeeper import Gatekeeper
from bot.delivery import outbox
from bot.events import Outgoing, Post, RoomId
from bot.platforms.base import Roster
from bot.richtext import say
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.membership import Membership
from bot.sharing.teams import Directory, TeamKey
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from bot.store.tables.advisories import Advisory
from tests.benchmarks.measures import spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it, in_words
from tests.bot.advisories.newsroom import BEGUN, Newsroom, person
from tests.custody import BEGINNING, Alliance, guarded, member

ROOMS, TIMES = 200, 20
_EVERY = tuple(RoomId(f"fake:{'abc'[number % 3]}/room{number}") for number in range(ROOMS))
_DOCUMENT = Document(
    "Patch the VPN", Label.GREEN, summary="Exploited since Monday.", body="Look at it.\n" * 40,
    affected=("Gate 7", "Gate 8"), cves=("CVE-2026-1234",), indicators=("198[.]51[.]100[.]7",) * 20,
)  # fmt: skip


@dataclass
class _Wide(Newsroom):
    """A newsroom whose channel has 200 rooms."""

    gate: Gatekeeper = field(default_factory=lambda: _gate(Alliance().directory))

    def custody(self) -> Gatekeeper:
        return self.gate

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        return _EVERY if channel == "c" else ()


def _gate(directory: Directory) -> Gatekeeper:
    circles = Circles("c", _EVERY, Rules(Label.AMBER), Label.GREEN, teams=("a", "b", "c"))
    custody = guarded([circles], directory)
    custody.doors.join([Membership(TeamKey(key), circles.circle) for key in "abc"], BEGINNING)
    for room in _EVERY:
        standing = weigh(Roster((member(room),), private=True), directory)
        custody.doors.learn(room, standing, BEGINNING)
    return custody


def advising(size: Size) -> list[Figure]:
    """Each advisory in a transaction of its own."""
    del size
    gate = _gate(Alliance().directory)
    with folder_for_it() as folder:
        database = _opened(folder / "store.db")
        bare = [_timed(database, _plainly) for _ in range(TIMES)]
        took, acknowledged = [], []
        for _ in range(TIMES):
            ref = database.run_now(lambda session: _sealed(session, gate))
            took.append(_timed(database, lambda s, ref=ref: _release(s, gate, ref)))  # type: ignore[misc]
            acknowledged.append(_timed(database, lambda s, ref=ref: _say(s, gate, ref)))  # type: ignore[misc]
        database.close()
    whole, alone, said = spread(took), spread(bare), spread(acknowledged)
    return [
        Figure(
            f"One advisory for {ROOMS} rooms in the outbox", "200 ms", in_words(whole),
            f"{ROOMS} plain posts {in_words(alone)}",
            f"From handing the release to the store until number, state, {ROOMS} posts with their "
            f"controls, and the gate's word on each are committed; {TIMES} advisories in turn.",
            whole.p99 <= 200,
        ),
        Figure(
            f"An acknowledgement until {ROOMS} posts are to be edited", "", in_words(said),
            f"{ROOMS} plain posts {in_words(alone)}",
            "From handing a team's word to the store until it and the edits are committed.",
        ),
    ]  # fmt: skip


def _opened(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")
    upgrade(database.engine)
    return database


def _timed(database: Database, work: Callable[[Session], object]) -> float:
    begun = time.perf_counter()
    database.run_now(work)
    return time.perf_counter() - begun


def _plainly(session: Session) -> None:
    outbox.put(session, [Outgoing(room, Post(say("now"))) for room in _EVERY], BEGUN)


def _sealed(session: Session, gate: Gatekeeper) -> str:
    return _Wide(session=session, gate=gate).sealed(_DOCUMENT).ref


def _release(session: Session, gate: Gatekeeper, ref: str) -> None:
    house, row = _Wide(session=session, gate=gate), session.get_one(Advisory, ref)
    outgoing = releasing.release(session, house, row, BEGUN)
    assert len(outgoing) >= ROOMS
    outbox.put(session, outgoing, BEGUN)


def _say(session: Session, gate: Gatekeeper, ref: str) -> None:
    house, row = _Wide(session=session, gate=gate), session.get_one(Advisory, ref)
    now = BEGUN + timedelta(minutes=1)
    acknowledging.say(session, row, TeamKey("b"), Ack.RECEIVED, person("b"), now)
    outbox.put(session, posts.refresh(session, house, row), now)
    assert view.shown(session, house, row).stand
