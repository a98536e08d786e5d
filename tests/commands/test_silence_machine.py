"""Whatever is said where, late or twice, through outages, crashes and clocks that jump: one
outcome, that of a short independent model, told once in every room.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.custody import hearing
from bot.decisions import closing
from bot.decisions.agreeing import disagreement
from bot.decisions.ledger.verifying import verify
from bot.decisions.proposals import reference_of
from bot.events import RoomId
from bot.store.tables import Posting
from commands.registry import SilenceView
from tests.commands.assembly import MINUTE, Assembly, assembled
from tests.commands.house import NOW
from tests.custody import ROOMS

GRACE = 5 * MINUTE
TEAMS = {"a": ROOMS[0], "b": ROOMS[1], "c": ROOMS[2]}
ENDS = NOW + 30 * MINUTE


@dataclass
class Model:
    """The procedure in as few words as it can be said in."""

    expires: datetime = ENDS
    state: str = "open"
    objections: dict[str, datetime] = field(default_factory=dict)
    """When each team first objected;"""
    sure: set[str] = field(default_factory=set)
    """and which of them have confirmed that."""
    read_at: datetime | None = None

    def look(self, now: datetime, read: datetime) -> None:
        """The bot looks at `now`; all rooms have been read up to `read`."""
        while self.state == "open":
            in_time = {team for team, said in self.objections.items() if said < self.expires}
            if in_time & self.sure:
                self.state = "broken"
            elif now < self.expires:
                return
            elif self.read_at is None and read >= self.expires:
                self.read_at = now
            elif self.read_at is None:
                return
            elif self.read_at > self.expires + MINUTE:
                self.expires, self.read_at = self.read_at + GRACE, None
            elif in_time:
                return
            else:
                self.state = "adopted"


@dataclass(frozen=True)
class Typed:
    """What somebody typed, and when."""

    team: str
    stance: str
    said: datetime
    sure: bool = False


class Silence(RuleBasedStateMachine):
    """One procedure; each team in its own room, each room on its own network."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        view = SilenceView(minimum=MINUTE, grace=GRACE)
        self.three: Assembly = self.stack.enter_context(assembled(silence=view))
        self.ref = self.three.propose(options="--silence 30m")
        self.model = Model()
        self.down: set[RoomId] = set()
        self.kept: dict[RoomId, list[Typed]] = {room: [] for room in ROOMS}
        self.read = dict.fromkeys(ROOMS, NOW)
        self.asked: set[str] = set()

    @rule(team=st.sampled_from("abc"), stance=st.sampled_from(["agree", "object", "reserve"]),
          twice=st.booleans())  # fmt: skip
    def say(self, team: str, stance: str, *, twice: bool) -> None:
        self.asked |= {team} if stance == "object" else set()
        for _ in range(1 + twice):
            self._type(Typed(team, stance, self.three.now))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), twice=st.booleans())
    def confirm(self, data: st.DataObject, *, twice: bool) -> None:
        team = data.draw(st.sampled_from(sorted(self.asked)))
        for _ in range(1 + twice):
            self._type(Typed(team, "object", self.three.now, sure=True))

    @rule(room=st.sampled_from(ROOMS))
    def lose(self, room: RoomId) -> None:
        self.down.add(room)

    @rule(room=st.sampled_from(ROOMS))
    def find(self, room: RoomId) -> None:
        self.down.discard(room)
        for typed in self.kept[room]:
            self._arrive(typed)
        self.kept[room].clear()

    @rule(minutes=st.integers(1, 20), looking=st.booleans())
    def wait(self, minutes: int, *, looking: bool) -> None:
        for _ in range(minutes):
            self.three.now += MINUTE
            if looking:
                self.look()

    @rule()
    def look(self) -> None:
        self._read()
        self.three.pass_to(self.three.now, read=())
        self.model.look(self.three.now, min(self.read.values()))

    @rule()
    def crash(self) -> None:
        """All that a look did is lost before it was committed."""
        session, three = self.three.session, self.three
        with session.begin_nested() as lost:
            for room in ROOMS:
                if room not in self.down:
                    hearing.note(session, room, three.now, three.now)
            refs = closing.due(session, three.now).refs
            closing.look_all(session, three.house, refs, three.now)
            lost.rollback()
        session.expire_all()

    @rule(minutes=st.integers(1, 60))
    def set_back(self, minutes: int) -> None:
        """The bot's clock is wrong for one look."""
        row, early = self.three.row(self.ref), self.three.now - minutes * MINUTE
        if row.state != "open" or early < self.model.expires:
            closing.look(self.three.session, self.three.house, row, early)
            self.model.look(early, min(self.read.values()))

    @invariant()
    def it_stands_as_the_model_says(self) -> None:
        row = self.three.row(self.ref)
        assert (row.state, row.expires) == (self.model.state, self.model.expires)

    @invariant()
    def it_was_told_once_in_every_room_or_not_at_all(self) -> None:
        session = self.three.session
        told = session.query(Posting.room).filter_by(ref=self.ref, kind="outcome").all()
        over = self.model.state != "open"
        assert sorted(room for (room,) in told) == (sorted(ROOMS) if over else [])
        numbered = reference_of(session, self.three.row(self.ref)).number
        assert numbered == (1 if self.model.state == "adopted" else None)

    def teardown(self) -> None:
        """Everything is found again, and it comes to an end, or waits for the chair alone."""
        for room in ROOMS:
            self.find(room)
        for _ in range(60):
            self.wait(1, looking=True)
        row = self.three.row(self.ref)
        assert row.state != "open" or row.waiting == "chair"
        self.it_stands_as_the_model_says()
        assert verify(self.three.session, "C").wrong is None
        assert disagreement(self.three.session, "C") is None
        self.stack.close()

    def _read(self) -> None:
        for room in ROOMS:
            if room not in self.down:
                self.read[room] = self.three.now
                hearing.note(self.three.session, room, self.three.now, self.three.now)

    def _type(self, typed: Typed) -> None:
        room = TEAMS[typed.team]
        if room in self.down:
            self.kept[room].append(typed)
        else:
            self._arrive(typed)

    def _arrive(self, typed: Typed) -> None:
        text = f"voice {self.ref} {typed.stance}"
        who, over = f"{typed.team}/ada", self.model.state != "open"
        question = self._question(typed) if typed.sure and not over else ""
        self.three.ask(who, text, said=typed.said, confirmed=question)
        if over:
            return
        if typed.stance == "object":
            self.model.objections.setdefault(typed.team, typed.said)
            if not typed.sure:
                return
            self.model.sure.add(typed.team)
        self.model.look(self.three.now, min(self.read.values()))

    def _question(self, typed: Typed) -> str:
        """What the bot asks who objects: read from a question that leaves nothing behind."""
        with self.three.session.begin_nested() as aside:
            self.three.ask(f"{typed.team}/ada", f"voice {self.ref} object", said=typed.said)
            aside.rollback()
        self.three.session.expire_all()
        return self.three.asked


Silence.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, derandomize=False
)
TestSilence = Silence.TestCase
