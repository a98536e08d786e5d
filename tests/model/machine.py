"""What can happen, in any order: a state machine that Hypothesis plays, and can shorten."""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import structlog
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bot.store.database import open_database
from bot.store.schema import upgrade
from tests.fake_platform import Fault
from tests.model.cast import HOUSES, LABELS, PEOPLE, ROOMS, Variant
from tests.model.oracle import Words
from tests.model.speech import NAMES, WAYS, Speech
from tests.model.world import World

some = st.integers(0, 30)
maybe = st.one_of(st.none(), some)
people = st.sampled_from([name for name, each in PEOPLE.items() if each.house in HOUSES])
rooms = st.sampled_from(ROOMS)
houses = st.sampled_from(HOUSES)
label = st.sampled_from(LABELS)
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
)

maybe_variants = st.one_of(st.none(), variants)


def _speech(way: str, level: str, which: int, to: tuple[str, ...], token: str) -> Speech:
    return WAYS[way](token, level, which, to)


speeches: st.SearchStrategy[Callable[[str], Speech]] = st.builds(
    lambda way, level, which, to: partial(_speech, way, level, which, to),
    st.sampled_from([*WAYS, "plainly", "first"]), label, some, names,
)  # fmt: skip

counted: Counter[str] = Counter()
"""What happened in all plays together: that nothing leaks says little where nothing is relayed."""


class Machine(RuleBasedStateMachine):
    """One play: a fresh store, two houses, and whatever happens to them."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="liaison-model-")
        self.world = World(Path(self._folder.name) / "liaison.db", TEMPLATE[0])

    def teardown(self) -> None:
        counted.update(self.world.counted)
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

    @rule(which=some, make=speeches)
    def edit(self, which: int, make: Callable[[str], Speech]) -> None:
        self.world.edit(which, make)

    @rule(which=some, level=label)
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

    @rule(which=some)
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

    @rule(which=some)
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
        self.world.start()
        self.world.thaw()
        for house in HOUSES:
            self.world.let_go(house)
            self.world.restore(house)


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


def play(number: int, steps: int, *, long: int = 25, shorten: bool = False) -> Counter[str]:
    """Play at least so many steps, `long` in a play at most; what happened in them.

    Raises AssertionError where the promise is broken; `shorten`: with the shortest play that is
    found within five minutes, else with the first.
    """
    counted.clear()
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
