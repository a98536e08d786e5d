"""What every network must do: one suite, asked of the fake and of every real one.

A network's test subclasses `PlatformContract` and gives a `FarSide`: its far end, as far as these
questions need it. What a far side cannot do it says by `Impossible`, and the question is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import pytest

from bot.delivery.outbox import new_id
from bot.errors import NotSent, OutcomeUnknown, PlatformError, Refused, Throttled
from bot.events import (
    Answer,
    Arrival,
    Author,
    CommandTyped,
    Control,
    Delivery,
    DeliveryId,
    Event,
    MessageId,
    MessagePosted,
    Offered,
    PersonId,
    Post,
    React,
    Reacted,
    RoomId,
    RoomRead,
    Standing,
    Unreadable,
)
from bot.platforms.base import Memory, Platform
from bot.richtext import plain, say

BEFORE, AFTER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
SECONDS = 20.0
"""How long a network may take for anything that is asked of it here."""


class Impossible(Exception):
    """A far side cannot play this."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a person in the room sees it."""

    text: str
    delivery: DeliveryId | None
    author: str | None = None
    """Under what name the bot said it, None where the network has no names of that kind."""


class FarSide(Protocol):
    """A network's far end, and new adapters to it."""

    room: RoomId
    unknown_room: RoomId
    """A room that does not exist, or that the bot is not in."""

    def platform(self, memory: Memory) -> Platform:
        """A new adapter, as after a start of the bot; closed by its user."""

    async def say(self, text: str) -> MessageId:
        """Ada says something in the room."""

    async def seen(self) -> Sequence[Seen]:
        """What stands in the room, oldest first."""

    async def person(self) -> PersonId:
        """Ada, as the adapter names her."""

    async def told(self, name: str) -> Sequence[str]:
        """What `ada` or `ben` was answered in private."""

    async def press(self, message: MessageId, emoji: str) -> None:
        """Ada presses a control of a message: its first button, or the reaction."""

    async def cut(self) -> None:
        """Nothing gets through, either way, from now on."""

    async def restore(self) -> None:
        """It gets through again."""

    async def throttle(self, seconds: int) -> None:
        """The next request to deliver is told to wait."""

    async def swallow(self) -> None:
        """The next request to deliver is carried out; then the connection is cut."""

    async def malformed(self) -> None:
        """Something arrives that is of no known shape."""


@dataclass
class KeptMemory:
    """A memory in memory: it outlives the adapters, as the store does."""

    marks: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    async def mark(self, scope: str) -> str | None:
        return self.marks.get(scope)

    async def set_mark(self, scope: str, position: str) -> None:
        self.marks.setdefault(scope, position)

    async def recall(self, key: str) -> str | None:
        return self.values.get(key)

    async def keep(self, key: str, value: str) -> None:
        self.values[key] = value

    async def forget(self, key: str) -> None:
        self.values.pop(key, None)


