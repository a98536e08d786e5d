"""Three teams in a channel of three rooms, a proposal, and a clock to be set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.custody import hearing, posting
from bot.custody.effective import Marked
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.numbering import SeriesList
from bot.decisions import closing, proposals, voicing
from bot.decisions.house import Council
from bot.decisions.proposals import HEAD, Opening, Terms
from bot.decisions.showing import head
from bot.decisions.silence import Unreached
from bot.decisions.view import shown
from bot.decisions.voices import Stance
from bot.decisions.voicing import Speaker, Spoken
from bot.delivery import outbox
from bot.events import DeliveryId, Outgoing, PersonId, RoomId, Standing
from bot.platforms.base import Capabilities
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import Directory, TeamKey
from bot.store.tables import Outbox, Roster, State
from bot.store.tables.decisions import Decision
from bot.words import Words, words_for
from config.series import Run
from tests.custody import ROOMS, Alliance
from tests.fake_platform import BARE
from tests.stores import opened, sqlite_url

OPENED = datetime(2026, 11, 24, 9, tzinfo=UTC)
EXPIRES = OPENED + timedelta(hours=72)
MINUTE = timedelta(minutes=1)
TEXT_OF_IT = "Block 198.51.100.7 together at 18:00."
TEAMS = tuple(map(TeamKey, "abc"))


@dataclass
class SmallCouncil:
    """A `bot.decisions.house.House` of plain values, and its store."""

    session: Session
    alliance: Alliance = field(default_factory=Alliance)
    frozen: set[RoomId] = field(default_factory=set)
    silenced: set[TeamKey] = field(default_factory=set)
    outgoing: list[Outgoing] = field(default_factory=list)
    """Everything that left."""

    def directory(self) -> Directory:
        return self.alliance.directory

    def custody(self) -> Gatekeeper:
        return self.alliance.custody

    def series(self) -> SeriesList:
        return SeriesList([Run("RTF", ("c",)), Run("INN", ("c",), "inner")])

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        return ROOMS if channel == "c" else ()

    def council(self, channel: str) -> Council:
        return Council(channel, frozenset(TEAMS), frozenset(), TEAMS[0])

    def capable(self, room: RoomId) -> Capabilities:
        return BARE

    def is_frozen(self, room: RoomId) -> bool:
        return room in self.frozen

    def is_silenced(self, team: TeamKey | None) -> bool:
        return team in self.silenced

    def new_id(self) -> DeliveryId:
        return outbox.new_id()

    def words_in(self, room: RoomId | None = None) -> Words:
        return words_for("en")

    # what happens

    def propose(
        self, method: str = "silence", *, expires: datetime | None = EXPIRES,
        unreached: Unreached = Unreached.EXTEND, secret: bool = False, series: str = "RTF",
    ) -> Decision:  # fmt: skip
        """Team a proposes something, and it is on its way to all rooms."""
        marked = Marked(Marking(Label.GREEN), TEAMS[0], OPENED)
        opening = Opening(
            "c", series, TEXT_OF_IT, method, PersonId("fake:a/ada"), TEAMS[0], marked, expires,
            {team: [f"fake:{team}/ada"] for team in TEAMS}, chair=TEAMS[0],
            terms=Terms(unreached=unreached, secret=secret),
        )  # fmt: skip
        row = proposals.open_proposal(self.session, opening, OPENED)
        view = shown(self.session, self, row)
        bodies = {room: head(view, self.words_in()) for room in ROOMS}
        posts = posting.put(self.session, row.ref, HEAD, bodies, marked, self.new_id, self.capable)
        self.left(posts, OPENED)
        return row

    def left(self, outgoing: Sequence[Outgoing], now: datetime) -> None:
        """These are written into the outbox."""
        self.outgoing += outgoing
        outbox.put(self.session, outgoing, now)

    def land(self, at: datetime, rooms: Iterable[RoomId] = ROOMS) -> None:
        """What was posted into these rooms has landed; each has somebody of its team."""
        for room in rooms:
            there = (Outbox.room == room, Outbox.state == State.WAITING)
            self.session.execute(
                update(Outbox).where(*there).values(
                    state=State.DELIVERED, finished=at, landed=f"{room}/{at:%H%M%S}"
                )
            )  # fmt: skip
            team = room.split("/")[0].removeprefix("fake:")
            present = select(Roster.id).where(Roster.room == room)
            if self.session.execute(present).first() is None:
                self.session.add(
                    Roster(
                        room=room, person=f"fake:{team}/ada", name="Ada", team=team,
                        standing=Standing.MEMBER, since=OPENED - MINUTE,
                    )
                )  # fmt: skip
        self.session.flush()

    def read(self, until: datetime, rooms: Iterable[RoomId] = ROOMS) -> None:
        """These rooms have been read up to a moment."""
        for room in rooms:
            hearing.note(self.session, room, until, until)

    def look(self, row: Decision, now: datetime) -> None:
        """The clock says `now`."""
        self.left(closing.look(self.session, self, row, now), now)

    def speak(
        self, row: Decision, team: str, stance: Stance, at: datetime, *,
        confirmed: bool = True, who: str = "ada", said: datetime | None = None, text: str = "",
    ) -> Spoken:  # fmt: skip
        """Somebody says something for a team."""
        person = PersonId(f"fake:{team}/{who}")
        speaker = Speaker(person, frozenset({str(person)}), TeamKey(team))
        spoken = voicing.speak(
            self.session, self, row, speaker, stance, text, said or at, at, confirmed=confirmed
        )
        self.left(spoken.outgoing, at)
        return spoken

    def posts(self, row: Decision, kind: str) -> list[RoomId]:
        """Where something of it was posted, once for each message."""
        from bot.store.tables import Posting

        where = (Posting.ref == row.ref, Posting.kind == kind)
        rooms = self.session.execute(select(Posting.room).where(*where).order_by(Posting.room))
        return [RoomId(room) for room in rooms.scalars()]


@contextmanager
def council(folder: Path) -> Iterator[SmallCouncil]:
    """A council with an empty store."""
    with opened(sqlite_url(folder)) as database, Session(database.engine) as session:
        found = SmallCouncil(session)
        found.alliance.open()
        yield found
