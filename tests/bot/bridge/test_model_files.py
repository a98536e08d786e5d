"""The model of `test_model` with files among what people say, small and large, that land late."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bridge.filing import PROMPT
from bot.events import AccountId, File, MessagePosted, RoomId
from tests.bot.bridge.networks import ROOMS, Bot, Shown, empty_store
from tests.bot.bridge.test_model import ACTS, ENGINE, HANDLER, Truth, World, place, some


@dataclass
class FilesWorld(World):
    """A world in which people share files beside what they say."""

    files: dict[str, str] = field(default_factory=dict)
    """The name of the file, by the name of what is said."""

    def share(self, at: int, which: int, threaded: bool, large: bool) -> None:
        self.post(at, which, threaded, 0)
        event = self.ways[ROOMS[at]].pop()
        assert isinstance(event, MessagePosted)
        name = f"{event.author.name}.bin"
        self.files[event.author.name] = name
        file = File(AccountId("fake:a"), name, name, size=2 * PROMPT if large else 1)
        self.ways[ROOMS[at]].append(replace(event, files=(file,)))

    def delay(self, at: int) -> None:
        """What a room is to have next does not land at once, if it is a file."""
        self.bot.send(ROOMS[at], later=True)

    def send_file(self, at: int, which: int, lost: bool) -> None:
        lanes = self.bot.asides(ROOMS[at])
        if lanes:
            self.bot.send(lanes[which % len(lanes)], lost=lost)

    def _check(self, truth: Truth, target: RoomId, standing: list[Shown]) -> None:
        beside = [each for each in standing if each.file or each.text.startswith("📎")]
        if target != truth.room and truth.name in self.files and not truth.deleted:
            assert [each.file for each in beside if each.file] == [self.files[truth.name]]
            lines = [each.text for each in beside if each.text]
            assert all(line.endswith(": below") for line in lines)
            assert len(lines) <= 1
            assert not any(each.marks for each in beside)
        said = standing if truth.deleted else [each for each in standing if each not in beside]
        super()._check(truth, target, said)


FILE_ACTS: st.SearchStrategy[tuple[object, ...]] = st.one_of(
    st.tuples(st.just("share"), place, some, st.booleans(), st.booleans()),
    st.tuples(st.just("delay"), place),
    st.tuples(st.just("send_file"), place, some, st.booleans()),
    ACTS,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FILE_ACTS, min_size=4, max_size=40))
def test_every_interleaving_with_files_ends_the_same(acts: list[tuple[object, ...]]) -> None:
    with empty_store(ENGINE) as session:
        world = FilesWorld(Bot(session, HANDLER))
        for name, *values in acts:
            getattr(world, str(name))(*values)
        world.finish()
        world.check()
