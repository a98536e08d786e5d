"""What can happen, in any order: a state machine that Hypothesis plays, and can shorten."""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import permutations
from pathlib import Path

import structlog
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from bot.store.database import open_database
from bot.store.schema import upgrade
from tests.fake_platform import Fault
from tests.model.cast import HOUSES, INNER, LABELS, PEOPLE, ROOMS, STRANGERS, WAR, Variant
from tests.model.oracle import Words
from tests.model.plant import REAL, Parts
from tests.model.speech import NAMES, WAYS, Speech
from tests.model.world import World

some = st.integers(0, 30)
groups = st.sampled_from([("alpha", "bravo"), ("alpha",), ("bravo",), ("alpha", "charlie"), ()])
maybe_group = st.one_of(st.none(), st.sampled_from(["inner", "partners", "bravo", "de", "nobody"]))
one = st.one_of(st.just(-1), some)
"""Of all that was said: the last, or any."""
maybe = st.one_of(st.none(), some)
people = st.sampled_from([name for name, each in PEOPLE.items() if each.house in HOUSES])
rooms = st.sampled_from(ROOMS)
pairs = st.sampled_from(list(permutations(WAR, 2)))
"""Two rooms of a channel."""
houses = st.sampled_from(HOUSES)
label = st.sampled_from(LABELS)
maybe_label = st.one_of(st.none(), label)
names = st.lists(st.sampled_from(NAMES), max_size=2).map(tuple)
faults = st.sampled_from([Fault.HANG_UP_AFTER, Fault.HANG_UP_BEFORE, Fault.LATE, Fault.UNREACHABLE])
FREEZES = [
    ("all", "all"),
    *(("room", room) for room in ROOMS),
    *(("account", house) for house in HOUSES),
    *(("team", team) for team in ("alpha", "bravo", "charlie")),
]
variants = st.builds(
    Variant,
    ceiling=st.sampled_from(LABELS[:-1]),
    default=st.sampled_from(LABELS[:-1]),
    hold=st.sampled_from([True, True, False]),
    waiver=st.sampled_from([False, False, True]),
    inner=st.sampled_from([("alpha", "bravo"), ("alpha",), ("alpha", "charlie"), ()]),
    clearance=st.sampled_from(["AMBER+STRICT", "AMBER", "GREEN"]),
    charlie=st.sampled_from([True, True, False]),
    named=st.booleans(),
    needs=st.sampled_from([1, 2]),
    delay=st.sampled_from([0, 0, 0, 20]),
)

maybe_variants = st.one_of(st.none(), variants)


def _speech(way: str, level: str, which: int, to: tuple[str, ...], token: str) -> Speech:
    return WAYS[way](token, level, which, to)


speeches: st.SearchStrategy[Callable[[str], Speech]] = st.builds(
    lambda way, level, which, to: partial(_speech, way, level, which, to),
    st.sampled_from([*WAYS, "plainly", "first"]), label, some, names,
)  # fmt: skip

secrets = st.builds(
    lambda way, level, which, to: partial(_speech, way, level, which, to),
    st.sampled_from(["first", "last", "listed"]), st.sampled_from(LABELS[2:]), some, names,
)  # fmt: skip
in_channel = st.builds(
    lambda level, which: partial(_speech, "first", level, which, ()),
    st.sampled_from(["GREEN", "GREEN", "AMBER"]), some,
)  # fmt: skip
doubts = st.builds(
    lambda way, level, which, to: partial(_speech, way, level, which, to),
    st.sampled_from(["spoken", "unseen", "covered", "nearly"]), label, some, names,
)  # fmt: skip
maybe_speech = st.one_of(st.none(), speeches)

counted: Counter[str] = Counter()
"""What happened in all plays together: that nothing leaks says little where nothing is relayed."""
traces: list[object] = []
"""How each play went."""


