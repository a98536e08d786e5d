"""Whatever the networks do to what people did, every room ends up with the same.

The truth is what people did. The networks tell the bot of it twice, late, in another order within
a room, or not before the history is read again; requests go out in between, and answers to them
are lost. Two of the networks are like Slack: of edits, deletions and reactions that they did not
tell of, their history shows no more than what stands there now. At the end all that stands must
stand everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.bridge.places import Channel
from bot.events import (
    Author,
    Displayed,
    DisplayedReaction,
    Event,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    PersonId,
    Reacted,
    RoomId,
    StretchRead,
)
from bot.platforms.base import Capabilities
from bot.richtext import say
from tests.bot.bridge.networks import (
    R1,
    R2,
    R3,
    ROOMS,
    START,
    Bot,
    Shown,
    empty_store,
    handler_for,
    store_in_memory,
)

ABLE = Capabilities(longest_text=70, idempotent_for=0.0, request_timeout=30.0)
HANDLER = handler_for(Channel("c", ROOMS), ABLE)
ENGINE: Engine = store_in_memory()
HEAD = "In answer to a message that is not here."
EMOJIS = ("👍", "🎉")
PEOPLE = ("ann", "bob")


@dataclass
class Truth:
    """A message as people see it at home. Its author's name is like no other's, so that copies
    are known by it.
    """

    name: str
    room: RoomId
    message: MessageId
    text: str
    root: Truth | None
    said: datetime
    version: str = ""
    deleted: bool = False
    reactions: dict[tuple[RoomId, str, str], str] = field(default_factory=dict)
    """Who shows what in which room, and the id of it."""
    told: int | None = None
    """As which message of all the bot heard of it."""
    shown_on: dict[tuple[RoomId, str, str], MessageId] = field(default_factory=dict)
    """On which message, itself or a part of its copy, each reaction stands."""

    @property
    def author(self) -> Author:
        return Author(PersonId(f"{self.room.partition('/')[0]}/{self.name}"), self.name)


@dataclass
class World:
    """People, and networks between them and the bot."""

    bot: Bot
    truths: dict[str, Truth] = field(default_factory=dict)
    ways: dict[RoomId, list[Event]] = field(default_factory=lambda: {r: [] for r in ROOMS})
    """What a network has not yet told."""
    dropped: list[Event] = field(default_factory=list)
    lost: Counter[RoomId] = field(default_factory=Counter)
    """Deletions in each room that its network never tells of."""
    _time: int = 0
    _heard: int = 0

    def __post_init__(self) -> None:
        self._say_around()

    def _say_around(self) -> None:
        """What Slack itself says in a room, before and after all that people say."""
        for room in self.bot.rooms.values():
            room.say(room.next())

    def now(self) -> datetime:
        self._time += 1
        return START + timedelta(seconds=self._time)

    def begin(self) -> None:
        """In every room something is said, answered, reacted to, heard and brought over."""
        for place in range(3):
            for threaded in (False, True):
                self.post(place, 0, threaded, 0)
        self._tell_all()
        self.bot.settle()
        for place in range(3):
            self.react(place, place, 0, 0)
        self._tell_all()

    def _tell_all(self) -> None:
        for way in self.ways.values():
            while way:
                self._tell(way.pop(0))

    # ── people ──────────────────────────────────────────────────────────────────────────────────

    def post(self, place: int, which: int, threaded: bool, length: int) -> None:
        room = self.bot.rooms[ROOMS[place]]
        message, said = room.next(), self.now()
        number = len(self.truths)
        roots = [each for each in room.standing() if each.thread is None and HEAD not in each.text]
        under = roots[which % len(roots)] if threaded and roots else None
        root = None if under is None or under.author is None else self.truths[under.author.name]
        text = " ".join(f"w{number}x{n}" for n in range(1 + length))
        truth = Truth(f"n{number}", room.room, message, text, root, said)
        self.truths[truth.name] = truth
        thread = None if root is None or under is None else under.message
        room.shown[message] = Shown(message, truth.author, text, thread, theirs=True)
        self.ways[room.room].append(
            MessagePosted(room.room, message, truth.author, say(text), said, thread)
        )

    def edit(self, which: int, length: int) -> None:
        truth = self._standing(which)
        if truth is not None:
            said = self.now()
            truth.version = f"{self._time:08d}"
            truth.text = " ".join(f"{truth.name}e{self._time}y{n}" for n in range(1 + length))
            self.bot.rooms[truth.room].shown[truth.message].text = truth.text
            self.ways[truth.room].append(
                MessageEdited(
                    truth.room, truth.message, truth.author, say(truth.text), truth.version, said
                )
            )

    def delete(self, which: int) -> None:
        truth = self._standing(which)
        if truth is not None:
            truth.deleted = True
            self.bot.rooms[truth.room].shown[truth.message].deleted = True
            self.ways[truth.room].append(MessageDeleted(truth.room, truth.message, self.now()))

    def react(self, place: int, which: int, who: int, mark: int) -> None:
        """React, on a message or any part of its copy, or take the reaction back."""
        room = self.bot.rooms[ROOMS[place]]
        there = [each for each in room.standing() if each.author is not None]
        if not there:
            return
        seen, name, emoji = there[which % len(there)], PEOPLE[who], EMOJIS[mark]
        assert seen.author is not None
        truth = self.truths[seen.author.name]
        key, author = (room.room, name, emoji), Author(PersonId(f"x/{name}"), name)
        own = truth.reactions.pop(key, None)
        with_ids, said = room.room == R3, self.now()
        if own is None:
            made = truth.reactions[key] = room.next() if with_ids else ""
            truth.shown_on[key] = seen.message
            reacted = Reacted(room.room, seen.message, author, emoji, True, said, made)
            self.ways[room.room].append(reacted)
        elif with_ids:
            self.ways[room.room].append(MessageDeleted(room.room, MessageId(own), said))
        else:
            taken = Reacted(room.room, seen.message, author, emoji, False, said)
            self.ways[room.room].append(taken)

    def _standing(self, which: int) -> Truth | None:
        standing = [each for each in self.truths.values() if not each.deleted]
        return standing[which % len(standing)] if standing else None

    # ── networks ────────────────────────────────────────────────────────────────────────────────

    def tell(self, place: int, ahead: int, manner: str) -> None:
        """The next event of a room, or one some places later, once, twice, or not at all."""
        way = self.ways[ROOMS[place]]
        if not way:
            return
        at = ahead % len(way)
        event = way[at] if manner == "again" else way.pop(at)
        if manner == "drop":
            self._drop(event)
        else:
            self._tell(event)

    def quietly(self, act: tuple[object, ...]) -> None:
        """Somebody does something, and no network tells of it."""
        before = {room: len(way) for room, way in self.ways.items()}
        name, *values = act
        getattr(self, str(name))(*values)
        for room, way in self.ways.items():
            if len(way) > before[room]:
                self._drop(way.pop())

    def _drop(self, event: Event) -> None:
        if self._may_be_lost(event):
            self.dropped.append(event)
        else:
            self._tell(event)

    def _may_be_lost(self, event: Event) -> bool:
        """All but so many deletions that it looks as if a whole stretch had been purged, and but
        that of a message of which only an edit was heard: it may as well stand in a thread.
        """
        if not isinstance(event, MessageDeleted):
            return True
        gone = event.room, event.message
        truth = next(
            (each for each in self.truths.values() if gone == (each.room, each.message)), None
        )
        if truth is not None and truth.told is None and truth.version:
            return False
        self.lost[event.room] += 1
        return self.lost[event.room] <= 3

    def read_history(self) -> None:
        """What was dropped is read again: messages with the words that they have now, if they
        are still there; of the rest, what stands there now, or on the third network all of it.
        """
        for event in self.dropped:
            if isinstance(event, MessagePosted):
                if not (truth := self.truths[event.author.name]).deleted:
                    self._tell(replace(event, body=say(truth.text), version=truth.version))
            elif getattr(event, "room", R3) == R3:
                self._tell(event)
        self.dropped.clear()
        for room in (R1, R2):
            shown = self.bot.rooms[room].shown
            roots = {each.thread for each in shown.values() if each.thread is not None}
            until = MessageId("")
            for thread in (None, *sorted(roots)):
                here = [each for each in shown.values() if thread in (each.thread, each.message)]
                displayed = tuple(self._displayed(room, here))
                since, until = displayed[0].message, until or displayed[-1].message
                self._tell(StretchRead(room, since, until, displayed, thread))

    def _displayed(self, room: RoomId, messages: list[Shown]) -> Iterator[Displayed]:
        shown = self.bot.rooms[room].shown
        for each in messages:
            if not each.deleted:
                yield self._as_it_stands(room, each)
            elif any(other.thread == each.message for other in shown.values()):
                yield Displayed(each.message, deleted=True)

    def _as_it_stands(self, room: RoomId, seen: Shown) -> Displayed:
        """A reaction on a part that an edit has taken away goes over to another part here: on a
        real network it is gone, and nothing tells of that.
        """
        if seen.author is None:
            return Displayed(seen.message)
        truth = self.truths[seen.author.name]
        parts = [
            each.message
            for each in self.bot.rooms[room].standing()
            if each.author is not None and each.author.name == truth.name
        ]
        reactions = [
            DisplayedReaction(emoji, (Author(PersonId(f"x/{name}"), name),))
            for (where, name, emoji) in truth.reactions
            if where == room
            and seen.message
            == (on if (on := truth.shown_on[where, name, emoji]) in parts else parts[0])
        ]
        edit = None
        if seen.theirs and truth.version:
            edit = MessageEdited(
                room, seen.message, truth.author, say(truth.text), truth.version, truth.said
            )
        return Displayed(seen.message, tuple(reactions), edit)

    def _tell(self, event: Event) -> None:
        if isinstance(event, MessagePosted):
            truth = self.truths[event.author.name]
            if truth.told is None:
                self._heard += 1
                truth.told = self._heard
        self.bot.tell(event)

    def send(self, place: int, lost: bool) -> None:
        self.bot.send(ROOMS[place], lost=lost)

    def finish(self) -> None:
        self._tell_all()
        self.bot.settle()
        self._say_around()
        self.read_history()
        self.bot.settle()

    # ── what must be so ─────────────────────────────────────────────────────────────────────────

    def check(self) -> None:
        for target in ROOMS:
            shown = self.bot.rooms[target].shown
            for truth in self.truths.values():
                copies = [
                    each
                    for each in shown.values()
                    if each.author is not None and each.author.name == truth.name
                ]
                self._check(truth, target, [each for each in copies if not each.deleted])
            for source in ROOMS:
                if source != target:
                    self._check_order(source, target)

    def _check(self, truth: Truth, target: RoomId, standing: list[Shown]) -> None:
        if truth.deleted:
            assert not standing, "what was deleted stands nowhere"
            return
        stray = standing[0].text.startswith(f"> {HEAD}")
        first, *others = [each.text for each in standing]
        text = bare(" ".join([first.removeprefix(f"> {HEAD}"), *others]))
        if target == truth.room:
            assert len(standing) == 1
        else:
            assert text == bare(truth.text)
            self._check_thread(truth, target, standing, stray)
        marks = [mark for each in standing for mark in each.marks]
        elsewhere = {emoji for room, _, emoji in truth.reactions if room != target}
        assert sorted(marks) == sorted(elsewhere)

    def _check_thread(
        self, truth: Truth, target: RoomId, standing: list[Shown], stray: bool
    ) -> None:
        root = truth.root
        if root is None:
            assert not stray
            assert {each.thread for each in standing} == {None}
            return
        if stray:
            before = root.told is None or (truth.told or 0) < root.told
            assert before or root.deleted, "only what has no root there is out of the thread"
            assert standing[0].thread is None
            return
        shown = self.bot.rooms[target].shown
        roots = {
            message
            for message, each in shown.items()
            if each.author is not None and each.author.name == root.name
        }
        starters = {
            message
            for message, each in shown.items()
            if each.author is not None and each.text.startswith(f"> {HEAD}")
            and self.truths[each.author.name].root is root
        }  # fmt: skip
        for each in standing:
            assert each.thread in roots | starters, "a reply is in its thread"

    def _check_order(self, source: RoomId, target: RoomId) -> None:
        names = dict.fromkeys(
            each.author.name
            for each in self.bot.rooms[target].standing()
            if each.author is not None and self.truths[each.author.name].room == source
        )
        told = [self.truths[name].told or 0 for name in names]
        assert told == sorted(told), "in the order in which the bot was told"


def bare(text: str) -> str:
    return "".join(text.split())


place = st.integers(0, 2)
some = st.integers(0, 7)
Act = Callable[[World], None]
CHANGES: st.SearchStrategy[tuple[object, ...]] = st.one_of(
    st.tuples(st.just("edit"), some, st.integers(0, 24)),
    st.tuples(st.just("delete"), some),
    st.tuples(st.just("react"), place, some, st.integers(0, 1), st.integers(0, 1)),
)
ACTS: st.SearchStrategy[tuple[object, ...]] = st.one_of(
    st.tuples(st.just("post"), place, some, st.booleans(), st.integers(0, 24)),
    CHANGES,
    st.tuples(st.just("quietly"), CHANGES),
    st.tuples(
        st.just("tell"), place, st.integers(0, 3), st.sampled_from(["once", "again", "drop"])
    ),
    st.tuples(st.just("tell"), place, st.just(0), st.just("once")),
    st.tuples(st.just("send"), place, st.booleans()),
    st.tuples(st.just("send"), place, st.just(False)),
    st.tuples(st.just("read_history")),
)


def play(acts: list[tuple[object, ...]], *, begun: bool = False) -> None:
    with empty_store(ENGINE) as session:
        world = World(Bot(session, HANDLER))
        if begun:
            world.begin()
        for name, *values in acts:
            getattr(world, str(name))(*values)
        world.finish()
        world.check()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, min_size=4, max_size=40))
def test_every_interleaving_ends_the_same_everywhere(acts: list[tuple[object, ...]]) -> None:
    play(acts)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.tuples(st.just("quietly"), CHANGES), ACTS), max_size=20))
def test_what_no_network_tells_of_is_found_by_reconciling(acts: list[tuple[object, ...]]) -> None:
    play(acts, begun=True)
