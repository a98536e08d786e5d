"""What a workspace shows of messages that were handed out before, against the stand-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.events import Displayed, LeftOut, MessageId, MessagePosted, RoomId, StretchRead
from bot.platforms.base import CatchUp
from bot.richtext import plain
from bot.sandbox.slack import acts
from tests.bot.platforms.slack.workplace import QUICK, Place, Reader, place, reading, run


@dataclass
class Known:
    """A `Recollection` in memory."""

    seen: set[str] = field(default_factory=set)
    answers: dict[MessageId, MessageId] = field(default_factory=dict)

    async def unseen(self, room: RoomId, messages: Sequence[MessageId]) -> frozenset[MessageId]:
        del room
        return frozenset(messages) - self.seen

    async def threads(self, room: RoomId, since: MessageId) -> Mapping[MessageId, MessageId]:
        del room
        return {root: newest for root, newest in self.answers.items() if newest > since}


def say(at: Place, known: Known, count: int) -> list[str]:
    """So many messages that were handed out before the bot went away."""
    said = [at.say(f"m{number}") for number in range(count)]
    known.seen.update(said)
    at.memory.marks[at.room] = said[-1]
    return said


def say_earlier(at: Place, text: str, hours: float) -> str:
    """Something that was said so many hours ago."""
    stage, channel = at.workspace.stage, at.workspace.world.channels[at.channel]
    message = acts.post(stage, channel, acts.Draft(user=at.ada, text=text))
    channel.drop(message.ts)
    message.ts = f"{float(message.ts) - hours * 3600:.6f}"
    channel.add(message)
    return message.ts


async def compared(reader: Reader, count: int = 1) -> list[StretchRead]:
    await reader.until(lambda: len(reader.of(StretchRead)) >= count)
    return reader.of(StretchRead)


def shown(stretch: StretchRead, message: str) -> Displayed:
    return next(each for each in stretch.messages if each.message == message)


def test_reading_two_hundred_known_messages_again_is_one_arrival() -> None:
    async def scenario() -> None:
        known = Known()
        async with place(recollection=known) as at:
            said = say(at, known, 200)
            async with reading(at) as reader:
                (stretch,) = await compared(reader)
                assert len(stretch.messages) == 200
                assert (stretch.since, stretch.until) == (said[0], said[-1])
                await at.caught_up()
                assert [arrival.event for arrival in reader.arrivals] == [stretch]
                assert at.workspace.call_count("conversations.history") == 1

    run(scenario())


def test_a_stretch_shows_edits_reactions_and_what_is_gone() -> None:
    async def scenario() -> None:
        known = Known()
        async with place(recollection=known) as at:
            first, second, third, last = say(at, known, 4)
            at.say("answer", first)
            at.workspace.edit(at.channel, second, "other words")
            at.workspace.react(at.channel, second, at.ada, "tada")
            at.workspace.react(at.channel, second, at.workspace.app.user, "+1")
            at.workspace.delete(at.channel, first)
            at.workspace.delete(at.channel, third)
            async with reading(at) as reader:
                stretch = (await compared(reader))[0]
                assert [each.message for each in stretch.messages] == [first, second, last]
                assert shown(stretch, first).deleted
                edit = shown(stretch, second).edit
                assert edit is not None
                assert plain(edit.body) == "other words"
                reactions = shown(stretch, second).reactions
                people = {each.emoji: [who.name for who in each.by] for each in reactions}
                assert people == {"🎉": ["Ada"], "👍": []}
                assert all(each.complete for each in reactions)

    run(scenario())


def test_answers_in_a_thread_older_than_the_pages_are_found() -> None:
    async def scenario() -> None:
        known = Known()
        async with place(recollection=known) as at:
            root = say_earlier(at, "root", 1)
            known.seen.update([root, *(say_earlier(at, str(n), 0.5) for n in range(210))])
            old = at.say("known answer", root)
            known.seen.add(old)
            known.answers = {MessageId(root): MessageId(old)}
            say(at, known, 1)
            new = [at.say(f"answer {number}", root) for number in range(3)]
            at.say("something later")
            at.workspace.react(at.channel, old, at.ada, "eyes")
            async with reading(at) as reader:
                await reader.until(lambda: any(each.thread for each in reader.of(StretchRead)))
                assert reader.texts == ["something later", "answer 0", "answer 1", "answer 2"]
                assert {each.thread for each in reader.of(MessagePosted)} == {None, root}
                stretch = next(each for each in reader.of(StretchRead) if each.thread)
                assert [each.message for each in stretch.messages] == [root, old, *new]
                assert shown(stretch, old).reactions[0].emoji == "👀"
                assert stretch.until > new[-1], "all of the thread was read"

    run(scenario())


def test_after_an_absence_all_within_the_limit_is_compared_page_by_page() -> None:
    async def scenario() -> None:
        known = Known()
        async with place(recollection=known, catch_up=CatchUp(messages=350)) as at:
            said = say(at, known, 700)
            async with reading(at) as reader:
                newest, older = await compared(reader, 2)
                await at.caught_up()
                assert len(reader.of(StretchRead)) == 2
                assert newest.until == said[-1]
                assert newest.since == older.until == said[-200]
                assert older.since == said[-399]

    run(scenario())


def left_out(at: Place) -> tuple[list[str], list[LeftOut]]:
    return at.reader.texts, at.reader.of(LeftOut)


def test_what_is_beyond_the_limit_is_counted() -> None:
    async def scenario() -> None:
        known = Known()
        async with place(recollection=known, catch_up=CatchUp(messages=10)) as at:
            mark = say(at, known, 5)[-1]
            missed = [at.say(f"n{number}") for number in range(250)]
            async with reading(at) as reader:
                await compared(reader)
                texts, (gap,) = left_out(at)
                assert texts == [f"n{number}" for number in range(240, 250)]
                assert (gap.count, gap.more, gap.gap) == (240, False, f"after {mark}")
                assert gap.since.timestamp() == float(missed[0])
                assert gap.until.timestamp() == float(missed[239])
                position = [type(arrival.event) for arrival in reader.arrivals].index
                assert position(LeftOut) < position(MessagePosted)

    run(scenario())


def test_what_is_too_long_ago_is_counted_too() -> None:
    async def scenario() -> None:
        known = Known()
        day = CatchUp(messages=100, age=timedelta(days=1))
        async with place(recollection=known, catch_up=day) as at:
            at.memory.marks[at.room] = say_earlier(at, "known", 50)
            known.seen.update(at.memory.marks.values())
            for age in (40, 30, 20):
                say_earlier(at, f"{age} hours ago", age)
            async with reading(at) as reader:
                await compared(reader)
                texts, (gap,) = left_out(at)
                assert texts == ["20 hours ago"]
                assert (gap.count, gap.more) == (2, False)

    run(scenario())


def test_what_is_known_is_never_left_out() -> None:
    async def scenario() -> None:
        known = Known()
        async with place(recollection=known, catch_up=CatchUp(messages=10)) as at:
            say(at, known, 50)
            at.say("new")
            async with reading(at) as reader:
                await compared(reader)
                assert left_out(at) == (["new"], [])

    run(scenario())


def test_what_is_lost_on_an_open_socket_is_found_at_the_next_round() -> None:
    async def scenario() -> None:
        pace = replace(QUICK, reconcile=0.2)
        async with place(recollection=Known(), pace=pace) as at, reading(at) as reader:
            await at.caught_up()
            before = at.say("before")
            message, after = at.say("words"), at.say("after")
            await reader.until(lambda: "after" in reader.texts)
            at.workspace.fault("event_lost", times=None)
            at.workspace.edit(at.channel, message, "other words")
            at.workspace.react(at.channel, after, at.ada, "tada")
            at.workspace.delete(at.channel, before)

            def found() -> bool:
                shown = {each.message: each for each in reader.of(StretchRead)[-1].messages}
                edit, reactions = shown[MessageId(message)].edit, shown[MessageId(after)].reactions
                return before not in shown and edit is not None and bool(reactions)

            await reader.until(lambda: bool(reader.of(StretchRead)) and found())

    run(scenario())


def test_a_thread_that_began_unheard_is_found_by_its_root() -> None:
    async def scenario() -> None:
        known = Known()
        async with place(recollection=known) as at:
            root = say_earlier(at, "root", 1)
            known.seen.update([root, *(say_earlier(at, str(n), 0.5) for n in range(210))])
            say(at, known, 1)
            at.say("the first answer", root)
            async with reading(at) as reader:
                await reader.until(lambda: "the first answer" in reader.texts)
                assert reader.of(MessagePosted)[-1].thread == root

    run(scenario())


def test_a_limit_on_comparing_holds_up_nothing_that_is_live() -> None:
    async def scenario() -> None:
        known = Known()
        async with place(recollection=known) as at:
            root = say_earlier(at, "root", 1)
            known.seen.add(root)
            known.answers = {MessageId(root): MessageId(say(at, known, 1)[0])}
            at.workspace.fault("throttle", "conversations.replies", times=2, seconds=30)
            async with reading(at) as reader:
                await compared(reader)
                at.say("live")
                await reader.until(lambda: "live" in reader.texts, within=5)

    run(scenario())
