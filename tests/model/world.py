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
from collections.abc import Awaitable, Callable, Coroutine, Sequence
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
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Post,
    Quoted,
    RoomId,
    Share,
    Topic,
    TopicChanged,
    account_of,
    local,
)
from bot.platforms.base import Roster, Sent
from bot.richtext import plain, say
from bot.store.tables import OPEN, Outbox, Request
from commands.registry import Registry
from tests.clock import Clock
from tests.fake_platform import Fault
from tests.model.asking import Done, Listening
from tests.model.cast import ADMINS, AT_FIRST, HOUSES, INNER, LABELS, PEOPLE, ROOMS, Variant
from tests.model.joining import Joined, joined
from tests.model.oracle import Message, Person, Reading, State, Words, stricter
from tests.model.plant import REAL, Parts
from tests.model.speech import Speech, token_of, tokens
from tests.model.still import Steps, Still, open_still
from tests.model.town import Town
from tests.small_bot import SmallBot

Handle = Callable[[Session, Event, datetime], Handled]
Deliver = Callable[[Delivery], Awaitable[Sent]]


def _registry(parts: Parts) -> Registry:
    return parts.registry(Registry.load())


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
    speaker: str = ""
    """Whom it shows as the one who said it."""
    bare: bool = True
    """Whether it is no file, or one without what is not seen of it."""


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


@dataclass(frozen=True)
class Shown:
    """Another message, as somebody forwards it: which it is (-1: nobody tells of it), and where it
    was said.
    """

    quoted: Quoted
    key: int
    room: str


def _showing(words: Words, shows: Sequence[Shown]) -> Words:
    return replace(words, shows=frozenset((each.key, each.room) for each in shows))


