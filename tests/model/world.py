"""Two houses with the bot between them: what people and operators do, and what must then be so.

Everything that the bot is told goes to the oracle too, in the order in which the bot commits it.
A request that puts words somewhere is judged by what was known when it began, or in the moments
since the step before: the bot may be a moment behind, and never more.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery.inlet import Handled
from bot.errors import OutcomeUnknown
from bot.events import (
    Answer,
    Delivery,
    Edit,
    Event,
    MessageEdited,
    MessageId,
    MessagePosted,
    Post,
    RoomId,
    Share,
    Topic,
    TopicChanged,
    account_of,
    local,
)
from bot.platforms.base import Roster, Sent
from bot.richtext import plain, say
from bot.store.database import open_database
from bot.store.tables import OPEN, Outbox
from tests.clock import Clock
from tests.fake_platform import Fault
from tests.model.cast import ADMINS, AT_FIRST, HOUSES, PEOPLE, ROOMS, Variant
from tests.model.joining import Joined, joined
from tests.model.oracle import Message, Person, Reading, State, Words, stricter
from tests.model.speech import Speech, token_of, tokens
from tests.model.town import Town
from tests.small_bot import SmallBot

Handle = Callable[[Session, Event, datetime], Handled]
Deliver = Callable[[Delivery], Awaitable[Sent]]
_MARK = re.compile(r"!mark TLP:(\S+)")
_IDLE = 5
"""So many looks at which nothing happens, and what is not done by then waits for something."""
_LONG = 400
_STEPS = (1.0, 1.0, 5.0, 30.0, 60.0)
"""Seconds that pass at a look at which nothing happens, one after the other."""


@dataclass(frozen=True)
class Carried:
    """A request that was carried out: words that somebody can read now."""

    room: str
    texts: tuple[str, ...]
    to: str | None
    begun: tuple[int, int]
    """Between which moments of the history it began."""


@dataclass
class Truth:
    """Something that was said, as its author knows it; `message` None: a topic."""

    key: int
    author: Person
    room: str
    message: MessageId | None
    versions: list[Words]
    root: int | None = None
    answers: int | None = None
    deleted: bool = False


class World:
    """All of it. Every public method is a step; `look` says whether the promise was kept."""

    def __init__(self, store: Path, template: Path) -> None:
        shutil.copyfile(template, store)
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.variant = Variant()
        self.readings = {
            room: Reading(frozenset(PEOPLE[name] for name in AT_FIRST[room])) for room in ROOMS
        }
        self.towns = {
            house: Town(
                house,
                [local(RoomId(r)) for r in (*ROOMS, ADMINS) if r.startswith(house)],
                self.readings,
                self._carry_out,
                self.clock,
            )
            for house in HOUSES
        }
        self.truths: list[Truth] = []
        self.history = [State(self.variant.alliance(), frozenset(PEOPLE.values()), self._seconds())]
        self.must_go: set[tuple[int, str]] = set()
        """Copies that a stricter marking does not let stand."""
        self.counted: Counter[str] = Counter()
        self._from = 0
        """Where in the history this step began."""
        self._begun: dict[str, tuple[int, int]] = {}
        self._carried: list[Carried] = []
        self._held: set[str] = set()
        self._broken: list[Exception] = []
        """What the handler raised, which the bot itself only logs."""
        self._bot: Joined | None = None
        self._letting_go = AsyncExitStack()
        self.database = open_database(f"sqlite:///{store}")
        self.start()

    def close(self) -> None:
        """Let go of everything."""
        for town in self.towns.values():
            town.held.set()
        self._do(self._letting_go.aclose())
        self.database.close()
        self.loop.close()

    @property
    def now(self) -> State:
        """What is known now."""
        return self.history[-1]

    # ── what people do ──────────────────────────────────────────────────────────────────────────

    def say(
        self,
        room: str,
        who: int,
        make: Callable[[str], Speech],
        root: int | None = None,
        answers: int | None = None,
    ) -> None:
        """Somebody says something, perhaps in a thread of, or as an answer to, what is there."""
        person, key = self._somebody(room, who), len(self.truths)
        if person is None:
            return
        above, answered = self._shown(room, root), self._shown(room, answers)
        speech, town = make(f"w{key}v0"), self.towns[person.house]
        message = town.speak(
            person,
            room,
            speech.body,
            thread=above[0] if above else None,
            reply_to=answered[0] if answered else None,
            files=speech.files,
        )
        made = Truth(key, person, room, message, [speech.words])
        made.root, made.answers = above[1] if above else None, answered[1] if answered else None
        self.truths.append(made)
        self.counted["said"] += 1
        self._pass_time()

    def set_topic(self, room: str, who: int, words: Words) -> None:
        """Somebody sets a room's topic."""
        person, key = self._somebody(room, who), len(self.truths)
        if person is None:
            return
        text = f"w{key}v0 what we do" if words.label is None else f"TLP:{words.label} w{key}v0"
        self.truths.append(Truth(key, person, room, None, [words]))
        self.towns[person.house].set_topic(text, name=person.name, local=local(RoomId(room)))
        self._pass_time()

    def edit(self, which: int, make: Callable[[str], Speech]) -> None:
        """Its author says something otherwise."""
        truth = self._some(which)
        if truth is None or truth.message is None:
            return
        speech = make(f"w{truth.key}v{len(truth.versions)}")
        # An edit brings no files: what their names say is not said.
        truth.versions.append(Words() if speech.files else speech.words)
        town = self.towns[truth.author.house]
        town.change(truth.author, truth.room, truth.message, speech.body)
        self.counted["edited"] += 1
        self._pass_time()

    def mark(self, which: int, label: str) -> None:
        """Its author marks something higher, by an answer."""
        truth = self._some(which)
        if truth is None or truth.message is None or truth.key not in self.now.messages:
            return
        message = self.now.messages[truth.key]
        if stricter(self.now.own(message)[0], label) == label and message.originator is not None:
            words = say(f"!mark TLP:{label}")
            self.towns[truth.author.house].speak(
                truth.author, truth.room, words, reply_to=truth.message
            )
            self.counted["marked"] += 1
            self._pass_time()

    def delete(self, which: int) -> None:
        """Its author takes something back."""
        truth = self._some(which)
        if truth is not None and truth.message is not None:
            truth.deleted = True
            self.towns[truth.author.house].take_back(truth.room, truth.message)
            self._pass_time()

    def move(self, who: str, room: str) -> None:
        """Somebody comes into a room, or leaves it."""
        person, town = PEOPLE[who], self.towns[room.partition("/")[0]]
        if person.house != town.account:
            return
        reading = self.readings[room]
        town.be(room, replace(reading, present=reading.present ^ {person}), person)
        self._pass_time()

    def change_room(self, room: str, how: str) -> None:
        """A room is opened to its house or to the world, closed again, made fit or unfit."""
        changed: dict[str, Any] = {
            "house": {"house_may_enter": True},
            "world": {"world": True},
            "closed": {"house_may_enter": False, "world": False, "fit": True},
            "unfit": {"fit": False},
        }
        reading = replace(self.readings[room], **changed[how])
        self.towns[room.partition("/")[0]].be(room, reading)
        self._pass_time()

    # ── what operators and networks do ──────────────────────────────────────────────────────────

    def reload(self, variant: Variant) -> None:
        """Other settings hold: the bot lets go of everything, and builds itself anew."""
        self.variant = variant
        if self._bot is not None:
            self.crash()
            self.start()

    def freeze(self, kind: str, name: str) -> None:
        """Nothing goes in or out there, until it is thawed."""
        if self._bot is not None and name not in self.now.frozen:
            self._note(lambda state: setattr(state, "frozen", state.frozen | {name}))
            self._do(self._bot.freeze(kind, name))
            self._pass_time()

    def thaw(self) -> None:
        """All goes in and out again."""
        if self._bot is not None and self.now.frozen:
            self._do(self._bot.thaw())
            self._note(lambda state: setattr(state, "frozen", frozenset()))
            self._pass_time()

    def cut(self, house: str) -> None:
        """A network cannot be reached."""
        self.towns[house].cut()

    def restore(self, house: str) -> None:
        """It can be reached again."""
        self.towns[house].restore()
        if self._bot is not None:
            self._do(self._bot.reconnected(self.towns[house].account))
        self._pass_time()

    def hold(self, house: str) -> None:
        """Requests to a network are under way, and stay so."""
        self._held.add(house)
        self.towns[house].held.clear()

    def let_go(self, house: str) -> None:
        """They arrive."""
        self._held.discard(house)
        self.towns[house].held.set()
        self._pass_time()

    def fail(self, house: str, room: str | None, fault: Fault) -> None:
        """The next request to a room goes wrong."""
        self.towns[house].faults[None if room is None else RoomId(room)].append(fault)

    def fail_rosters(self, house: str) -> None:
        """The next question who is in a room goes wrong."""
        self.towns[house].roster_faults.append(OutcomeUnknown("cut"))

    def double(self, which: int) -> None:
        """A network tells of something again."""
        truth = self._some(which)
        if truth is not None and truth.message is not None:
            self.towns[truth.author.house].double(truth.message, local(RoomId(truth.room)))
            self._pass_time()

    def crash(self) -> None:
        """The bot is gone from one moment to the next."""
        if self._bot is not None:
            self._bot = None
            self._do(self._letting_go.aclose())
            self._note(lambda state: state.read.clear())

    def start(self) -> None:
        """It starts on its store, with the settings of now and both networks there."""
        if self._bot is not None:
            return
        for town in self.towns.values():
            town.restore()
        self._note(lambda state: setattr(state, "alliance", self.variant.alliance()))
        self._do(self._start())
        self._pass_time()

    async def _start(self) -> None:
        self._letting_go = AsyncExitStack()
        self._bot = await self._letting_go.enter_async_context(
            joined(self.database, self.clock, self.towns, self.variant.alliance(), self._watch)
        )

    # ── what the bot is told ────────────────────────────────────────────────────────────────────

    def _watch(self, bot: SmallBot) -> None:
        """Stand between the parts, to know what is told in which order."""
        for inlet in bot.inlets:
            inlet._handle = self._heard(inlet._handle)
        for platform in bot.platforms.values():
            watched: Any = platform
            watched.deliver = self._delivering(platform.deliver)
            watched.roster = self._reading(platform.roster)

    def _heard(self, handle: Handle) -> Handle:
        def hear(session: Session, event: Event, now: datetime) -> Handled:
            if isinstance(event, MessagePosted) and event.own is None:
                whole = self.towns[account_of(event.room)].bodies.get(plain(event.body))
                event = event if whole is None else replace(event, body=whole)
            try:
                handled = handle(session, event, now)
            except Exception as error:
                self._broken.append(error)
                raise
            before = self.now
            self._note(partial(self._tell, event))
            self._find_raised(before, self.now)
            return handled

        return hear

    def _delivering(self, deliver: Deliver) -> Deliver:
        async def begin(delivery: Delivery) -> Sent:
            self._begun[delivery.id] = (self._from, len(self.history) - 1)
            return await deliver(delivery)

        return begin

    def _reading(self, roster: Callable[[RoomId], Awaitable[Roster]]) -> Any:
        async def read(room: RoomId) -> Roster:
            found = await roster(room)
            if room in ROOMS:
                reading = self.readings[room]
                self._note(lambda state: state.read.update({room: reading}))
            return found

        return read

    def _note(self, change: Callable[[State], object]) -> None:
        state = self.now.copy()
        state.now = self._seconds()
        change(state)
        state.keep_time()
        self.history.append(state)

    def _tell(self, event: Event, state: State) -> None:
        """What the bot knows of what was said, now that it was told."""
        author = getattr(event, "author", None)
        if author is not None and author.person.partition("/")[2] in PEOPLE:
            team = state.alliance.team_of(PEOPLE[author.person.partition("/")[2]])
            if state.is_frozen(getattr(event, "room", ""), team):
                return
        match event:
            case MessagePosted(own=None, body=body, reply_to=str(answered)) if (
                marked := _MARK.fullmatch(plain(body))
            ):
                self._tell_mark(answered, event.room, marked[1], state)
                return
            case MessagePosted(own=None, room=room, body=body) if room in ROOMS:
                token = token_of(body)
            case MessageEdited(own=False, room=room, body=body):
                token = token_of(body)
            case TopicChanged(own=False, topic=topic):
                token = next(iter(tokens(topic)), None)
            case _:
                token = None
        if token is None:
            return
        key, version = token
        truth, known = self.truths[key], state.messages.get(key)
        words, posted = truth.versions[version], not isinstance(event, MessageEdited)
        default = state.alliance.channel_of(truth.room)[1].default
        if isinstance(event, TopicChanged) and words.label is None:
            # No message, but something that happened: it is marked as what happens then is.
            words = replace(words, label=default)
        if known is None:
            team = state.alliance.team_of(truth.author)
            said = getattr(event, "said", self.clock()).timestamp() if posted else state.now
            known = Message(key, truth.room, truth.author, team, said, (words,), version)
        elif version > known.version:
            known = replace(known, words=(*known.words, words), version=version)
        if posted:
            known = replace(known, root=truth.root, answers=truth.answers)
        state.messages[key] = known

    def _tell_mark(self, answered: str, room: str, label: str, state: State) -> None:
        for truth in self.truths:
            if (truth.message, truth.room) == (answered, room) and truth.key in state.messages:
                known = state.messages[truth.key]
                state.messages[truth.key] = replace(known, words=(*known.words, Words(label)))

    def _find_raised(self, old: State, new: State) -> None:
        """Which copies a marking does not let stand that was made another one by what was said:
        words never make it laxer.
        """
        for key, message in new.messages.items():
            if key not in old.messages or old.marking(key) == new.marking(key):
                continue
            for room in new.alliance.channel_of(message.room)[1].rooms:
                known = room in new.read and not new.is_frozen(room)
                if room != message.room and known and not new.may_stand(key, room):
                    self.must_go.add((key, room))

    # ── what must be so ─────────────────────────────────────────────────────────────────────────

    def look(self) -> None:
        """Everything that was carried out in this step could be read by those who may alone, and
        nothing stands that may not stand any more.
        """
        if self._broken:
            raise self._broken[0]
        for carried in self._carried:
            for key, _version in tokens("\n".join(carried.texts)):
                if carried.to is not None:
                    assert carried.to == self.truths[key].author.id, "a private word for another"
                    continue
                assert carried.room in ROOMS, "words of people in a room of no channel"
                first, last = carried.begun
                could = any(
                    s.knows(key) and s.may_stand(key, carried.room)
                    for s in self.history[first : last + 1]
                )
                assert could, self._report(key, carried)
                self.counted["carried"] += 1
        self._carried.clear()
        for key, room in sorted(self.must_go):
            if self._usable(room.partition("/")[0]) and self._bot is not None:
                standing = {k for text in self._copies(room) for k, _ in tokens(text)}
                assert key not in standing, self._report(key, f"it still stands in {room}")
                self.must_go.discard((key, room))
        self._from = len(self.history) - 1

    def _report(self, key: int, what: object) -> str:
        now, message = self.now, self.now.messages[key]
        return "\n".join(
            [
                f"w{key}: {what}",
                f"{message}",
                f"marking now: {now.marking(key)}",
                *(f"{room}: {now.read.get(room)}" for room in ROOMS),
                f"{self.variant}",
            ]
        )

    def _copies(self, room: str) -> list[str]:
        return self.towns[room.partition("/")[0]].standing_copies(room)

    def _carry_out(self, delivery: Delivery) -> None:
        texts: tuple[str, ...]
        to: str | None = None
        match delivery.content:
            case Post(body) | Edit(body):
                texts = (plain(body),)
            case Share(file):
                texts = (file.name, file.alt)
            case Topic(text):
                texts = (text,)
            case Answer(person, body):
                texts, to = (plain(body),), str(person)
            case _:
                return
        self._carried.append(Carried(delivery.room, texts, to, self._begun[delivery.id]))

    # ── time ────────────────────────────────────────────────────────────────────────────────────

    def _pass_time(self) -> None:
        """What was done takes its course, as far as the networks let it."""
        self.clock.advance(1)
        if self._bot is not None:
            self._do(self._settle(self._bot))

    async def _settle(self, joined: Joined) -> None:
        idle, before = 0, None
        for _ in range(_LONG):
            await joined.look()
            if await self._is_quiet(joined.bot):
                return
            await self.database.run(lambda session: session.get_bind())  # behind all that waits
            after = self._pulse(joined.bot)
            idle = idle + 1 if after == before and not joined.bot.desk._running else 0
            if idle >= _IDLE:
                return
            before = after
            await joined.bot.let_pass(_STEPS[min(idle, len(_STEPS) - 1)])
        raise AssertionError("it never comes to rest")

    def _pulse(self, bot: SmallBot) -> object:
        towns = self.towns.values()
        return (
            len(self.history),
            [town.begun for town in towns],
            [len(platform.acknowledged) for platform in bot.platforms.values()],
        )

    async def _is_quiet(self, bot: SmallBot) -> bool:
        usable = [house for house in HOUSES if self._usable(house)]
        if not all(bot.platforms[self.towns[house].account].caught_up for house in usable):
            return False
        for room, reading in self.readings.items():
            if room.partition("/")[0] in usable and self.now.read.get(room) != reading:
                return False
        if bot.desk._running:
            return False
        open_ones = select(Outbox.room).where(Outbox.state.in_(OPEN)).distinct()
        rooms = await self.database.read(lambda s: list(s.execute(open_ones).scalars()))
        return not any(room.partition("/")[0] in usable for room in rooms)

    def _usable(self, house: str) -> bool:
        return self.towns[house].up and house not in self._held

    def _do(self, work: Coroutine[Any, Any, object]) -> None:
        self.loop.run_until_complete(work)

    def _seconds(self) -> float:
        return self.clock().timestamp()

    def _somebody(self, room: str, which: int) -> Person | None:
        present = sorted(self.readings[room].present, key=str)
        return present[which % len(present)] if present else None

    def _some(self, which: int) -> Truth | None:
        standing = [truth for truth in self.truths if not truth.deleted]
        return standing[which % len(standing)] if standing else None

    def _shown(self, room: str, which: int | None) -> tuple[MessageId, int] | None:
        """Something that people see in a room: its id there, and which message it is."""
        if which is None:
            return None
        standing = self.towns[room.partition("/")[0]].standing(local(RoomId(room)))
        # What hangs on a copy of which the bot does not know yet that it landed is marked by its
        # own words alone (docs/security.md, "What nobody can promise").
        known = select(Outbox.landed).where(Outbox.room == room)
        landed = set(self.database.read_now(lambda s: list(s.execute(known).scalars())))
        seen = [
            (each.message, key)
            for each in standing
            if each.delivery is None or each.message in landed
            for key, _ in tokens(each.text)
        ]
        return seen[which % len(seen)] if seen else None
