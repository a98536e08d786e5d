"""Three teams in a channel of three rooms, an advisory, and a clock to be set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.advisories import keeping, sealing
from bot.advisories.document import Document
from bot.advisories.keeping import Draft
from bot.advisories.sealing import Sealer
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.numbering import SeriesList
from bot.delivery import outbox
from bot.events import DeliveryId, Outgoing, PersonId, RoomId, Standing
from bot.platforms.base import Capabilities
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey
from bot.store.database import Database
from bot.store.tables import Outbox, Roster, State
from bot.store.tables.advisories import Advisory
from bot.words import Words, words_for
from config.series import Run
from tests.custody import ROOMS, Alliance
from tests.fake_platform import BARE

BEGUN = datetime(2026, 11, 24, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEAMS = tuple(map(TeamKey, "abc"))
DOCUMENT = Document("Patch the VPN", Label.GREEN, summary="Exploited since Monday.")


def person(team: str, who: str = "ada") -> PersonId:
    return PersonId(f"fake:{team}/{who}")


@dataclass
class Publisher:
    """A `bot.advisories.house.House` of plain values."""

    alliance: Alliance = field(default_factory=Alliance)
    able: Capabilities = BARE
    veiled: bool = False

    def directory(self) -> Directory:
        return self.alliance.directory

    def custody(self) -> Gatekeeper:
        return self.alliance.custody

    def series(self) -> SeriesList:
        return SeriesList([Run("RTF", ("c",)), Run("INN", ("c",), "inner")])

    def channels(self) -> Mapping[str, object]:
        return {"c": None}

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        return ROOMS if channel == "c" else ()

    def roster(self, channel: str) -> frozenset[TeamKey]:
        return frozenset(TEAMS)

    def capable(self, room: RoomId) -> Capabilities:
        return self.able

    def new_id(self) -> DeliveryId:
        return outbox.new_id()

    def is_veiled(self, channel: str) -> bool:
        return self.veiled

    def words_in(self, room: RoomId | None = None) -> Words:
        return words_for("en")


@dataclass
class Newsroom(Publisher):
    """The same on a store, and what happens there."""

    session: Session = field(default_factory=Session)
    outgoing: list[Outgoing] = field(default_factory=list)

    def draft(self, document: Document = DOCUMENT, *sealing: str) -> Advisory:
        draft = Draft(document, ("c",), tuple(map(TeamKey, sealing)))
        return keeping.begin(self.session, self, draft, person("a"), TEAMS[0], BEGUN)

    def seal(self, row: Advisory, team: str, who: str = "ada", *, speaks: bool = True) -> bool:
        by = person(team, who)
        return sealing.seal(self.session, row, Sealer(by, {by}, TeamKey(team), speaks), BEGUN)

    def sealed(self, document: Document = DOCUMENT) -> Advisory:
        row = self.draft(document)
        assert self.seal(row, "a", "ben")
        return row

    def left(self, outgoing: Sequence[Outgoing], now: datetime) -> None:
        self.outgoing += outgoing
        outbox.put(self.session, outgoing, now)

    def land(self, at: datetime, rooms: Iterable[RoomId] = ROOMS) -> None:
        """What was posted into these rooms has landed; each has somebody of its team."""
        for number, room in enumerate(rooms):
            there = (Outbox.room == room, Outbox.state == State.WAITING)
            landed = f"{number}/{at:%H%M%S}"
            self.session.execute(
                update(Outbox)
                .where(*there)
                .values(state=State.DELIVERED, finished=at, landed=landed)
            )
            team = room.split("/")[0].removeprefix("fake:")
            present = select(Roster.id).where(Roster.room == room)
            if self.session.execute(present).first() is None:
                self.session.add(
                    Roster(
                        room=room, person=person(team), name="Ada", team=team,
                        standing=Standing.MEMBER, since=BEGUN - HOUR,
                    )
                )  # fmt: skip
        self.session.flush()


@contextmanager
def newsroom(database: Database) -> Iterator[Newsroom]:
    """A newsroom on a store."""
    with Session(database.engine) as session:
        found = Newsroom(session=session)
        found.alliance.open()
        yield found