class World:
    """All of it. Every public method is a step; `look` says whether the promise was kept."""

    def __init__(self, store: Path, template: Path, parts: Parts = REAL) -> None:
        shutil.copyfile(template, store)
        self.parts = parts
        self.loop, self.steps = Still(), Steps()
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
        self.withdrawn: dict[tuple[int, int], int] = {}
        """Words that were taken back before they left, and at which moment of the history."""
        self._seen: set[tuple[int, int]] = set()
        """Words that were carried anywhere."""
        self._thinking = False
        """While somebody thinks no time passes."""
        self._words: dict[tuple[int, int, Words], set[str]] = {}
        """Who gave their word that a version of a message be released so."""
        self._last: int | None = None
        """After so many of its steps the bot is gone."""
        self._from = 0
        """Where in the history this step began."""
        self._begun: dict[str, tuple[int, int]] = {}
        self._carried: list[Carried] = []
        self._held: set[str] = set()
        self._broken: list[Exception] = []
        """What the handler raised, which the bot itself only logs."""
        self._bot: Joined | None = None
        self._letting_go = AsyncExitStack()
        self.database = open_still(store, self.steps)
        self.start()

    def close(self) -> None:
        """Let go of everything."""
        for town in self.towns.values():
            town.held.set()
        self._do(self._let_go_of_all())
        self.database.close()
        self.loop.close()

    @property
    def now(self) -> State:
        """What is known now."""
        return self.history[-1]

    @property
    def trace(self) -> object:
        """All that tells one way of a play from another: what was sent, and when."""
        return self.loop.time(), self.clock(), len(self.history), tuple(self._begun.values())

    # ── what people do ──────────────────────────────────────────────────────────────────────────

    def say(
        self,
        room: str,
        who: int,
        make: Callable[[str], Speech],
        root: int | None = None,
        answers: int | None = None,
        shows: Sequence[Shown] = (),
    ) -> int | None:
        """Somebody says something, perhaps in a thread of, or as an answer to, what is there, or
        showing it; which of all that stands it is.
        """
        person, key = self._somebody(room, who), len(self.truths)
        if person is None:
            return None
        above, answered = self._shown(room, root), self._shown(room, answers)
        speech, town = make(f"w{key}v0"), self.towns[person.house]
        message = town.speak(
            person,
            room,
            speech.body,
            thread=above[0] if above else None,
            reply_to=answered[0] if answered else None,
            files=speech.files,
            quotes=tuple(each.quoted for each in shows),
        )
        made = Truth(key, person, room, message, [_showing(speech.words, shows)])
        made.root, made.answers = above[1] if above else None, answered[1] if answered else None
        self.truths.append(made)
        self.counted["said"] += 1
        self._pass_time()
        return sum(not truth.deleted for truth in self.truths) - 1

    def set_topic(self, room: str, who: int, words: Words) -> None:
        """Somebody sets a room's topic."""
        person, key = self._somebody(room, who), len(self.truths)
        if person is None:
            return
        text = f"w{key}v0 what we do" if words.label is None else f"TLP:{words.label} w{key}v0"
        self.truths.append(Truth(key, person, room, None, [words]))
        self.towns[person.house].set_topic(text, name=person.name, local=local(RoomId(room)))
        self._pass_time()

    def shown(self, room: str, which: int | None) -> Shown | None:
        """Something that stands in a room, as one may forward it; None: what nobody tells of."""
        if which is None:
            return Shown(Quoted(RoomId(room), MessageId("untold")), -1, room)
        found = self._shown(room, which)
        if found is None:
            return None
        message, key = found
        return Shown(Quoted(RoomId(room), message), key, self.truths[key].room)

    def edit(
        self,
        which: int,
        make: Callable[[str], Speech],
        shows: Sequence[Shown] = (),
        *,
        late: bool = False,
    ) -> None:
        """Its author says something otherwise; `late`: its network tells of that some time."""
        if self._change_words(which, make, shows, late=late):
            self._pass_time()

    def tell_late(self) -> None:
        """The networks tell of all that they have not told of yet."""
        for town in self.towns.values():
            town.tell_late()
        self._pass_time()

    def _change_words(
        self,
        which: int,
        make: Callable[[str], Speech],
        shows: Sequence[Shown] = (),
        *,
        late: bool = False,
    ) -> bool:
        truth = self._some(which)
        if truth is None or truth.message is None:
            return False
        speech = make(f"w{truth.key}v{len(truth.versions)}")
        # An edit brings no files: what their names say is not said.
        truth.versions.append(_showing(Words() if speech.files else speech.words, shows))
        town, quotes = self.towns[truth.author.house], tuple(each.quoted for each in shows)
        town.change(truth.author, truth.room, truth.message, speech.body, quotes, late=late)
        self.counted["edited"] += 1
        return True

    def think_again(
        self,
        room: str,
        who: int,
        make: Callable[[str], Speech],
        how: str,
        again: Callable[[str], Speech],
    ) -> None:
        """Somebody says something and thinks again before it has left: they undo it, delete it or
        say it otherwise. The words that were withdrawn in time are never seen by anybody else.
        """
        person, self._thinking = self._somebody(room, who), True
        which = self.say(room, who, make)
        if person is None or which is None or self._bot is None or not self._usable(person.house):
            self._thinking = False
            return
        self._do(self._listen(self._bot))
        truth, town = self._some(which), self.towns[person.house]
        assert truth is not None and truth.message is not None
        match how:
            case "undo":
                town.call("undo", name=person.name, local=local(RoomId(room)))
            case "delete":
                truth.deleted = True
                town.take_back(truth.room, truth.message)
            case "edit":
                self._change_words(which, again)
        self._do(self._listen(self._bot))
        known = self.now.messages.get(truth.key)
        over = known is not None and (known.deleted or known.version > 0)
        if over and (truth.key, 0) not in self._seen:
            self.withdrawn[truth.key, 0] = len(self.history)
            self.counted["withdrawn"] += 1
        self._thinking = False
        self._pass_time()

    async def _listen(self, joined: Joined) -> None:
        """All that people did is told, and no time passes."""
        for _ in range(_LONG):
            await asyncio.sleep(0.001)
            if all(joined.bot.platforms[self.towns[h].account].caught_up for h in HOUSES):
                return

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

    def correct(self, who: str, which: int, label: str) -> None:
        """Somebody says how something that they see is marked."""
        truth = self._some(which)
        seen = None if truth is None else self._seen_by(PEOPLE[who], truth)
        if truth is None or seen is None or not self._is_lower(truth.key, label):
            return
        room, message = seen
        ref = f"{truth.room}/{truth.message}" if message is None else f"{room}/{message}"
        text = f"mark {ref} TLP:{label}"
        self.towns[PEOPLE[who].house].call(text, name=who, local=local(RoomId(room)))
        self._pass_time()

    def _is_lower(self, key: int, label: str) -> bool:
        known = self.now.messages.get(key)
        return known is not None and LABELS.index(label) < LABELS.index(self.now.own(known)[0])

    def of_the_same_team(self, which: int) -> list[str]:
        """Its author, and others of the team that something came from."""
        truth = self._some(which)
        if truth is None or truth.key not in self.now.messages:
            return []
        known, team_of = self.now.messages[truth.key], self.now.alliance.team_of
        others = [
            name
            for name, person in PEOPLE.items()
            if person != known.author and team_of(person) == known.originator is not None
        ]
        return [known.author.name, *others]

    def of_other_teams(self, which: int) -> list[str]:
        """People in rooms of its channel who are of another team than something came from."""
        truth = self._some(which)
        if truth is None or truth.key not in self.now.messages:
            return []
        known, team_of = self.now.messages[truth.key], self.now.alliance.team_of
        rooms = self.now.alliance.channel_of(truth.room)[1].rooms
        there = {person for room in rooms for person in self.readings[room].present}
        return sorted(
            person.name for person in there if team_of(person) not in {None, known.originator}
        )

    def seat(self, name: str, place: int) -> str:
        """Somebody is in a room of their house, and which that is."""
        mine = [room for room in ROOMS if room.startswith(f"{PEOPLE[name].house}/")]
        room = mine[place % len(mine)]
        if PEOPLE[name] not in self.readings[room].present:
            self.move(name, room)
        return room

    def seat_one_of(self, team: str, room: str) -> None:
        """Somebody of a team is in a room, where its house has any."""
        for person in PEOPLE.values():
            if room.startswith(f"{person.house}/") and self.now.alliance.team_of(person) == team:
                if person not in self.readings[room].present:
                    self.move(person.name, room)
                return

    def frozen_for(self, name: str, room: str, *, team: bool) -> tuple[str, str]:
        """What is to be frozen so that somebody is not heard: their team, or else the room."""
        found = self.now.alliance.team_of(PEOPLE[name])
        return ("team", found) if team and found else ("room", room)

    def say_as(self, name: str, room: str, make: Callable[[str], Speech]) -> None:
        """This one says something."""
        present = sorted(self.readings[room].present, key=str)
        self.say(room, present.index(PEOPLE[name]), make)

    def send_away(self, where: str, which: int) -> str | None:
        """All of somebody's team leave the channel of a room, and who it is; None where nobody
        could come.
        """
        house = where.partition("/")[0]
        could = [person for person in PEOPLE.values() if person.house == house]
        person = could[which % len(could)]
        team = self.now.alliance.team_of(person)
        for room in self.now.alliance.channel_of(where)[1].rooms:
            for each in sorted(self.readings[room].present, key=str):
                if each == person or (team and self.now.alliance.team_of(each) == team):
                    self.move(each.name, room)
        return person.name

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

    def close_rooms(self) -> None:
        """Every room is as it has to be, and has none but people of teams in it."""
        team_of = self.now.alliance.team_of
        for room, reading in list(self.readings.items()):
            people = frozenset(each for each in reading.present if team_of(each) is not None)
            self.towns[room.partition("/")[0]].be(room, Reading(people))
        self._pass_time()

    # ── what people ask for ─────────────────────────────────────────────────────────────────────

    def ask(self, who: str, text: str, which: int, *, answering: bool = False) -> bool:
        """Somebody asks for something about a message, `{ref}` in the text, and confirms it; by an
        answer to the message as they see it, or a link. False where they see no room of it.
        """
        person, truth = PEOPLE[who], self._some(which)
        seen = None if truth is None else self._seen_by(person, truth)
        if truth is None or seen is None:
            return False
        room, message = seen
        town = self.towns[person.house]
        if answering and message is not None:
            said = say("!" + " ".join(text.format(ref="").split()))
            town.speak(person, room, said, reply_to=message)
        else:
            ref = f"{truth.room}/{truth.message}" if message is None else f"{room}/{message}"
            town.call(text.format(ref=ref), name=who, local=local(RoomId(room)))
        self._pass_time()
        town.call("confirm", name=who, local=local(RoomId(room)))
        self._pass_time()
        return True

    def answer_request(self, who: str, kind: str, text: str) -> None:
        """Somebody answers the newest of what the bot asks for, by its handle: `{ref}`."""
        newest = (
            select(Request.handle)
            .where(Request.kind == kind, Request.state == "open")
            .order_by(Request.id.desc())
            .limit(1)
        )
        handle = self.database.read_now(lambda s: s.execute(newest).scalar())
        person = PEOPLE[who]
        room = next((r for r in ROOMS if person in self.readings[r].present), None)
        if handle is None or room is None:
            return
        for typed in (text.format(ref=handle), "confirm"):
            self.towns[person.house].call(typed, name=who, local=local(RoomId(room)))
            self._pass_time()

    def _seen_by(self, person: Person, truth: Truth) -> tuple[str, MessageId | None] | None:
        """A room in which somebody sees a message, and its id there: where it was said, or else
        a copy of it. Of what they do not see (None) they may have heard its link.
        """
        if truth.message is None:
            return None
        rooms = self.now.alliance.channel_of(truth.room)[1].rooms
        inside = [room for room in rooms if person in self.readings[room].present]
        if not inside:
            return None
        if truth.room in inside:
            return truth.room, truth.message
        for room in inside:
            for each in self.towns[person.house].standing(local(RoomId(room))):
                if each.delivery and truth.key in {key for key, _ in tokens(each.text)}:
                    return room, each.message
        return inside[0], None

    # ── what operators and networks do ──────────────────────────────────────────────────────────

    def reload(self, variant: Variant) -> None:
        """Other settings hold: the bot lets go of everything, and builds itself anew."""
        if variant == self.variant:
            return
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

    def mend(self) -> None:
        """Nothing is broken, frozen or under way any more."""
        self.start()
        self.thaw()
        for house in HOUSES:
            self.let_go(house)
            self.restore(house)
        self.look()

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
            self._do(self._let_go_of_all())
            self._note(lambda state: state.read.clear())

    async def _let_go_of_all(self) -> None:
        """Nothing of it goes on: what was handed in and not begun is lost with it."""
        await self._letting_go.aclose()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(1)

    def interrupt(self, last: int) -> None:
        """With the next thing that happens it is gone in the middle: after so many of its steps."""
        self._last = last

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
        commands = Listening(_registry(self.parts), self._did, self._fault)
        self._bot = await self._letting_go.enter_async_context(
            joined(
                self.database, self.clock, self.towns, self.variant.alliance(), self.parts,
                self._watch, self._fetched, commands, self.variant.delay,
            )
        )  # fmt: skip

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
                event = self._whole(event)
            try:
                handled = handle(session, event, now)
            except Exception as error:
                self._fault(error)
                raise
            self._hear(partial(self._tell, event))
            return handled

        return hear

    def _whole(self, event: MessagePosted) -> MessagePosted:
        """What was said, not only its plain text."""
        whole = self.towns[account_of(event.room)].bodies.get(plain(event.body))
        quotes = self.towns[account_of(event.room)].quotes.get(plain(event.body), ())
        if whole is not None:
            event = replace(event, body=whole, quotes=quotes)
        return self.parts.heard(event)

    def _fault(self, error: Exception) -> None:
        self._broken.append(error)

    def _fetched(self, event: MessagePosted) -> MessagePosted:
        """What was fetched anew: it may be told so before its edit is."""
        event = self._whole(event)
        self._hear(partial(self._tell_fetched, event))
        return event

    def _delivering(self, deliver: Deliver) -> Deliver:
        async def begin(delivery: Delivery) -> Sent:
            self._begun[delivery.id] = (self._from, len(self.history) - 1)
            await self.steps.wait()
            sent = await deliver(delivery)
            await self.steps.wait()
            return sent

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

    def _hear(self, change: Callable[[State], object]) -> None:
        """The bot is told something, by which copies may have to go."""
        before = self.now
        self._note(change)
        self._find_changed(before, self.now)

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
            case MessageDeleted(own=False, room=room, message=message):
                if state.is_frozen(room):
                    return  # nothing that is done there is followed
                for truth in self.truths:
                    if (truth.room, truth.message) == (room, message):
                        self._change(state, truth.key, deleted=True)
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
        words, posted = self._words_of(truth, version, state), not isinstance(event, MessageEdited)
        default = state.alliance.channel_of(truth.room)[1].default
        if isinstance(event, TopicChanged) and words.label is None:
            # No message, but something that happened: it is marked as what happens then is.
            words = replace(words, label=default)
        if known is None:
            team = state.alliance.team_of(truth.author)
            said = getattr(event, "said", self.clock()).timestamp() if posted else state.now
            known = Message(key, truth.room, truth.author, team, said, (words,), version)
        elif version > known.version:
            # What was released was other words.
            known = replace(known, words=(*known.words, words), version=version, released=None)
        if posted:
            known = replace(known, root=truth.root, answers=truth.answers)
        state.messages[key] = known

    def _words_of(self, truth: Truth, version: int, state: State) -> Words:
        """A version, as it counts from when it is told: what is merely spoken of is weighed
        against the default of that time, once.
        """
        words, default = truth.versions[version], state.alliance.channel_of(truth.room)[1].default
        words = replace(words, floor=words.openly(default))
        if words.spoken is not None:
            level = words.level(default)
            words = replace(words, spoken=None, label=words.label if level == default else level)
        return words

    def _tell_fetched(self, event: MessagePosted, state: State) -> None:
        """What is released is fetched anew, and says so if it changed meanwhile; where its new
        words are marked higher than it ever was, nobody has released them.
        """
        token = token_of(event.body)
        if token is None or token[0] not in state.messages:
            return
        known, version = state.messages[token[0]], token[1]
        if version > known.version:
            words = self._words_of(self.truths[known.key], version, state)
            label, lists = state.own(replace(known, released=None))
            known = replace(known, words=(*known.words, words), version=version)
            now_label, now_lists = state.own(replace(known, released=None))
            if (now_label, {*now_lists}) != (label, {*lists}):  # said twice is said once
                known = replace(known, released=None)
            state.messages[known.key] = known

    def _tell_mark(self, answered: str, room: str, label: str, state: State) -> None:
        for truth in self.truths:
            if (truth.message, truth.room) == (answered, room) and truth.key in state.messages:
                known, words = state.messages[truth.key], Words(label, floor=label)
                released = known.released
                if released is not None:
                    higher = stricter(released.label or label, label)
                    released = replace(released, label=higher)
                self._change(state, known.key, words=(*known.words, words), released=released)

    def _change(self, state: State, key: int, **values: Any) -> None:
        if key in state.messages:
            state.messages[key] = replace(state.messages[key], **values)

    def _did(self, done: Done) -> None:
        """The bot says that it has done something which only some may ask for."""
        key, now = self._key_of(*done.place), self.now
        known = now.messages[key]
        self.counted[done.what] += 1
        match done.what:
            case "recalled":
                assert now.may_recall(key, done.by), f"recalled by {done.by}: {known}"
                self._check_asked(key, done.asked)
                self._hear(partial(self._change, key=key, recalled=True))
            case "undone":
                assert done.by == known.author, f"undone by {done.by}: {known}"
                assert key not in {each for each, _ in self._seen}, f"undone too late: {known}"
                for version in range(len(self.truths[key].versions)):
                    self.withdrawn[key, version] = len(self.history)
                self._hear(partial(self._change, key=key, recalled=True))
            case "lowered":
                label = done.label or "CLEAR"
                assert now.may_lower(key, done.by, label), f"lowered by {done.by}: {known}"
                lists, shows = now.own(known)[1], known.shows
                words = Words(label, lists=lists, floor=label, shows=shows)
                self._note(partial(self._change, key=key, words=(words,)))
            case _:
                self._give_word(key, done)

    def _give_word(self, key: int, done: Done) -> None:
        now = self.now
        known = now.messages[key]
        version = known.version
        pending = [w for k, v, w in self._words if k == key]
        if done.label is None and not done.groups and pending:
            words = pending[-1]
        else:
            words = self._released_as(known, done)
        given = self._words.setdefault((key, version, words), set())
        given.add(done.by.id)
        if done.what == "released":
            people = [each for each in PEOPLE.values() if each.id in given]
            assert now.may_release(key, people, words), f"released by {people} as {words}: {known}"
            self._words = {each: who for each, who in self._words.items() if each[0] != key}
            self._note(partial(self._change, key=key, released=words, released_at=done.at))

    def _released_as(self, message: Message, done: Done) -> Words:
        """What a release means: a lower label, other lists, or (neither) for all in the channel."""
        label, lists = self.now.own(message)
        ceiling = self.now.alliance.channel_of(message.room)[1].ceiling
        if done.groups:
            return Words(done.label or label, lists=(done.groups,))
        if done.label is not None:
            return Words(done.label, lists=lists)
        return Words(min(label, ceiling, key=LABELS.index))

    def _check_asked(self, key: int, asked: frozenset[str]) -> None:
        """Each team that has somebody in a room where a copy stands is asked to delete it."""
        now = self.now
        for room in now.alliance.channel_of(now.messages[key].room)[1].rooms:
            shown = {each for text in self._copies(room) for each, _ in tokens(text)}
            if key not in shown or room not in now.read:
                continue
            teams = {now.alliance.team_of(person) for person in now.read[room].present}
            missing = teams - asked - {None, now.messages[key].originator}
            assert not missing, f"w{key} was recalled, and not asked were {missing}"

    def _key_of(self, room: str, message: str) -> int:
        """Which message somebody sees in a room."""
        for truth in self.truths:
            if (truth.room, truth.message) == (room, message):
                return truth.key
        landed = self.towns[room.partition("/")[0]].rooms[RoomId(room)]
        return next(key for e in landed if e.message == message for key, _ in tokens(e.text))

    def _find_changed(self, old: State, new: State) -> None:
        """Which copies may not stay where they are, by what was said of a message now."""
        told = {key for key, each in new.messages.items() if old.messages.get(key) is not each}
        if not told:
            return
        for key, message in new.messages.items():
            if key not in old.messages or not any(each.key in told for each in new.above(key)):
                continue
            before = old.messages[key]
            over = (message.deleted, message.recalled) != (before.deleted, before.recalled)
            if not over and old.marking(key) == new.marking(key):
                continue
            for room in new.alliance.channel_of(message.room)[1].rooms:
                known = room in new.read or over
                if room != message.room and known and not new.may_remain(key, room):
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
                if carried.room in INNER:
                    assert carried.speaker.lower() not in PEOPLE, "somebody is named"
                    assert carried.bare, "a file with all that is not seen of it"
                first, last = carried.begun
                could = any(
                    s.knows(key) and s.may_stand(key, carried.room)
                    for s in self.history[first : last + 1]
                )
                assert could, self._report(key, carried)
                taken = {w for w in tokens("\n".join(carried.texts)) if w in self.withdrawn}
                late = {w for w in taken if self.withdrawn[w] <= last}
                assert not late, self._report(key, f"withdrawn before it left: {carried}")
                self.counted["carried"] += 1
        self._carried.clear()
        for key, room in sorted(self.must_go):
            usable = self._usable(room.partition("/")[0]) and not self.now.is_frozen(room)
            if usable and self._bot is not None:
                standing = {k for text in self._copies(room) for k, _ in tokens(text)}
                assert key not in standing, self._report(key, f"it still stands in {room}")
                self.must_go.discard((key, room))
        self._from = len(self.history) - 1

    def _report(self, key: int, what: object) -> str:
        now, message = self.now, self.now.messages.get(key)
        return "\n".join(
            [
                f"w{key}: {what}",
                f"{message}",
                f"marking now: {now.marking(key) if message else 'nobody has told of it'}",
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
        if to is None:
            self._seen |= tokens("\n".join(texts))
        author = getattr(delivery.content, "author", None)
        bare = not isinstance(delivery.content, Share) or delivery.content.file.bare
        self._carried.append(
            Carried(
                delivery.room, texts, to, self._begun[delivery.id],
                "" if author is None else author.name, bare,
            )
        )  # fmt: skip

    # ── time ────────────────────────────────────────────────────────────────────────────────────

    def _pass_time(self) -> None:
        """What was done takes its course, as far as the networks let it."""
        if self._thinking:
            return
        self.clock.advance(1)
        if self._bot is None:
            return
        if self._last is None:
            self._do(self._settle(self._bot))
            return
        last, self._last = self._last, None
        self._do(self._begin(self._bot, last))
        self.crash()
        self.steps.gone_after(None)
        self.start()

    async def _begin(self, joined: Joined, last: int) -> None:
        """What was done has only begun to take its course."""
        self.steps.gone_after(last)
        settling = asyncio.create_task(self._settle(joined))
        gone = asyncio.create_task(self.steps.over.wait())
        await asyncio.wait({settling, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in (settling, gone):
            task.cancel()
        await asyncio.gather(settling, gone, return_exceptions=True)
        if not settling.cancelled() and settling.exception() is not None:
            await settling

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
        # Of a house whose requests hang all is told as ever, and commands from there are run.
        telling = [town.account for town in self.towns.values() if town.up]
        if not all(bot.platforms[account].caught_up for account in telling):
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
