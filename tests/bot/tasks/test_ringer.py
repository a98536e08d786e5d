"""The ringer on both databases: alerts sent at least once, steps once, whatever falls over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.typing import EventDict

from bot.alerting.sending import Note, Post, Sender, Ways
from bot.delivery import outbox
from bot.delivery.lease import Leases
from bot.errors import LeaseLost
from bot.events import PersonId, RoomId
from bot.paging import keeping, ladder
from bot.paging.house import Service
from bot.paging.keeping import Call
from bot.schedules.kinds import Place
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables import Outbox, State
from bot.store.tables.paging import Alert, Page
from bot.tasks.ringer import LEASE, PATIENCE, Ringer
from bot.times.working import Severity
from config.alerts import Target
from tests.clock import Clock
from tests.commands.house import SmallHouse
from tests.custody import ROOMS, Alliance
from tests.mailroom import Mailbox, mail_server

B = TeamKey("b")
HOME = RoomId("fake:b/home")
TOKEN = "jsons://hooks.example/hidden-token"
TARGETS = {
    "mail-1": Target("mail-1", "mail", "mailto:duty@b.example"),
    "jsons-2": Target("jsons-2", "jsons", TOKEN),
}


@dataclass
class Carriage:
    """A carrier that says how it went, by address; what is `stuck` never comes back."""

    why: Mapping[str, str] = field(default_factory=dict)
    stuck: bool = False
    sent: list[tuple[str, Note]] = field(default_factory=list)

    async def send(self, target: str, note: Note) -> str:
        self.sent.append((target, note))
        if self.stuck:
            await asyncio.Event().wait()
        return self.why.get(target, "")


class Night:
    """A page of team b that rings by two services, and one ringer after the other."""

    def __init__(self, database: Database, clock: Clock, home: RoomId | None = None) -> None:
        self.database, self.clock = database, clock
        alliance = Alliance(homes={} if home is None else {"b": home})
        services = [Service(each.name, each.kind) for each in TARGETS.values()]
        self.house = SmallHouse(
            teams=alliance.directory, gate=alliance.open(), alerts={B: services}
        )
        self.woken: set[str] = set()
        self.page = database.run_now(self._called)

    def _called(self, session: Session) -> str:
        wanted = Call(B, Severity.CRITICAL, PersonId("fake:a/ada"), None, Place(ROOMS[0]))
        page, outgoing = ladder.call(session, self.house, wanted, self.clock())
        outbox.put(session, outgoing, self.clock())
        return page.ref

    def ringer(self, carrier: Carriage | Sender, targets: Mapping[str, Target] = TARGETS) -> Ringer:
        """A process that has taken the lease over."""
        leases = Leases()
        leases.took(
            self.database.run_now(lambda s: leases.acquire(s, [LEASE], self.clock(), alone=True))
        )
        return Ringer(
            self.database, leases, self.house, {B: targets}, carrier, self.woken.update,
            clock=self.clock,
        )  # fmt: skip

    def states(self) -> list[tuple[str, str, int]]:
        found = select(Alert.service, Alert.state, Alert.tries).order_by(Alert.id)
        return self.database.read_now(lambda s: [tuple(each) for each in s.execute(found)])  # type: ignore[misc]

    def lands(self, room: RoomId) -> None:
        """What is for a room stands there as `m1`."""
        landed = {"state": State.DELIVERED, "landed": "m1", "finished": self.clock()}
        which = update(Outbox).where(Outbox.room == room)
        self.database.run_now(lambda s: s.execute(which.values(landed)))

    def said(self) -> int:
        """How many deliveries there are."""
        return len(self.database.read_now(lambda s: list(s.scalars(select(Outbox.id)))))


@pytest.fixture
def night(database: Database, clock: Clock) -> Night:
    return Night(database, clock)


async def rings(ringer: Ringer) -> None:
    """All that waits is sent."""
    async with asyncio.TaskGroup() as tasks:
        await ringer.look(tasks)


def test_each_service_is_sent_the_same_once(night: Night) -> None:
    carriage = Carriage()
    ringer = night.ringer(carriage)
    asyncio.run(rings(ringer))
    asyncio.run(rings(ringer))
    assert sorted(target for target, _ in carriage.sent) == sorted(["mailto:duty@b.example", TOKEN])
    assert carriage.sent[0][1].lines[0] == f"{night.page} critical"
    assert night.states() == [("mail-1", "sent", 1), ("jsons-2", "sent", 1)]


def test_an_alert_leads_to_the_message_itself_once_that_has_landed(
    database: Database, clock: Clock
) -> None:
    night, carriage = Night(database, clock, HOME), Carriage()
    asyncio.run(rings(night.ringer(carriage)))
    assert not carriage.sent, "its post is on its way"
    night.lands(HOME)
    asyncio.run(rings(night.ringer(carriage)))
    assert {note.lines[1:] for _, note in carriage.sent} == {(f"https://chat.test/{HOME}/m1",)}
    assert night.states() == [("mail-1", "sent", 1), ("jsons-2", "sent", 1)]


def test_an_alert_waits_for_its_message_no_longer_than_a_moment(
    database: Database, clock: Clock
) -> None:
    night, carriage = Night(database, clock, HOME), Carriage()
    clock.now += PATIENCE
    asyncio.run(rings(night.ringer(carriage)))
    assert {note.lines[1:] for _, note in carriage.sent} == {(f"https://chat.test/{HOME}",)}


def test_what_was_being_sent_when_it_fell_over_is_sent_again_under_the_same_id(
    night: Night,
) -> None:
    stuck, carriage = Carriage(stuck=True), Carriage()

    async def falls_over() -> None:
        async with asyncio.TaskGroup() as tasks:
            await night.ringer(stuck).look(tasks)
            async with asyncio.timeout(20):
                while len(stuck.sent) < 2:
                    await asyncio.sleep(0.01)
            current = asyncio.current_task()
            for task in asyncio.all_tasks() - {current}:
                task.cancel()

    asyncio.run(falls_over())
    assert {state for _, state, _ in night.states()} == {"sending"}
    asyncio.run(rings(night.ringer(carriage)))
    assert {note.id for _, note in carriage.sent} == {note.id for _, note in stuck.sent}
    assert {(state, tries) for _, state, tries in night.states()} == {("sent", 2)}


def test_a_service_that_is_down_is_told_to_the_author_in_the_same_transaction(
    night: Night,
) -> None:
    before = night.said()
    asyncio.run(rings(night.ringer(Carriage({TOKEN: "unreachable"}))))
    assert night.states() == [("mail-1", "sent", 1), ("jsons-2", "failed", 1)]
    assert night.said() == before + 2, "its author, and an admin room"
    assert night.woken


def test_an_alert_of_what_somebody_has_is_not_sent_any_more(night: Night) -> None:
    def acknowledged(session: object) -> None:
        page = session.get(Page, night.page)  # type: ignore[attr-defined]
        page.acknowledged = night.clock()

    night.database.run_now(acknowledged)
    carriage = Carriage()
    asyncio.run(rings(night.ringer(carriage)))
    assert not carriage.sent
    assert {state for _, state, _ in night.states()} == {"dropped"}


def test_a_service_that_the_settings_name_no_more_has_failed(night: Night) -> None:
    asyncio.run(rings(night.ringer(Carriage(), {})))
    assert {state for _, state, _ in night.states()} == {"failed"}


def test_who_has_lost_the_lease_sends_nothing(night: Night) -> None:
    carriage = Carriage()
    late = night.ringer(carriage)
    night.ringer(Carriage())
    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(rings(late))
    assert raised.group_contains(LeaseLost)
    assert not carriage.sent


def test_no_url_and_no_word_reaches_the_log(night: Night, records: list[EventDict]) -> None:
    asyncio.run(rings(night.ringer(Carriage({TOKEN: "not taken"}))))
    assert sorted(each["event"] for each in records) == ["alert.refused", "alert.sent"]
    assert "hidden" not in str(records) + repr(TARGETS)
    assert "duty@b.example" not in str(records) + repr(TARGETS)


def test_real_mail_arrives(night: Night) -> None:
    with mail_server(Mailbox()) as box:
        mail = Post("smtp", "127.0.0.1", box.port, None, None, None, "liaison@a.example")
        targets = {"mail-1": TARGETS["mail-1"]}
        asyncio.run(rings(night.ringer(Sender(Ways(mail), longest=60), targets)))
    (message,) = box.messages
    first, link = message.get_content().splitlines()
    assert first == f"{night.page} critical"
    assert link in {f"https://chat.test/{room}" for room in ROOMS}
    reached = night.database.read_now(
        lambda s: keeping.find(s, night.page).reached  # type: ignore[union-attr]
    )
    assert reached == night.clock()
