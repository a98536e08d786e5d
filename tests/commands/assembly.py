"""Three teams who decide by typing commands, with a store and a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from bot.custody import hearing
from bot.decisions import closing
from bot.decisions.proposals import find
from bot.delivery import outbox
from bot.errors import UserError
from bot.events import Answer, Author, MessageId, Outgoing, PersonId, Post, RoomId, Standing
from bot.platforms.base import MessageLink, Network
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.store.tables import Audit, Base, Outbox, Roster, State
from bot.store.tables.decisions import Decision
from commands.grammar import Call
from commands.registry import ChannelView, Registry, SilenceView
from config.series import Run
from tests.bot.sharing.allies import NETWORKS
from tests.commands.house import ADMIN_ROOM, NOW, SmallHouse, context_in
from tests.custody import ROOMS, Alliance

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REGISTRY = Registry.load()


@dataclass
class Assembly:
    """What people type, and what follows."""

    session: Session
    alliance: Alliance
    house: SmallHouse
    now: datetime = NOW
    outgoing: list[Outgoing] = field(default_factory=list)

    def ask(
        self, who: str, text: str, *, room: RoomId | None = None, answers: MessageId | None = None,
        confirmed: str = "", said: datetime | None = None,
    ) -> str:  # fmt: skip
        """What `a/ada` is answered, in the room of her network where none is said; a question of
        the bot's is kept in `asked`, the whole answer in `reply`.
        """
        team, _, name = who.partition("/")
        person = Author(PersonId(f"fake:{team}/{name}"), name.title(), standing=Standing.MEMBER)
        context = context_in(room or RoomId(f"fake:{team}/room"), self.house, asker=person)
        context = replace(
            context, session=self.session, now=self.now, said=said, confirmed=confirmed,
            answers=answers, channel=context.channel or "c",
        )  # fmt: skip
        command, _, rest = text.partition(" ")
        reply = REGISTRY.run(Call(command, rest), context)
        self.asked, self.reply = reply.asks, reply
        self._left(reply.also)
        return plain(reply.body)

    def operator(self, text: str) -> str:
        """The same in an admin room."""
        return self.ask("a/ada", text, room=ADMIN_ROOM)

    def refused(self, who: str, text: str, **how: object) -> str:
        """The words of a refusal."""
        try:
            answer = self.ask(who, text, **how)  # type: ignore[arg-type]
        except UserError as error:
            return str(error)
        raise AssertionError(f"answered: {answer}")

    def twice(self, who: str, text: str) -> str:
        """Asked, and confirmed."""
        self.ask(who, text)
        assert self.asked, "nothing was asked"
        return self.ask(who, text, confirmed=self.asked)

    def propose(self, text: str = "Block it at 18:00.", options: str = "--silence 72h") -> str:
        """Ada of team a proposes; it lands everywhere at once. Its handle."""
        before = set(self.session.execute(select(Decision.ref)).scalars())
        self.ask("a/ada", f"propose {options} {text}")
        self.land()
        (ref,) = set(self.session.execute(select(Decision.ref)).scalars()) - before
        return ref

    def land(self, rooms: Iterable[RoomId] = ROOMS) -> None:
        """What waits for these rooms lands, and somebody of their team is there."""
        landing = update(Outbox).where(Outbox.room.in_(list(rooms)), Outbox.state == State.WAITING)
        self.session.execute(
            landing.values(state=State.DELIVERED, finished=self.now, landed=Outbox.id)
        )
        self.session.flush()

    def pass_to(self, now: datetime, *, read: Iterable[RoomId] = ROOMS) -> None:
        """The clock says `now`, and the rooms have been read up to it."""
        self.now = now
        for room in read:
            hearing.note(self.session, room, now, now)
        due = closing.due(self.session, now)
        self._left(closing.look_all(self.session, self.house, due.refs, now))

    def row(self, ref: str) -> Decision:
        """A decision, by its number or handle."""
        found = find(self.session, ref)
        assert found is not None, ref
        return found

    def posts(self, room: RoomId = ROOMS[1]) -> list[str]:
        """The first lines of what was posted into a room."""
        return [
            plain(each.content.body).partition("\n")[0]
            for each in self.outgoing
            if isinstance(each.content, Post) and each.room == room
        ]

    def told(self, person: str) -> list[str]:
        """What somebody was told in private, unasked."""
        return [
            plain(each.content.body)
            for each in self.outgoing
            if isinstance(each.content, Answer) and each.content.person == f"fake:{person}"
        ]

    def audited(self) -> list[tuple[str, str, str]]:
        """Action, rule and outcome of each act."""
        rows = self.session.execute(select(Audit.action, Audit.rule, Audit.outcome))
        return [(row.action, row.rule, row.outcome) for row in rows]

    def _left(self, outgoing: Iterable[Outgoing]) -> None:
        outgoing = list(outgoing)
        self.outgoing += outgoing
        outbox.put(self.session, outgoing, self.now)


def linking_to(room: str) -> Callable[[], Mapping[str, Network]]:
    """The networks, with links to messages of rooms that are called so: `https://chat.test/ID`."""

    def read_link(text: str) -> MessageLink | None:
        name = text.removeprefix("https://chat.test/")
        return None if name == text else MessageLink(MessageId(name), room)

    return lambda: {"fake": replace(NETWORKS["slack"], name="fake", read_link=read_link)}


linking = linking_to("room")
"""Links to messages of the rooms here."""


@contextmanager
def assembled(
    clearances: Mapping[str, Label] = MappingProxyType({}),
    needs: int = 1,
    delegates: tuple[str, ...] = ("ada",),
    **channel: object,
) -> Iterator[Assembly]:
    """Teams a (which presides), b and c; the delegate of each is its Ada, and its Ben is none
    unless `delegates` says so.
    """
    alliance = Alliance(clearances=clearances, needs=needs, delegates=delegates)
    view = ChannelView(
        "c", "Channel C", ceiling=Label.AMBER_STRICT, marking=Label.GREEN, teams=("a", "b", "c"),
        chair="a", silence=SilenceView(),
    )  # fmt: skip
    house = SmallHouse(
        {"c": list(ROOMS)}, views={"c": replace(view, **channel)},  # type: ignore[arg-type]
        teams=alliance.directory, gate=alliance.open(), runs=[Run("INN", ("c",), "inner")],
    )  # fmt: skip
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for room in ROOMS:
            team = room.partition("/")[0].removeprefix("fake:")
            session.add(
                Roster(
                    room=room, person=f"fake:{team}/ada", name="Ada", team=team,
                    standing=Standing.MEMBER, since=NOW - HOUR,
                )
            )  # fmt: skip
        session.flush()
        yield Assembly(session, alliance, house)
    engine.dispose()
