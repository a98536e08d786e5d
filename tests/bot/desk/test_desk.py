"""Commands: answered once each, beside the relay and beside one another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from structlog.typing import EventDict

from bot.delivery.naming import lane_of
from bot.errors import UserError
from bot.events import Answer, Outgoing, RoomId, account_of, person_id
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Audit, Inbox, Mark
from bot.words import words_for
from commands.registry import Command, Context, Registry, Reply, command, reply
from tests.clock import Clock
from tests.fake_platform import REMEMBERING, FarEnd, Fault
from tests.small_bot import SmallBot, small_bot

TWO = ("r1", "r2")
Act = Callable[[Context], Reply]


def registry(**acts: Act) -> Registry:
    """Commands that do what a test says."""

    def declared(name: str, act: Act) -> Command:
        @command(name)
        def act_on(ctx: Context) -> Reply:
            """Does what a test says."""
            return act(ctx)

        return act_on

    return Registry([declared(name, act) for name, act in acts.items()])


def channel(far: FarEnd) -> dict[str, list[RoomId]]:
    return {"c": [far.room(name) for name in TWO]}


def answer(text: str) -> Act:
    return lambda _ctx: reply(text)


def test_who_asks_is_answered_in_their_teams_words(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        words = words_for("fr")
        async with small_bot(
            database, clock, far, channels=channel(far), words_of=lambda _team: words
        ) as bot:
            await bot.read()
            far.say("!ping")
            await far.until(lambda: len(far.told("Ada")) == 1)
            far.say("!ping too many")
            await far.until(lambda: len(far.told("Ada")) == 2)
            answered, refused = (str(each) for each in far.told("Ada"))
            assert "Je suis là" in answered
            assert "Usage\u00a0:" in refused

    asyncio.run(scenario())


def test_a_command_is_answered_to_its_asker_alone(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(database, clock, far, channels=channel(far)) as bot:
            await bot.read()
            far.say("!ping")
            await far.until(lambda: len(far.told("Ada")) == 1)
            far.call("ping", name="Ben", local="r2")
            await far.until(lambda: len(far.told("Ben")) == 1)
            assert far.copies("r1") == far.copies("r2") == []
            assert far.reactions == []

    asyncio.run(scenario())


def test_where_nothing_can_be_shown_to_one_person_the_question_is_marked(
    database: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(
            database, clock, far, channels=channel(far), capabilities=REMEMBERING, session="d"
        ) as bot:
            await bot.read()
            asked = far.say("!ping")
            await far.until(lambda: len(far.told("Ada")) == len(far.reactions) == 1)
            assert [(each.message, each.mark) for each in far.reactions] == [(asked, "\u2713")]

    asyncio.run(scenario())


def test_what_stands_where_it_is_shown_is_renewed_when_it_is_another_by_now(
    database: Database, clock: Clock
) -> None:
    said = {"what": "one thing waits"}

    def act(context: Context) -> Reply:
        return reply(f"{said['what']} ({context.now:%H:%M:%S})")

    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(
            database, clock, far, channels=channel(far), registry=registry(todo=act)
        ) as bot:
            await bot.read()

            async def shown(count: int) -> list[str]:
                await bot.desk.renew()
                await far.until(lambda: len(far.told("Ada")) >= count)
                await bot.settled()
                return far.told("Ada")[count:]

            far.hand_out(replace(far.call("todo"), call="opened", stands=True))
            await far.until(lambda: len(far.told("Ada")) == 2)
            assert await shown(2) == [], "that time goes by is no change"
            clock.advance(60)
            assert await shown(2) == []
            said["what"] = "nothing waits"
            (renewed,) = await shown(2)
            assert renewed.startswith("nothing waits")
            assert await shown(3) == []
            clock.advance(700)
            (aged,) = await shown(3)
            assert aged.startswith("nothing waits")
            clock.advance(7200)
            said["what"] = "whatever"
            assert await shown(4) == [], "nobody has looked for hours"

    asyncio.run(scenario())


def test_a_failing_command_gives_a_reference_and_harms_no_other(
    database: Database, clock: Clock, records: list[EventDict]
) -> None:
    def fail(_ctx: Context) -> Reply:
        raise ZeroDivisionError("canary")

    async def scenario() -> str:
        far = FarEnd(rooms=TWO)
        known = registry(fail=fail, good=answer("fine"))
        async with small_bot(database, clock, far, channels=channel(far), registry=known) as bot:
            await bot.read()
            far.say("!fail")
            far.say("!good", name="Ben")
            await far.until(lambda: far.told("Ben") == ["fine"] and bool(far.told("Ada")))
            return far.told("Ada")[0]

    told = asyncio.run(scenario())
    (record,) = [each for each in records if each["event"] == "command.failed"]
    assert record["reference"] in told
    assert "canary" not in told


def test_an_answer_that_cannot_be_written_gives_a_reference_and_is_not_tried_again(
    database: Database, clock: Clock, records: list[EventDict]
) -> None:
    """Nobody heard of it, and its words were kept, to be run again at each start."""

    def unwritable(_ctx: Context) -> Reply:
        return replace(reply("x"), also=(None,))  # type: ignore[arg-type]  # what is wrong

    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        commands = registry(bad=unwritable)
        async with small_bot(database, clock, far, channels=channel(far), registry=commands) as bot:
            await bot.read()
            far.say("!bad")
            await far.until(lambda: len(far.told("Ada")) == 1)
            (shown,) = [each["reference"] for each in records if "reference" in each]
            assert far.told("Ada") == [f"Something went wrong on my side; reference {shown}."]
        kept = database.read_now(lambda s: list(s.scalars(select(Inbox.content))))
        assert kept == [None]

    asyncio.run(scenario())


def test_a_slow_command_holds_up_neither_relay_nor_other_commands(
    database: Database, clock: Clock
) -> None:
    go_on = threading.Event()

    def slow(_ctx: Context) -> Reply:
        assert go_on.wait(20)
        return reply("slow")

    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        known = registry(slow=slow, good=answer("fine"))
        async with small_bot(database, clock, far, channels=channel(far), registry=known) as bot:
            await bot.read()
            try:
                far.say("!slow")
                far.say("relayed")
                await far.until(lambda: far.copies("r2") == ["relayed"])
                far.say("!good", name="Ben")
                await far.until(lambda: far.told("Ben") == ["fine"])
            finally:
                go_on.set()
            await far.until(lambda: far.told("Ada") == ["slow"])

    asyncio.run(scenario())


def test_a_command_is_answered_once_across_crashes(database: Database, clock: Clock) -> None:
    """A crash before it ran, one while it ran, one after its answer had landed and that was known:
    in between a private answer may be said twice (docs/delivery.md).
    """

    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        runs: list[int] = []

        def count(_ctx: Context) -> Reply:
            runs.append(1)
            return reply(f"run {len(runs)}")

        async def life(
            until: Callable[[SmallBot], bool], *, deaf: bool = False, settled: bool = False
        ) -> None:
            async with small_bot(
                database, clock, far, channels=channel(far), registry=registry(count=count)
            ) as bot:
                if deaf:  # it dies between the commit and the start of the command
                    bot.desk.take = lambda numbers: None  # type: ignore[method-assign]  # dies
                await bot.read()
                await far.until(lambda: until(bot))
                if settled:
                    await bot.settled()

        far.say("!count")
        await life(lambda bot: bool(bot.platforms[far.account].acknowledged), deaf=True)
        assert runs == []
        far.held.clear()  # what it answers does not land before the crash
        await life(lambda _bot: bool(runs))
        far.held.set()
        await life(lambda _bot: bool(far.told("Ada")), settled=True)
        async with small_bot(database, clock, far, channels=channel(far)) as bot:
            await bot.read()
            await bot.settled()
        assert len(far.told("Ada")) == 1

    asyncio.run(scenario())


def test_an_answer_that_comes_too_late_is_not_sent(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(database, clock, far, channels=channel(far)) as bot:
            await bot.read()
            far.faults[None].extend([Fault.UNREACHABLE] * 1000)
            begun = clock()
            far.say("!ping")
            await far.until(lambda: bool(far.tries))
            await bot.until(lambda: clock() - begun > timedelta(minutes=16), step=10)
            far.faults[None].clear()
            await bot.settled()
            assert far.told("Ada") == []

    asyncio.run(scenario())


def test_what_a_command_writes_stands_with_its_answer_and_not_without(
    database: Database, clock: Clock
) -> None:
    @command("keep", writes=True)
    def keep(ctx: Context) -> Reply:
        """Keeps something."""
        ctx.session.add(Mark(scope="kept", position="1"))
        ben = person_id(account_of(ctx.asker.person), "ben")
        beside = Outgoing(ctx.room or RoomId(""), Answer(ben, say("a word")), lane_of(ben))
        return Reply(say("done"), also=(beside,))

    @command("spoil", writes=True)
    def spoil(ctx: Context) -> Reply:
        """Begins to keep something, and fails."""
        ctx.session.add(Mark(scope="spoilt", position="1"))
        ctx.session.flush()
        raise UserError("no")

    async def scenario() -> list[str]:
        far = FarEnd(rooms=TWO)
        known = Registry([keep, spoil])
        async with small_bot(database, clock, far, channels=channel(far), registry=known) as bot:
            await bot.read()
            far.say("!keep")
            await far.until(lambda: far.told("Ada") == ["done"] and far.told("Ben") == ["a word"])
            far.say("!spoil")
            await far.until(lambda: far.told("Ada") == ["done", "no"])
            kept = select(Mark.scope).where(Mark.scope.in_(["kept", "spoilt"]))
            return await database.read(lambda s: list(s.execute(kept).scalars()))

    assert asyncio.run(scenario()) == ["kept"]


def test_every_command_is_written_down_without_its_arguments(
    database: Database, clock: Clock
) -> None:
    def refuse(_ctx: Context) -> Reply:
        raise UserError("no")

    def fail(_ctx: Context) -> Reply:
        raise ZeroDivisionError

    async def scenario() -> list[tuple[str, str, str]]:
        far = FarEnd(rooms=TWO)
        known = registry(good=answer("fine"), refuse=refuse, fail=fail)
        async with small_bot(database, clock, far, channels=channel(far), registry=known) as bot:
            await bot.read()
            for number, said in enumerate(("!good", "!refuse", "!fail", "!gooood canary")):
                far.say(said)
                await far.until(lambda n=number: len(far.told("Ada")) == n + 1)  # type: ignore[misc]  # a default holds the loop's value
            rows = select(Audit).order_by(Audit.seq)
            found = await database.read(lambda s: list(s.scalars(rows)))
            assert {row.action for row in found} == {"command"}
            assert all(row.who.endswith("/ada") for row in found)
            return [(row.object, row.outcome, row.rule) for row in found]

    assert asyncio.run(scenario()) == [
        ("command:good", "ok", ""),
        ("command:refuse", "refused", ""),
        ("command:fail", "failed", ""),
        ("command", "refused", ""),
    ]


def test_an_answer_that_is_too_long_for_one_message_comes_in_several(
    sqlite: Database, clock: Clock
) -> None:
    """A network refuses what is too long, and its asker was told nothing."""
    long = "\n".join(["TLP:AMBER all of it:", *(f"line {n:04}" for n in range(900))])

    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        acts = registry(long=answer(long), endless=answer(long * 20))
        async with small_bot(sqlite, clock, far, channels=channel(far), registry=acts) as bot:
            await bot.read()
            far.say("!long")
            await far.until(lambda: len(far.told("Ada")) == 3)
            told = far.told("Ada")
            assert max(map(len, told)) <= 4000
            assert all(each.startswith("TLP:AMBER") for each in told)
            lines = [line for each in told for line in each.split("\n") if line.startswith("line")]
            assert lines == [f"line {n:04}" for n in range(900)]
            far.say("!endless")
            end = "There is more, too long to be shown here."
            await far.until(lambda: far.told("Ada")[-1].endswith(end))
            assert 4 <= len(far.told("Ada")[3:]) <= 10

    asyncio.run(scenario())


def test_a_long_answer_for_all_comes_in_several_posts_in_its_order(
    sqlite: Database, clock: Clock
) -> None:
    long = "\n".join(f"line {n:04}" for n in range(900))

    @command("long", private=False)
    def said_to_all(_context: Context) -> Reply:
        """Says much to all."""
        return reply(long, public=True)

    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        acts = Registry([said_to_all])
        async with small_bot(sqlite, clock, far, channels=channel(far), registry=acts) as bot:
            await bot.read()
            far.say("!long")
            await far.until(lambda: "line 0899" in "".join(far.copies("r1")))
            shown = far.copies("r1")
            assert max(map(len, shown)) <= 4000
            assert [line for each in shown for line in each.split("\n")] == long.split("\n")

    asyncio.run(scenario())