class Machine(RuleBasedStateMachine):
    """One play: a fresh store, two houses, and whatever happens to them."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="liaison-model-")
        self.world = World(Path(self._folder.name) / "liaison.db", TEMPLATE[0], PARTS[0])

    def teardown(self) -> None:
        counted.update(self.world.counted)
        traces.append(self.world.trace)
        self.world.close()
        self._folder.cleanup()

    def check_invariants(self, *args: object, **kwargs: object) -> None:
        """After each step."""
        super().check_invariants(*args, **kwargs)  # type: ignore[arg-type]  # hypothesis's own
        counted["steps"] += 1
        self.world.look()

    @rule(room=rooms, who=some, make=speeches)
    def say(self, room: str, who: int, make: Callable[[str], Speech]) -> None:
        self.world.say(room, who, make)

    @rule(room=rooms, who=some, make=speeches, root=maybe, answers=maybe)
    def answer(
        self,
        room: str,
        who: int,
        make: Callable[[str], Speech],
        root: int | None,
        answers: int | None,
    ) -> None:
        self.world.say(room, who, make, root, answers)

    @rule(room=rooms, who=some, makes=st.lists(speeches, min_size=2, max_size=4))
    def converse(self, room: str, who: int, makes: list[Callable[[str], Speech]]) -> None:
        for number, make in enumerate(makes):
            self.world.say(room, who + number, make, number or None)

    @rule(
        room=rooms, who=some, make=speeches, later=st.booleans(),
        shown=st.lists(st.tuples(rooms, st.one_of(some, some, st.none())), min_size=1, max_size=2),
    )  # fmt: skip
    def forward(
        self,
        room: str,
        who: int,
        make: Callable[[str], Speech],
        later: bool,
        shown: list[tuple[str, int | None]],
    ) -> None:
        """Somebody shows what stands in a room, at once or by an edit; or what nobody tells of."""
        found = [self.world.shown(*each) for each in shown]
        shows = [each for each in found if each is not None]
        which = self.world.say(room, who, make, shows=() if later else shows)
        if later and which is not None:
            self.world.look()
            self.world.edit(which, make, shows)

    @rule(
        room=rooms, who=some, make=in_channel, how=st.sampled_from(["undo", "delete", "edit"]),
        again=speeches, before=st.booleans(), after=st.sampled_from(["", "", "crash", "interrupt"]),
    )  # fmt: skip
    def think_again(
        self,
        room: str,
        who: int,
        make: Callable[[str], Speech],
        how: str,
        again: Callable[[str], Speech],
        before: bool,
        after: str,
    ) -> None:
        """In a channel that waits, somebody undoes, deletes or edits what they have just said."""
        self.world.mend()
        self.world.reload(Variant(delay=20))
        self.world.close_rooms()
        self.world.look()
        if before:
            self.world.say(room, who, make)
        if after == "interrupt":
            self.world.interrupt(3)
        self.world.think_again(room, who, make, how, again)
        if after == "crash":
            self.world.crash()
            self.world.start()

    @rule(which=one, make=speeches)
    def edit(self, which: int, make: Callable[[str], Speech]) -> None:
        self.world.edit(which, make)

    @rule(which=one, level=label)
    def mark(self, which: int, level: str) -> None:
        self.world.mark(which, level)

    @rule(what=st.sampled_from(FREEZES), again=st.booleans())
    def freeze(self, what: tuple[str, str], again: bool) -> None:
        """Most of what is frozen is thawed again with the next step of this kind."""
        if again:
            self.world.thaw()
        else:
            self.world.freeze(*what)

    @rule(where=rooms, room=rooms, make=speeches, who=some, comes=people, variant=maybe_variants)
    def wait_and_see(
        self,
        where: str,
        room: str,
        make: Callable[[str], Speech],
        who: int,
        comes: str,
        variant: Variant | None,
    ) -> None:
        """While something waits for a room, others come into it, or other settings hold."""
        self.world.freeze("room", where)
        self.world.say(room, who, make)
        self.world.look()
        if variant is None:
            self.world.move(comes, where)
        else:
            self.world.reload(variant)
        self.world.look()
        self.world.thaw()

    @rule(which=one)
    def delete(self, which: int) -> None:
        self.world.delete(which)

    @rule(room=rooms, who=some, level=st.one_of(st.none(), label))
    def set_topic(self, room: str, who: int, level: str | None) -> None:
        self.world.set_topic(room, who, Words(level))

    @rule(who=people, room=rooms)
    def move(self, who: str, room: str) -> None:
        self.world.move(who, room)

    @rule(room=rooms, how=st.sampled_from(["house", "world", "closed", "closed", "unfit"]))
    def change_room(self, room: str, how: str) -> None:
        self.world.change_room(room, how)

    @rule(variant=variants)
    def reload(self, variant: Variant) -> None:
        self.world.reload(variant)

    @rule(house=houses, room=st.one_of(st.none(), rooms), fault=st.one_of(st.none(), faults))
    def fail(self, house: str, room: str | None, fault: Fault | None) -> None:
        """One request goes wrong: of those that put something into a room, or for a roster."""
        if fault is None:
            self.world.fail_rosters(house)
        else:
            self.world.fail(house, room, fault)

    @rule(which=one)
    def double(self, which: int) -> None:
        self.world.double(which)

    @rule(house=houses, long=st.booleans())
    def cut(self, house: str, long: bool) -> None:
        """Nobody hears of a network, or its answers, any more."""
        self.world.hold(house)
        if long:
            self.world.cut(house)

    @rule()
    def crash(self) -> None:
        self.world.crash()

    @rule()
    def all_is_well(self) -> None:
        """So that most of a play is not spent with everything broken."""
        self.world.mend()

    @rule(
        which=one, who=people, level=maybe_label, group=maybe_group, answering=st.booleans(),
        others=st.lists(people, max_size=2), after=maybe_speech,
    )  # fmt: skip
    def release(
        self,
        which: int,
        who: str,
        level: str | None,
        group: str | None,
        answering: bool,
        others: list[str],
        after: Callable[[str], Speech] | None,
    ) -> None:
        """Somebody releases something, perhaps others with them; perhaps it is edited between."""
        text = "release {ref}" + (f" --marking TLP:{level}" if level else "")
        text += f" --group {group}" if group else ""
        self.world.ask(who, text, which, answering=answering)
        if after is not None:
            self.world.look()
            self.world.edit(which, after)
        for other in others:
            self.world.look()
            self.world.ask(other, text, which)

    @rule(
        room=rooms,
        first=secrets,
        who=some,
        level=st.sampled_from(LABELS[:-1]),
        again=maybe_label,
        makes=st.lists(speeches, max_size=2),
    )
    def share_later(
        self,
        room: str,
        first: Callable[[str], Speech],
        who: int,
        level: str,
        again: str | None,
        makes: list[Callable[[str], Speech]],
    ) -> None:
        """What goes nowhere is released by its own team, marked anew, and edited."""
        self.world.mend()
        which = self.world.say(room, who, first)
        self.world.look()
        if which is None:
            return
        who_may = self.world.of_the_same_team(which)
        for name in who_may[:2]:
            self.world.ask(name, f"release {{ref}} --marking TLP:{level}", which)
            self.world.look()
        if again is not None:
            self.world.mark(which, again)
            self.world.look()
        for make in makes:
            self.world.edit(which, make)
            self.world.look()

    @rule(
        room=rooms, first=speeches, who=some, level=maybe_label, group=maybe_group, again=speeches,
        crash=st.booleans(),
    )  # fmt: skip
    def hear_late(
        self,
        room: str,
        first: Callable[[str], Speech],
        who: int,
        level: str | None,
        group: str | None,
        again: Callable[[str], Speech],
        crash: bool,
    ) -> None:
        """What is released was edited, and nobody has told of that yet."""
        self.world.mend()
        which = self.world.say(room, who, first)
        self.world.look()
        if which is None:
            return
        self.world.edit(which, again, late=True)
        text = "release {ref}" + (f" --marking TLP:{level}" if level else "")
        text += f" --group {group}" if group else ""
        for name in self.world.of_the_same_team(which)[:2]:
            self.world.ask(name, text, which)
            self.world.look()
        if crash:
            self.world.crash()
        self.world.tell_late()
        self.world.start()

    @rule(
        which=one,
        who=people,
        answer=st.sampled_from(["release", "refuse", "release"]),
        level=label,
    )
    def ask_for_release(self, which: int, who: str, answer: str, level: str) -> None:
        """Somebody asks for more, and somebody answers."""
        self.world.mend()
        self.world.ask(who, "ask-release {ref}", which)
        self.world.look()
        with_label = f" --marking TLP:{level}" if answer == "release" else ""
        for name in self.world.of_the_same_team(which)[:2]:
            self.world.answer_request(name, "wish", f"{answer} {{ref}}{with_label}")
            self.world.look()

    @rule(which=one, who=st.one_of(st.none(), people), answering=st.booleans(), done=people)
    def recall(self, which: int, who: str | None, answering: bool, done: str) -> None:
        """Somebody recalls something: anybody, or one of its own team; and somebody confirms."""
        self.world.mend()
        own = self.world.of_the_same_team(which)
        name = who or (own[0] if own else None)
        if name is not None:
            self.world.ask(name, "recall {ref}", which, answering=answering)
            self.world.look()
        self.world.answer_request(done, "recall", "done {ref}")

    @rule(
        which=one, room=rooms, speaker=some, make=st.one_of(st.none(), doubts),
        who=st.one_of(st.none(), people), level=label, again=maybe_speech,
    )  # fmt: skip
    def correct(
        self,
        which: int,
        room: str,
        speaker: int,
        make: Callable[[str], Speech] | None,
        who: str | None,
        level: str,
        again: Callable[[str], Speech] | None,
    ) -> None:
        """Somebody says how something is marked: lower, where it only seemed to be marked."""
        self.world.mend()
        if make is not None:
            said = self.world.say(room, speaker, make)
            self.world.look()
            which = -1 if said is None else said
        own = self.world.of_the_same_team(which)
        name = who or (own[0] if own else None)
        if name is not None:
            self.world.correct(name, which, level)
        if again is not None:
            self.world.look()
            self.world.edit(which, again)

    @rule(
        pair=pairs, make=in_channel, who=some, comes=some,
        edited=maybe_speech,
    )  # fmt: skip
    def newcomers(
        self,
        pair: tuple[str, str],
        make: Callable[[str], Speech],
        who: int,
        comes: int,
        edited: Callable[[str], Speech] | None,
    ) -> None:
        """A team that is not in a channel comes into it, while something waits for its room, or
        before something that is there already is edited.
        """
        where, room = pair
        self.world.mend()
        self.world.reload(Variant())
        self.world.close_rooms()
        self.world.look()
        name = self.world.send_away(where, comes)
        if name is None:
            return
        self.world.look()
        if edited is None:
            self.world.freeze("room", where)
        which = self.world.say(room, who, make)
        self.world.look()
        self.world.move(name, where)
        self.world.look()
        if edited is None:
            self.world.thaw()
        elif which is not None:
            self.world.edit(which, edited)

    @rule(
        where=rooms, room=rooms, who=some, level=st.sampled_from(LABELS[:3]),
        name=st.sampled_from(NAMES[:2]), first=groups, then=groups,
        how=st.sampled_from(["down", "waits", "edited"]),
    )  # fmt: skip
    def regroup(
        self,
        where: str,
        room: str,
        who: int,
        level: str,
        name: str,
        first: tuple[str, ...],
        then: tuple[str, ...],
        how: str,
    ) -> None:
        """A group has other teams than when something was said to it."""
        self.world.mend()
        self.world.reload(Variant())
        self.world.close_rooms()
        self.world.look()
        make = partial(_speech, "listed", level, 0, (name,))
        self.world.reload(replace(self.world.variant, inner=first))
        self.world.look()
        if how == "down":
            self.world.crash()
        elif how == "waits":
            self.world.freeze("room", where)
        which = self.world.say(room, who, make)
        self.world.look()
        self.world.reload(replace(self.world.variant, inner=then))
        self.world.look()
        self.world.start()
        self.world.thaw()
        if how == "edited" and which is not None:
            self.world.edit(which, make)

    @rule(
        pair=pairs, name=st.sampled_from(["charlie", "delta"]),
        level=st.sampled_from(["AMBER+STRICT", "AMBER+STRICT", "AMBER"]), who=some, which=some,
        later=st.booleans(), named=st.sampled_from([True, True, False]),
    )  # fmt: skip
    def off_the_roster(
        self,
        pair: tuple[str, str],
        name: str,
        level: str,
        who: int,
        which: int,
        later: bool,
        named: bool,
    ) -> None:
        """Somebody whose team may read much, and is not of the channel, sits in one of its rooms,
        or comes to where something stands already.
        """
        self.world.mend()
        self.world.reload(Variant(ceiling="AMBER+STRICT", named=named))
        self.world.close_rooms()
        self.world.look()
        make, (where, room) = partial(_speech, "first", level, which, ()), pair
        if not later:
            self.world.seat_one_of(name, where)
            self.world.look()
        said = self.world.say(room, who, make)
        self.world.look()
        if later and said is not None:
            self.world.seat_one_of(name, where)
            self.world.look()
            self.world.edit(said, make)

    def _all_is_usual(self, variant: Variant) -> None:
        """These settings hold, nothing is broken, and every room is as it has to be."""
        self.world.mend()
        self.world.reload(variant)
        self.world.close_rooms()
        self.world.look()

    @rule(pair=pairs, who=some, which=some, later=st.booleans())
    def leave_ajar(self, pair: tuple[str, str], who: int, which: int, later: bool) -> None:
        """A room is not closed as it has to be, and something above TLP:GREEN is said for it, or
        stood there already and is edited.
        """
        (where, room), make = pair, partial(_speech, "first", "AMBER", which, ())
        self._all_is_usual(Variant())
        said = self.world.say(room, who, make) if later else None
        self.world.look()
        self.world.change_room(where, "unfit")
        self.world.look()
        if said is not None:
            self.world.edit(said, make)
        else:
            self.world.say(room, who, make)
        self.world.look()
        self.world.change_room(where, "closed")

    @rule(make=secrets, who=some, level=st.sampled_from(LABELS[:2]))
    def release_alone(self, make: Callable[[str], Speech], who: int, level: str) -> None:
        """One person releases what takes two."""
        self._all_is_usual(Variant(needs=2))
        which = self.world.say(WAR[0], who, make)
        self.world.look()
        for name in [] if which is None else self.world.of_the_same_team(which)[:1]:
            self.world.ask(name, f"release {{ref}} --marking TLP:{level}", which or 0)

    @rule(
        make=secrets,
        room=st.sampled_from(WAR),
        who=some,
        other=some,
        level=st.sampled_from(LABELS[:2]),
    )
    def release_anothers(
        self, make: Callable[[str], Speech], room: str, who: int, other: int, level: str
    ) -> None:
        """Somebody of another team releases what is not theirs."""
        self._all_is_usual(Variant())
        which = self.world.say(room, who, make)
        self.world.look()
        others = [] if which is None else self.world.of_other_teams(which)
        if others:
            name = others[other % len(others)]
            self.world.ask(name, f"release {{ref}} --marking TLP:{level}", which or 0)

    @rule(
        pair=pairs, who=some, make=in_channel, later=st.booleans(),
        how=st.sampled_from(["guest", "guest", "house", "world"]),
    )  # fmt: skip
    def look_on(
        self,
        pair: tuple[str, str],
        who: int,
        make: Callable[[str], Speech],
        later: bool,
        how: str,
    ) -> None:
        """Somebody of no team sits in a room, or it is open to such people, when something is said
        for it; or they come to what stands there already, and that is edited.
        """
        where, room = pair
        self._all_is_usual(Variant())
        said = self.world.say(room, who, make) if later else None
        self.world.look()
        if how == "guest":
            self.world.move(STRANGERS[where.partition("/")[0]], where)
        else:
            self.world.change_room(where, how)
        self.world.look()
        if said is not None:
            self.world.edit(said, make)
        else:
            self.world.say(room, who, make)

    @rule(room=rooms, who=some, make=in_channel)
    def regret(self, room: str, who: int, make: Callable[[str], Speech]) -> None:
        """Somebody recalls what they have just said."""
        self._all_is_usual(Variant())
        which = self.world.say(room, who, make)
        self.world.look()
        for name in [] if which is None else self.world.of_the_same_team(which)[:1]:
            self.world.ask(name, "recall {ref}", which or 0)

    @rule(
        inner=st.sampled_from(INNER), room=st.sampled_from(WAR), who=some, which=some,
        make=in_channel,
    )  # fmt: skip
    def show_elsewhere(
        self, inner: str, room: str, who: int, which: int, make: Callable[[str], Speech]
    ) -> None:
        """What is for one channel is shown in another, by words that are for all there."""
        self._all_is_usual(Variant())
        self.world.say(inner, who, partial(_speech, "first", "AMBER+STRICT", which, ()))
        self.world.look()
        shown = self.world.shown(inner, -1)
        self.world.say(room, who, make, shows=[] if shown is None else [shown])

    @rule(room=rooms, who=some, make=in_channel, house=houses, failures=st.integers(3, 6))
    def wake_blind(
        self, room: str, who: int, make: Callable[[str], Speech], house: str, failures: int
    ) -> None:
        """The bot starts, something was said meanwhile, and nobody says who is in the rooms."""
        self.world.mend()
        self.world.reload(Variant())
        self.world.close_rooms()
        self.world.look()
        self.world.crash()
        self.world.say(room, who, make)
        self.world.look()
        for _ in range(failures):
            self.world.fail_rosters(house)
        self.world.start()

    @rule(
        name=st.sampled_from(["cyd", "cat", "dan"]), place=st.integers(0, 1), make=speeches,
        team=st.booleans(),
    )  # fmt: skip
    def speak_while_frozen(
        self, name: str, place: int, make: Callable[[str], Speech], team: bool
    ) -> None:
        """Somebody speaks in another's house while their team, or the room, is frozen."""
        self.world.mend()
        room = self.world.seat(name, place)
        self.world.look()
        self.world.freeze(*self.world.frozen_for(name, room, team=team))
        self.world.look()
        self.world.say_as(name, room, make)
        self.world.look()
        self.world.thaw()

    @rule(last=st.integers(0, 40))
    def interrupt(self, last: int) -> None:
        """It is killed in the middle of the next thing that happens, and starts again."""
        self.world.interrupt(last)

    @initialize(number=st.integers(0, 2**16))
    def hurry(self, number: int) -> None:
        """What overtakes what."""
        self.world.loop.pace.seed(number)


PARTS: list[Parts] = [REAL]
"""What the bot is made of."""
TEMPLATE: list[Path] = []
"""A store with today's schema and nothing in it, to be copied."""


@contextmanager
def stage() -> Iterator[None]:
    """Make the empty store."""
    with tempfile.TemporaryDirectory(prefix="liaison-model-") as folder:
        file = Path(folder) / "empty.db"
        database = open_database(f"sqlite:///{file}")
        upgrade(database.engine)
        database.close()
        TEMPLATE[:] = [file]
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        try:
            yield
        finally:
            structlog.reset_defaults()


def play(
    number: int, steps: int, *, long: int = 25, shorten: bool = False, parts: Parts = REAL
) -> Counter[str]:
    """Play at least so many steps, `long` in a play at most; what happened in them.

    Raises AssertionError where the promise is broken; `shorten`: with the shortest play that is
    found within five minutes, else with the first.
    """
    counted.clear()
    traces.clear()
    PARTS[:] = [parts]
    chosen = settings(
        max_examples=max(1, steps // long),
        stateful_step_count=long,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink) if shorten else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    with stage():
        run_state_machine_as_test(seed(number)(Machine), settings=chosen)
    return Counter(counted)
