"""Teams a, b and c with somebody in each room, commands as they type them, a clock to be set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.errors import UserError
from bot.events import Answer, Author, Edit, MessageId, Outgoing, PersonId, Post, RoomId, Standing
from bot.paging import ladder
from bot.paging.house import Service
from bot.paging.keeping import Call
from bot.richtext import plain
from bot.schedules.kinds import Due
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey
from bot.store.tables import Base, Outbox, Roster, Schedule, State
from bot.store.tables.paging import Alert, Page
from bot.times.working import Severity
from commands import grammar
from commands.registry import ChannelView, Registry
from tests.commands.house import NOW, SmallHouse, context_in
from tests.custody import ROOMS, Alliance

MINUTE = timedelta(minutes=1)
REGISTRY = Registry.load()
HOME = RoomId("fake:b/home")
PEOPLE = ("ada", "ben", "eve")
A, B = TeamKey("a"), TeamKey("b")
MAIL, HOOK = Service("mail-1", "mail"), Service("json-2", "json")


def person(name: str) -> PersonId:
    """`b/ada`, as her network knows her."""
    return PersonId(f"fake:{name}")


@dataclass
class Watchroom:
    """What people type, and what follows."""

    session: Session
    alliance: Alliance
    house: SmallHouse
    now: datetime = NOW
    outgoing: list[Outgoing] = field(default_factory=list)
    asked: str = ""

    def team(self, key: str = "b", **facts: object) -> None:
        """A team is otherwise."""
        teams = [
            replace(each, **facts) if each.key == key else each  # type: ignore[arg-type]
            for each in self.house.teams.teams.values()
        ]
        self.house.teams = Directory(
            teams, {"inner": ["a", "b"]}, home_of=lambda m: m.partition("/")[0]
        )
        self.alliance.custody.doors.settle(
            self.alliance.custody.doors.channels.values(), self.house.teams, NOW
        )

    def ask(
        self, who: str, text: str, *, room: RoomId | None = None, answers: str | None = None,
        confirmed: str = "", channel: str | None = "c",
    ) -> list[str]:  # fmt: skip
        """The lines that `a/ada` is answered, in the room of her network."""
        asker = Author(person(who), who.partition("/")[2].title(), standing=Standing.MEMBER)
        context = context_in(room or RoomId(f"fake:{who[0]}/room"), self.house, asker=asker)
        context = replace(
            context, session=self.session, now=self.now, confirmed=confirmed, channel=channel,
            answers=None if answers is None else MessageId(answers),
        )  # fmt: skip
        command, _, rest = text.partition(" ")
        with self.session.begin_nested():
            reply = REGISTRY.run(grammar.Call(command, rest), context)
            self.session.flush()
        self.asked = reply.asks
        self.left(reply.also)
        return plain(reply.body).split("\n")

    def refused(self, who: str, text: str, **how: object) -> str:
        """The words of a refusal."""
        try:
            answer = self.ask(who, text, **how)  # type: ignore[arg-type]
        except UserError as error:
            return str(error)
        raise AssertionError(f"answered: {answer}")

    def left(self, outgoing: Iterable[Outgoing]) -> None:
        """It leaves."""
        outgoing = list(outgoing)
        self.outgoing += outgoing
        outbox.put(self.session, outgoing, self.now)

    def call(self, severity: Severity = Severity.CRITICAL, **more: object) -> Page:
        """Team a calls team b, of itself."""
        wanted = Call(B, severity, person("a/ada"), A, **more)  # type: ignore[arg-type]
        page, outgoing = ladder.call(self.session, self.house, wanted, self.now)
        self.left(outgoing)
        return page

    def pass_by(self, time: timedelta) -> None:
        """Time passes, and the scheduler does what is due, as it does it."""
        self.now += time
        due = select(Schedule).where(Schedule.due <= self.now).order_by(Schedule.due)
        while (row := self.session.execute(due.limit(1)).scalar_one_or_none()) is not None:
            assert row.next is not None
            occurrence = Due(
                row.handle, row.object, row.next, "UTC", late=False, by=PersonId(row.by),
                team=None, channel=None, marking=None,
            )  # fmt: skip
            if row.kind == ladder.KIND:
                self.left(ladder.handler(self.house)(self.session, occurrence, self.now))
            row.next, row.due, row.ended = None, None, self.now
            self.session.flush()

    def down(self, alert: Alert) -> None:
        """A service has not taken an alert."""
        alert.state = ladder.FAILED
        page = self.session.get(Page, alert.page)
        assert page is not None
        kind = alert.service.partition("-")[0]
        self.left(
            ladder.service_down(
                self.session, self.house, page, alert.rung, kind, alert.service, self.now
            )
        )

    def page(self) -> Page:
        """The only page there is."""
        return self.session.execute(select(Page)).scalar_one()

    def alerts(self) -> list[Alert]:
        """The alerts so far."""
        return list(self.session.execute(select(Alert).order_by(Alert.id)).scalars())

    def spoken_to(self) -> list[str]:
        """Who was told something in private, unasked, in order: `b/ada`."""
        return [
            each.content.person.removeprefix("fake:")
            for each in self.outgoing
            if isinstance(each.content, Answer)
        ]

    def told(self, who: str) -> list[str]:
        """What somebody was told so."""
        return [
            plain(each.content.body)
            for each in self.outgoing
            if isinstance(each.content, Answer) and each.content.person == person(who)
        ]

    def posts(self, room: RoomId) -> list[str]:
        """What was posted into a room, and what that says now."""
        return [
            plain(each.content.body)
            for each in self.outgoing
            if isinstance(each.content, Post | Edit) and each.room == room
        ]

    def land(self) -> None:
        """What waits lands now."""
        for row in self.session.execute(select(Outbox).where(Outbox.state == State.WAITING)):
            row[0].state, row[0].finished, row[0].landed = State.DELIVERED, self.now, row[0].id
        self.session.flush()


@contextmanager
def watchroom(**team: object) -> Iterator[Watchroom]:
    """Of team b Ada is on duty, Ben stands in, Eve administers; it has a mail address for alerts.
    `team`: what is otherwise of it.
    """
    alliance = Alliance()
    view = ChannelView(
        "c", "Channel C", Label.AMBER_STRICT, Label.GREEN, teams=("a", "b", "c")
    )  # fmt: skip
    house = SmallHouse(
        {"c": list(ROOMS)}, views={"c": view}, teams=alliance.directory, gate=alliance.open(),
        alerts={B: (MAIL,)},
    )  # fmt: skip
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for room in ROOMS:
            key = room.partition("/")[0].removeprefix("fake:")
            for name in PEOPLE:
                session.add(
                    Roster(room=room, person=f"fake:{key}/{name}", name=name.title(), team=key,
                           standing=Standing.MEMBER, since=NOW)
                )  # fmt: skip
        session.flush()
        found = Watchroom(session, alliance, house)
        facts: dict[str, object] = {
            "duty": ("fake:b/ada", "fake:b/ben"), "admins": ("fake:b/eve",),
            "members": ("fake:b", *(f"fake:b/{name}" for name in PEOPLE)),
        }  # fmt: skip
        found.team("b", **(facts | team))
        yield found
    engine.dispose()