class Listener:
    """Reads an adapter as the inlet does: commits the mark, then acknowledges, then goes on."""

    def __init__(self, platform: Platform, memory: KeptMemory, *, commits: bool) -> None:
        self.platform = platform
        self._memory = memory
        self._commits = commits
        self.arrivals: list[Arrival] = []
        self._changed = asyncio.Event()

    async def read(self) -> None:
        """Take what comes, for ever; what was seen before counts once."""
        async for arrival in self.platform.events():
            if self._commits:
                if arrival.mark is not None:
                    self._memory.marks[arrival.mark.scope] = arrival.mark.position
                await arrival.acknowledge()
            self.arrivals.append(arrival)
            self._changed.set()

    def posted(self) -> list[MessagePosted]:
        """Every message, once, in the order of its first arrival."""
        found: dict[tuple[str, str], MessagePosted] = {}
        for arrival in self.arrivals:
            if isinstance(event := arrival.event, MessagePosted):
                found.setdefault((event.room, event.message), event)
        return list(found.values())

    def texts(self) -> list[str]:
        """What people said, in order."""
        return [plain(event.body) for event in self.posted() if event.own is None]

    async def has_read_up(self, room: RoomId, since: datetime, seconds: float = SECONDS) -> bool:
        """Ask, again and again as one does, until the room has been read up to a moment."""

        def told() -> bool:
            read = (each.event for each in self.arrivals if isinstance(each.event, RoomRead))
            return any(each.room == room and each.until >= since for each in read)

        for _ in range(int(seconds / 0.1)):
            self.platform.read_up([room])
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    while not told():
                        self._changed.clear()
                        await self._changed.wait()
            if told():
                return True
        return False

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something has arrived."""
        async with asyncio.timeout(SECONDS):
            while not done():
                self._changed.clear()
                await self._changed.wait()

    async def heard(self, *texts: str) -> None:
        """These, and nothing else, in this order."""
        with suppress(TimeoutError):
            await self.until(lambda: len(self.texts()) >= len(texts))
        assert self.texts() == list(texts)


@asynccontextmanager
async def listening(
    far: FarSide, memory: KeptMemory, *, commits: bool = True
) -> AsyncIterator[Listener]:
    """A new adapter, connected and being read."""
    platform = far.platform(memory)
    with suppress(NotSent):
        await platform.open()
    listener = Listener(platform, memory, commits=commits)
    task = asyncio.create_task(listener.read())
    try:
        yield listener
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await platform.close()
        await platform.close()  # it may be called twice


async def started(far: FarSide) -> KeptMemory:
    """A memory as it is after a first run that saw one message, and ended."""
    memory = KeptMemory()
    async with listening(far, memory) as first:
        await far.say("begun")
        await first.heard("begun")
    return memory


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Ask a far end until something is so: there is nothing else to wait for."""
    async with asyncio.timeout(SECONDS):
        while not await done():
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.02)


def post(far: FarSide, text: str, *, room: RoomId | None = None) -> Delivery:
    """A message that Ben said elsewhere, on its way into the room."""
    ben = Author(PersonId("other:net/ben"), "Ben")
    return Delivery(new_id(), room or far.room, Post(say(text), ben))


class PlatformContract:
    """The questions."""

    def far_side(self) -> AbstractAsyncContextManager[FarSide]:
        """A fresh far side: a room with Ada and Ben in it, and the bot."""
        raise NotImplementedError

    def play(self, scenario: Callable[[FarSide], Awaitable[None]]) -> None:
        """Run one scenario on a fresh far side."""

        async def whole() -> None:
            async with self.far_side() as far:
                await scenario(far)

        try:
            asyncio.run(whole())
        except Impossible as why:
            pytest.skip(str(why))

    def test_what_is_said_arrives_in_order_and_equal_texts_stay_two(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.say("one")
                await listener.heard("one")
                for text in ("two", "two", "three"):
                    await far.say(text)
                await listener.heard("one", "two", "two", "three")
                first = listener.posted()[0]
                assert first.room == far.room
                assert first.author.person == await far.person()
                assert first.author.name
                assert not first.author.bot

        self.play(scenario)

    def test_what_was_missed_comes_first_and_in_order(self) -> None:
        async def scenario(far: FarSide) -> None:
            memory = await started(far)
            for text in ("missed one", "missed two"):
                await far.say(text)
            async with listening(far, memory) as again:
                await far.say("new")
                await again.until(lambda: "new" in again.texts())
                heard = [text for text in again.texts() if text != "begun"]
                assert heard == ["missed one", "missed two", "new"]

        self.play(scenario)

    def test_a_room_that_is_read_up_to_now_has_shown_all_that_was_said_before(self) -> None:
        async def scenario(far: FarSide) -> None:
            memory = await started(far)
            await far.say("missed")
            async with listening(far, memory) as listener:
                await far.say("new")
                asked = datetime.now(UTC)
                assert await listener.has_read_up(far.room, asked)
                read = [isinstance(each.event, RoomRead) for each in listener.arrivals]
                before = listener.arrivals[: read.index(True)]
                assert {"missed", "new"} <= {
                    plain(each.event.body)
                    for each in before
                    if isinstance(each.event, MessagePosted)
                }

        self.play(scenario)

    def test_while_it_is_down_no_room_has_been_read(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.say("before")
                await listener.heard("before")
                await far.cut()
                asked = datetime.now(UTC)
                assert not await listener.has_read_up(far.room, asked, 0.5)
                await far.restore()
                assert await listener.has_read_up(far.room, asked)

        self.play(scenario)

    def test_what_was_not_acknowledged_comes_again(self) -> None:
        async def scenario(far: FarSide) -> None:
            memory = await started(far)
            async with listening(far, memory, commits=False) as careless:
                await far.say("said")
                await careless.until(lambda: "said" in careless.texts())
            async with listening(far, memory) as careful:
                await careful.until(lambda: "said" in careful.texts())

        self.play(scenario)

    def test_it_reconnects_and_nothing_is_missing(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.say("before")
                await listener.heard("before")
                await far.cut()
                await far.say("meanwhile")
                await far.restore()
                await far.say("after")
                await listener.heard("before", "meanwhile", "after")
                assert listener.platform.connected

        self.play(scenario)

    def test_its_own_messages_are_known_by_their_delivery(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                delivery = post(far, "carried")
                sent = await listener.platform.deliver(delivery)
                await listener.until(lambda: bool(listener.posted()))
                (own,) = listener.posted()
                assert own.own == delivery.id
                assert own.message == sent.message
                (seen,) = await far.seen()
                assert seen.delivery == delivery.id
                assert "carried" in seen.text
                assert "Ben" in seen.text or seen.text == "carried"

        self.play(scenario)

    def test_whose_words_it_passes_on_is_shown_with_team_and_mark(self) -> None:
        async def scenario(far: FarSide) -> None:
            ben = Author(PersonId("x:y/ben"), "Ben", team="CERT Alpha", mark="@ben:evil.example")
            delivery = Delivery(new_id(), far.room, Post(say("words"), ben))
            async with listening(far, KeptMemory()) as listener:
                await listener.platform.deliver(delivery)
            (shown,) = [each for each in await far.seen() if each.delivery == delivery.id]
            if shown.author is None:
                raise Impossible("nobody has a name on this network")
            assert shown.author == "Ben \N{WARNING SIGN} @ben:evil.example (CERT Alpha)"

        self.play(scenario)

    def test_its_own_messages_are_known_in_history_too(self) -> None:
        async def scenario(far: FarSide) -> None:
            memory = await started(far)
            delivery = post(far, "carried")
            async with listening(far, memory, commits=False) as listener:
                await listener.platform.deliver(delivery)
                await far.say("said")
                await listener.until(lambda: "said" in listener.texts())
            async with listening(far, memory) as again:
                await again.until(lambda: "said" in again.texts())
                own = [event.own for event in again.posted() if event.own is not None]
                assert own == [delivery.id]

        self.play(scenario)

    def test_delivering_again_lands_once_where_the_network_remembers(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                if not listener.platform.capabilities.idempotent_for:
                    raise Impossible("this network does not remember requests")
                delivery = post(far, "carried")
                first = await listener.platform.deliver(delivery)
                again = await listener.platform.deliver(delivery)
                assert first.message == again.message
                assert len(await far.seen()) == 1

        self.play(scenario)

    def test_a_look_up_finds_what_landed_and_nothing_else(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                landed, lost = post(far, "equal"), post(far, "equal")
                sent = await listener.platform.deliver(landed)
                found = await listener.platform.find(landed)
                assert found is not None
                assert found.message == sent.message
                assert await listener.platform.find(lost) is None

        self.play(scenario)

    def test_what_was_carried_out_before_a_cut_is_found(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                delivery = post(far, "carried")
                await far.swallow()
                with pytest.raises(OutcomeUnknown):
                    await listener.platform.deliver(delivery)
                await far.restore()
                assert await found(listener.platform, delivery)
                assert [each.delivery for each in await far.seen()] == [delivery.id]

        self.play(scenario)

    def test_an_unknown_room_is_refused_for_good(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                with pytest.raises(Refused) as refusal:
                    await listener.platform.deliver(post(far, "canary", room=far.unknown_room))
                assert refusal.value.reason
                assert "canary" not in str(refusal.value)

        self.play(scenario)

    def test_a_pause_that_is_asked_for_is_handed_on(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.throttle(7)
                with pytest.raises(Throttled) as throttled:
                    await listener.platform.deliver(post(far, "carried"))
                assert throttled.value.retry_after is not None
                assert 5 <= throttled.value.retry_after <= 10
                assert await far.seen() == []

        self.play(scenario)

    def test_a_network_that_is_down_says_so_and_nothing_else(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.cut()
                with pytest.raises((NotSent, OutcomeUnknown)):
                    await listener.platform.deliver(post(far, "carried"))
                with pytest.raises(PlatformError):
                    await listener.platform.find(post(far, "carried"))
                await far.restore()

        self.play(scenario)

    def test_a_start_while_it_is_down_is_not_for_good(self) -> None:
        async def scenario(far: FarSide) -> None:
            memory = await started(far)
            await far.cut()
            platform = far.platform(memory)
            try:
                with pytest.raises(NotSent):
                    await platform.open()
                assert not platform.connected
                await far.restore()
                await platform.open()
            finally:
                await platform.close()

        self.play(scenario)

    def test_malformed_input_is_a_value_and_the_next_message_arrives(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.say("before")
                await listener.heard("before")
                await far.malformed()
                await far.say("after")
                await listener.heard("before", "after")
                assert any(isinstance(each.event, Unreadable) for each in listener.arrivals)

        self.play(scenario)

    def test_what_no_text_may_hold_is_carried_safely(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                odd = "a\x07b \u202eright to left\u202c <!channel> @room *bold* `x` &amp;"
                await listener.platform.deliver(post(far, odd))
                await far.say("after")
                await listener.heard("after")
                assert len(await far.seen()) == 2

        self.play(scenario)

    def test_a_private_answer_reaches_one_person_only(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.say("asked")
                await listener.heard("asked")
                answer = Answer(await far.person(), say("for ada"))
                await listener.platform.deliver(Delivery(new_id(), far.room, answer))

                async def arrived() -> bool:
                    return any("for ada" in text for text in await far.told("ada"))

                await until(arrived)
                assert await far.told("ben") == []
                assert [each.text for each in await far.seen()] == ["asked"]

        self.play(scenario)

    def test_a_control_on_a_post_is_pressed(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.say("before")
                await listener.heard("before")
                key, eyes = new_id(), "\N{EYES}"
                asked = Post(say("pressed on"), controls=(Control("Details", "show x", eyes),))
                platform = listener.platform
                sent = await platform.deliver(Delivery(key, far.room, asked))
                assert sent.message is not None
                if not (platform.capabilities.buttons or platform.capabilities.reactions):
                    raise Impossible("what can be pressed there is said in words alone")
                if not platform.capabilities.buttons:
                    shown = React(eyes, sent.message, on=key, offered=Offered())
                    await platform.deliver(Delivery(new_id(), far.room, shown))
                await far.press(sent.message, eyes)
                ada = await far.person()
                await listener.until(
                    lambda: any(_is_pressed(each.event, ada, key) for each in listener.arrivals)
                )

        self.play(scenario)

    def test_history_begins_after_a_position_and_ends(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                for text in ("one", "two", "three"):
                    await far.say(text)
                await listener.heard("one", "two", "three")
                marks = [each.mark for each in listener.arrivals if each.mark is not None]
                since = next((each.position for each in marks if each.scope == far.room), None)
                if since is None:
                    raise Impossible("this network's marks are not by room")
                texts = [
                    plain(each.event.body)
                    async for each in listener.platform.history(far.room, since)
                    if isinstance(each.event, MessagePosted)
                ]
                assert texts[-2:] == ["two", "three"]

        self.play(scenario)

    def test_the_past_of_a_room_that_was_never_read_is_its_newest_messages_since_a_time(
        self,
    ) -> None:
        async def scenario(far: FarSide) -> None:
            for number in range(5):
                await far.say(str(number))
            platform = far.platform(KeptMemory())
            try:
                for most, expected in ((3, ["2", "3", "4"]), (100, ["0", "1", "2", "3", "4"])):
                    texts = [
                        plain(each.event.body)
                        async for each in platform.past(far.room, BEFORE, most)
                        if isinstance(each.event, MessagePosted)
                    ]
                    assert texts == expected
                later = [each async for each in platform.past(far.room, AFTER, 100)]
                assert not [each for each in later if isinstance(each.event, MessagePosted)]
            finally:
                await platform.close()

        self.play(scenario)

    def test_a_roster_names_everybody_in_a_room_and_tells_which_is_the_bot(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                roster = await listener.platform.roster(far.room)
                assert await far.person() in {each.person for each in roster.readers}
                assert len({each.person for each in roster.readers}) == len(roster.readers) == 3
                standings = [each.standing for each in roster.readers]
                assert standings.count(Standing.OURS) == 1
                assert Standing.UNKNOWN not in standings
                assert all(each.bot or each.name for each in roster.readers)
                with pytest.raises(Refused):
                    await listener.platform.roster(far.unknown_room)

        self.play(scenario)

    def test_a_message_is_fetched_as_it_was_heard_and_none_that_never_was(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                await far.say("before")
                said = await far.say("said")
                await listener.heard("before", "said")
                heard = listener.posted()[1]
                assert heard.message == said
                assert await listener.platform.fetch(far.room, said) == heard
                never = MessageId(said[:1] + said[1:][::-1])
                assert await listener.platform.fetch(far.room, never) is None
                with pytest.raises(Refused):
                    await listener.platform.fetch(far.unknown_room, said)

        self.play(scenario)

    def test_while_it_is_down_there_is_no_roster_and_no_message(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                said = await far.say("said")
                await listener.heard("said")
                await far.cut()
                with pytest.raises((NotSent, OutcomeUnknown)):
                    await listener.platform.roster(far.room)
                with pytest.raises((NotSent, OutcomeUnknown)):
                    await listener.platform.fetch(far.room, said)
                await far.restore()

        self.play(scenario)

    def test_a_probe_of_what_is_well_finds_nothing_wrong(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                assert await listener.platform.probe() == []

        self.play(scenario)

    def test_a_check_of_what_is_well_finds_nothing_wrong(self) -> None:
        async def scenario(far: FarSide) -> None:
            async with listening(far, KeptMemory()) as listener:
                findings = await listener.platform.check()
                assert findings
                assert [(each.what, each.mend) for each in findings if not each.ok] == []
                assert far.room in {each.room for each in await listener.platform.list_rooms()}

        self.play(scenario)


def _is_pressed(event: Event, person: PersonId, key: DeliveryId) -> bool:
    """Whether somebody pressed the control of a delivery."""
    match event:
        case CommandTyped(author=author, text="show x", pressed=pressed):
            return author.person == person and pressed == key
        case Reacted(author=author, emoji="\N{EYES}", added=True, own=False):
            return author.person == person
        case _:
            return False


async def found(platform: Platform, delivery: Delivery) -> bool:
    """A look-up once the network is back: what fails on the way there is tried again."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                return await platform.find(delivery) is not None
            except PlatformError:
                await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.02)
