"""Release and recall through the running bot: what arrives at the far ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from msgspec import structs
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.events import MessageId, PersonId, RoomId, Standing
from bot.sharing.marking import Label
from bot.sharing.membership import Membership
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables import Audit, Message, Request, Roster
from bot.tasks.refetch import Refetches
from tests.clock import Clock
from tests.custody import ROOMS, Alliance
from tests.fake_platform import SAID, FarEnd, Fault
from tests.small_bot import SmallBot, small_bot

A, B, C = ROOMS
HOME = RoomId("fake:a/home")
BRAVO = RoomId("fake:b/home")
SECRET = "TLP:RED\nthe gate code is 4711"


@dataclass
class Town:
    """A bot between three networks; `a` and `b` have a room of their own beside the channel's."""

    bot: SmallBot
    ends: dict[str, FarEnd]
    refetches: Refetches
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __getitem__(self, name: str) -> FarEnd:
        return self.ends[name]

    async def quiet(self) -> None:
        """Wait until all is read, done and sent."""
        ends = self.bot.platforms.values()

        def done() -> bool:
            open_ = select(Request.id).where(Request.kind == "fetch", Request.state == "open")
            return all(each.caught_up for each in ends) and not self.bot.database.read_now(
                lambda s: s.execute(open_).first()
            )

        await self.bot.until(done, step=0.1)
        await self.bot.settled(step=0.1)
        await self.bot.until(done, step=0.1)  # what was sent is heard again, as ours

    async def type(self, end: str, text: str, name: str = "Ada", local: str = "room") -> str:
        """Somebody gives a command; what they are answered."""
        far = self.ends[end]
        before = len(far.privates)
        far.call(text, name=name, local=local)
        await self.bot.until(lambda: len(far.privates) > before, step=0.1)
        await self.bot.settled(step=0.1)
        answers = [
            each for each in far.privates[before:] if each.to == f"fake:{end}/{name.lower()}"
        ]
        return answers[0].text if answers else ""

    async def confirmed(
        self, end: str, text: str, name: str = "Ada", local: str = "room"
    ) -> tuple[str, str]:
        """A command with its second step: the question and the answer."""
        question = await self.type(end, text, name, local)
        return question, await self.type(end, "confirm", name, local)

    def texts(self, end: str, local: str = "room") -> list[str]:
        """What the bot shows in a room."""
        return self.ends[end].copies(local)

    def audit(self) -> list[tuple[str, str]]:
        """What was written down of releases and recalls."""
        rows = select(Audit.action, Audit.outcome).where(Audit.action != "command")
        return [
            (row.action, row.outcome)
            for row in self.bot.database.read_now(lambda s: s.execute(rows).all())
            if row.action in {"asked", "released", "recalled", "confirmed"}
        ]


def alliance(needs: int = 1, ceiling: Label = Label.AMBER) -> Alliance:
    made = Alliance(ceiling, needs=needs, homes={"a": HOME, "b": BRAVO})
    made.open()
    return made


@asynccontextmanager
async def town(
    database: Database, made: Alliance, clock: Clock | None = None
) -> AsyncIterator[Town]:
    ends = {
        name: FarEnd(f"fake:{name}", ["room", "home"] if name != "c" else ["room"])
        for name in ("a", "b", "c")
    }
    async with lived_in(database, made, ends, clock or Clock()) as built:
        yield built


@asynccontextmanager
async def lived_in(
    database: Database, made: Alliance, ends: dict[str, FarEnd], clock: Clock
) -> AsyncIterator[Town]:
    async with small_bot(
        database, clock, *ends.values(), channels={"c": list(ROOMS)}, custody=made.custody,
        directory=made.directory,
    ) as bot:  # fmt: skip
        refetches = Refetches(database, bot.platforms, bot.handler, bot.lanes, clock=bot.clock)
        fetching = asyncio.create_task(refetches.run())
        await bot.read()
        try:
            yield Town(bot, ends, refetches)
        finally:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)


def link(message: MessageId, room: RoomId = A) -> str:
    return f"{room}/{message}"


def test_red_is_released_to_amber_and_fetched_anew_with_both_times(database: Database) -> None:
    async def scenario() -> None:
        async with town(database, alliance()) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            assert at.texts("b") == []
            question, answer = await at.confirmed("a", f"release {link(said)} --marking TLP:AMBER")
            assert question.startswith("Release it as TLP:AMBER?")
            assert "fake:b/room, fake:c/room" in question
            assert answer.startswith("Released as TLP:AMBER.")
            await at.quiet()
            for end in ("b", "c"):
                (text,) = at.texts(end)
                assert "said 14:00 UTC, released 14:3" in text
                assert "4711" in text
                assert "TLP:AMBER\n" in text
                assert "changed" not in text
            assert at.audit() == [("released", "ok")]

    asyncio.run(scenario())


def test_nothing_is_released_before_it_was_confirmed(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            assert await at.type("a", "confirm") != ""
            await at.type("a", f"release {link(said)} --marking amber")
            assert "Nothing waits" in await at.type("a", "confirm", "Ben")
            at.bot.clock.advance(601)
            assert "Nothing waits" in await at.type("a", "confirm")
            await at.quiet()
            assert at.texts("b") == []
            assert at.audit() == []
            assert "4711" not in repr(at.bot.database.read_now(_everything))

    asyncio.run(scenario())


def test_what_was_typed_is_not_kept_when_its_second_step_is_over(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            for answer in ("ping", "confirm"):
                await at.type("a", f"release {link(said)} --marking TLP:AMBER+STRICT")
                assert "STRICT" in _steps(at)
                await at.type("a", answer)
                at.bot.clock.advance(601)
            await at.type("a", "confirm")
            assert "STRICT" not in _steps(at)

    asyncio.run(scenario())


def _steps(at: Town) -> str:
    kept = select(Request.wanted).where(Request.kind == "step")
    return "\n".join(at.bot.database.read_now(lambda s: list(s.execute(kept).scalars())))


def _everything(session: Session) -> list[object]:
    return [session.execute(select(*table.__table__.columns)).all() for table in (Message, Request)]


def test_another_team_releases_nothing(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say("TLP:AMBER REL FRA, DEU\nfor two", local="room")
            await at.quiet()
            assert len(at.texts("b")) == 1
            refused = await at.type("b", f"release {link(said)} --group c")
            assert refused.startswith("Only the team that it came from releases it.")
            assert "Nothing waits" in await at.type("b", "confirm")
            await at.quiet()
            assert at.texts("c") == []

    asyncio.run(scenario())


def test_a_wider_group_gets_it_and_a_narrower_one_is_refused(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say("TLP:AMBER REL DEU\nfor one", local="room")
            await at.quiet()
            assert at.texts("c") == []
            narrow = await at.type("a", f"release {link(said)} --group ITA")
            assert "Releasing only widens" in narrow
            unknown = await at.type("a", f"release {link(said)} --group atlantis")
            assert "no team, group or country" in unknown
            higher = await at.type("a", f"release {link(said)} --marking amber+strict")
            assert "Releasing only lowers" in higher
            await at.confirmed("a", f"release {link(said)} --group DEU,ITA")
            await at.quiet()
            assert len(at.texts("c")) == 1
            assert len(at.texts("b")) == 1, "who had it gets no double"

    asyncio.run(scenario())


def test_what_was_changed_in_between_says_so(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            at["a"].edit(said, "TLP:RED\nthe gate code is 1234", local="room")
            await at.quiet()
            await at.confirmed("a", f"release {link(said)} --marking green")
            await at.quiet()
            (text,) = at.texts("b")
            assert "changed in between" in text
            assert "1234" in text

    asyncio.run(scenario())


def test_what_is_marked_higher_before_it_is_fetched_is_not_relayed(sqlite: Database) -> None:
    async def scenario() -> None:
        made = alliance(ceiling=Label.AMBER)
        async with town(sqlite, made) as at:
            said = at["a"].say("TLP:AMBER+STRICT\nharmless", local="room")
            await at.quiet()
            await at.type("a", f"release {link(said)} --marking green")
            # nobody tells of this edit
            at["a"]._replace(A, said, text="TLP:RED\n4711", version=MessageId("00009999"))
            await at.type("a", "confirm")
            await at.quiet()
            assert at.texts("b") == []
            assert any("marked higher now" in each.text for each in at["a"].privates)

    asyncio.run(scenario())


def test_an_edit_that_nobody_heard_of_is_told_where_it_marks_no_higher(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say("TLP:AMBER+STRICT\nharmless", local="room")
            await at.quiet()
            at["a"]._replace(
                A, said, text="TLP:AMBER+STRICT\nquite harmless", version=MessageId("00009999")
            )
            await at.confirmed("a", f"release {link(said)} --marking green")
            await at.quiet()
            (text,) = at.texts("b")
            assert "changed in between" in text
            assert "quite harmless" in text

    asyncio.run(scenario())


def test_what_is_deleted_while_it_is_fetched_is_not_relayed(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            platform, goes_on = at.bot.platforms[at["a"].account], asyncio.Event()
            found = await platform.fetch(A, said)

            async def slow(room: RoomId, message: MessageId) -> object:
                await goes_on.wait()
                return found

            platform.fetch = slow  # type: ignore[method-assign,assignment]  # a network that is slow
            await at.confirmed("a", f"release {link(said)} --marking amber")
            at["a"].delete(said, local="room")
            await at.bot.until(lambda: platform.caught_up, step=0.1)
            goes_on.set()
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []

    asyncio.run(scenario())


def test_what_is_gone_is_not_relayed_and_its_releaser_hears_it(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            await at.type("a", f"release {link(said)} --marking amber")
            at["a"]._replace(A, said, deleted=True)
            await at.type("a", "confirm")
            await at.quiet()
            assert at.texts("b") == []
            assert any("gone where it was said" in each.text for each in at["a"].privates)

    asyncio.run(scenario())


def test_two_persons_are_needed_where_a_team_says_so(database: Database) -> None:
    async def scenario() -> None:
        async with town(database, alliance(needs=2)) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            _, first = await at.confirmed("a", f"release {link(said)} --marking amber")
            handle = first.rsplit(" ", 1)[-1]
            assert any(f"release {handle}" in text for text in at.texts("a", "home"))
            _, again = await at.confirmed("a", f"release {handle}")
            assert "another person" in again, "the same person counts once"
            await at.quiet()
            assert at.texts("b") == []
            _, other = await at.confirmed("a", f"release {link(said)} --marking green", "Ben")
            assert "another person" in other, "it is not the same that they want"
            handle = other.rsplit(" ", 1)[-1]
            _, second = await at.confirmed("a", f"release {handle}")
            assert second.startswith("Released as TLP:GREEN")
            await at.quiet()
            assert len(at.texts("b")) == 1

    asyncio.run(scenario())


def test_a_release_survives_a_crash_and_a_network_that_is_away(sqlite: Database) -> None:
    async def scenario() -> None:
        made, clock = alliance(), Clock()
        ends = {name: FarEnd(f"fake:{name}", ["room", "home"]) for name in ("a", "b", "c")}
        async with lived_in(sqlite, made, ends, clock) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            await at.type("a", f"release {link(said)} --marking amber")
            at["a"].call("confirm", name="Ada", local="room")
            await at.bot.until(lambda: ("released", "ok") in at.audit(), step=0.01)
            at["a"].up = False
        assert ends["b"].copies("room") in ([], ends["b"].copies("room"))
        async with lived_in(sqlite, made, ends, clock) as at:
            await at.bot.let_pass(0.1)
            at["a"].up = True
            at["a"].stir()
            await at.bot.until(lambda: bool(at.texts("b")), step=0.1)
            await at.quiet()
            assert len(at.texts("b")) == len(at.texts("c")) == 1

    asyncio.run(scenario())


def test_a_team_asks_and_the_originator_answers_by_a_reaction(database: Database) -> None:
    async def scenario() -> None:
        async with town(database, alliance()) as at:
            said = at["a"].say("TLP:AMBER REL DEU\nfor one", local="room")
            await at.quiet()
            answer = await at.type("c", f"ask-release {link(said)}")
            assert answer.startswith("I have asked those whom it came from.")
            assert "has asked already" in await at.type("c", f"ask-release {link(said)}")
            (post,) = at["a"].standing("home")
            assert "Ada of CERT C asks you" in post.text
            await at.quiet()
            offered = ["\N{WHITE HEAVY CHECK MARK}", "\N{CROSS MARK}"]
            assert at["a"].marks(post.message) == offered
            before = len(at["a"].privates)
            at["a"].react(post.message, "\N{WHITE HEAVY CHECK MARK}", name="Ben", local="home")
            await at.bot.until(lambda: len(at["a"].privates) > before, step=0.1)
            question = at["a"].privates[-1]
            await at.quiet()
            assert "Release it as TLP:AMBER?" in question.text
            at["a"].react(question.message, "\N{WHITE HEAVY CHECK MARK}", name="Ben", local="home")
            await at.bot.until(lambda: bool(at.texts("c")), step=0.1)
            await at.quiet()
            assert any("was released" in each.text for each in at["c"].privates)
            assert at.audit() == [("asked", "waiting"), ("released", "ok")]

    asyncio.run(scenario())


def test_a_refusal_is_told_and_nothing_goes(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say("TLP:AMBER REL DEU\nfor one", local="room")
            await at.quiet()
            await at.type("c", f"ask-release {link(said)}")
            (post,) = at["a"].standing("home")
            at["a"].react(post.message, "\N{CROSS MARK}", name="Ada", local="home")
            await at.bot.until(
                lambda: any("is not released" in each.text for each in at["c"].privates), step=0.1
            )
            await at.quiet()
            assert at.texts("c") == []
            handle = post.text.split("release ")[-1].split("”")[0]
            assert "answered already" in await at.type("a", f"refuse {handle}")
            assert "asked you for nothing" in await at.type("b", f"refuse {handle}")

    asyncio.run(scenario())


def test_an_edit_after_a_release_ends_it(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            await at.confirmed("a", f"release {link(said)} --marking amber")
            await at.quiet()
            assert len(at.texts("b")) == 1
            at["a"].edit(said, "TLP:RED\nanother secret", local="room")
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []

    asyncio.run(scenario())


def test_what_would_be_otherwise_by_now_is_asked_again(sqlite: Database) -> None:
    async def scenario() -> None:
        made = alliance()
        async with town(sqlite, made) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            first = await at.type("a", f"release {link(said)} --marking amber")
            assert "fake:c/room" in first.splitlines()[2]
            stranger = structs.replace(at["c"].author("Eve"), standing=Standing.GUEST)
            made.seat(C, stranger)
            again = await at.type("a", "confirm")
            assert "Not to fake:c/room" in again
            assert at.audit() == []
            assert (await at.type("a", "confirm")).startswith("Released")
            await at.quiet()
            assert (len(at.texts("b")), at.texts("c")) == (1, [])

    asyncio.run(scenario())


def test_a_team_that_joined_later_gets_what_is_released_and_nothing_else(sqlite: Database) -> None:
    async def scenario() -> None:
        made = alliance()
        circle = made.custody.doors.channels["c"].circle
        facts = [Membership(TeamKey(key), circle) for key in ("a", "b")]
        later = SAID + timedelta(minutes=5)
        made.joined(*facts, Membership(TeamKey("c"), circle, later), now=later)
        async with town(sqlite, made) as at:
            said = at["a"].say("for those who are there", local="room")
            at["a"].say("this too", local="room")
            await at.quiet()
            assert (len(at.texts("b")), at.texts("c")) == (2, [])
            await at.confirmed("a", f"release {link(said)}")
            await at.quiet()
            assert (len(at.texts("b")), len(at.texts("c"))) == (2, 1)

    asyncio.run(scenario())


def test_an_answer_is_not_released_past_what_it_answers(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            root = at["a"].say(SECRET, local="room")
            said = at["a"].say("TLP:GREEN\nand more", local="room", thread=root)
            await at.quiet()
            refused = await at.type("a", f"release {link(said)} --marking clear")
            assert "What it answers is marked TLP:RED" in refused
            await at.type("a", "confirm")
            await at.quiet()
            assert at.texts("b") == []

    asyncio.run(scenario())


def seated(database: Database, *places: tuple[RoomId, str, str]) -> None:
    def work(session: Session) -> None:
        for room, team, name in places:
            session.add(
                Roster(
                    room=room, person=PersonId(f"fake:{team}/{name.lower()}"), name=name,
                    standing="member", team=team, since=Clock()() - timedelta(days=1),
                )
            )  # fmt: skip

    database.run_now(work)


def test_recall_takes_copies_back_for_good_and_asks_who_could_have_read_it(
    database: Database,
) -> None:
    async def scenario() -> None:
        seated(database, (A, "a", "Ada"), (B, "b", "Ada"), (B, "b", "Ben"), (C, "c", "Ada"))
        async with town(database, alliance()) as at:
            said = at["a"].say("not for you after all", local="room")
            await at.quiet()
            assert len(at.texts("b")) == len(at.texts("c")) == 1
            refused = await at.type("b", f"recall {link(said)}")
            assert refused.startswith("Only who said it")
            question, answer = await at.confirmed("a", f"recall {link(said)}", "Ben")
            assert "• CERT B: 2" in question
            assert "◦ Ben, CERT B" in question
            assert "Asked to delete what they have kept: CERT B, CERT C" in answer
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []
            at["a"].edit(said, "said otherwise", local="room")
            at["a"].react(said, "\N{THUMBS UP SIGN}", local="room")
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []
            gone = await at.type("a", f"release {link(said)} --marking clear")
            assert gone.startswith("It was deleted or recalled")
            (post,) = at["b"].standing("home")
            state = await at.type("a", f"recall {link(said)}")
            assert "• CERT B: has not confirmed yet" in state
            before = len(at["b"].privates)
            at["b"].react(post.message, "\N{WHITE HEAVY CHECK MARK}", name="Ben", local="home")
            await at.bot.until(lambda: len(at["b"].privates) > before, step=0.1)
            assert "speaks for your team" in at["b"].privates[-1].text
            at["b"].react(post.message, "\N{WHITE HEAVY CHECK MARK}", name="Ada", local="home")
            await at.bot.until(lambda: ("confirmed", "ok") in at.audit(), step=0.1)
            state = await at.type("a", f"recall {link(said)}")
            assert "• CERT B: confirmed" in state
            assert "• CERT C: has not confirmed yet" in state
            row = at.bot.database.read_now(lambda s: s.execute(select(Message)).scalars().one())
            assert row.digest is not None
            assert row.recalled is not None

    asyncio.run(scenario())


def test_what_is_recalled_while_it_is_on_its_way_stands_nowhere(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            at["b"].faults[B].append(Fault.HANG_UP_AFTER)
            at["c"].held.clear()
            said = at["a"].say("not for you after all", local="room")
            await at.bot.until(lambda: at["c"].begun == 1 and len(at["b"].tries) == 1)
            at["a"].call(f"recall {link(said)}", name="Ada", local="room")
            await at.bot.until(lambda: bool(at["a"].privates), step=0.01)
            at["a"].call("confirm", name="Ada", local="room")
            await at.bot.until(lambda: ("recalled", "ok") in at.audit(), step=0.01)
            at["c"].held.set()
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []

    asyncio.run(scenario())


def test_what_waits_for_its_lane_when_it_is_recalled_is_never_sent(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            at["c"].held.clear()
            at["a"].say("before it", local="room")
            said = at["a"].say("not for you after all", local="room")
            await at.bot.until(lambda: at["c"].begun == 1 and len(at.texts("b")) == 2)
            at["a"].call(f"recall {link(said)}", name="Ada", local="room")
            await at.bot.until(lambda: bool(at["a"].privates), step=0.01)
            at["a"].call("confirm", name="Ada", local="room")
            await at.bot.until(lambda: ("recalled", "ok") in at.audit(), step=0.01)
            at["c"].held.set()
            await at.quiet()
            assert [each.text for each in at["c"].rooms[C]] == ["before it"]
            assert at.texts("b") == ["before it"]

    asyncio.run(scenario())


def test_a_release_that_was_confirmed_before_a_recall_brings_nothing(sqlite: Database) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            said = at["a"].say(SECRET, local="room")
            await at.quiet()
            at.bot.platforms[at["a"].account].fetch = _never  # type: ignore[method-assign]  # a network that is slow
            await at.confirmed("a", f"release {link(said)} --marking amber")
            await at.confirmed("a", f"recall {link(said)}")
            await at.quiet()
            assert at.texts("b") == at.texts("c") == []

    asyncio.run(scenario())


async def _never(room: RoomId, message: MessageId) -> None:
    await asyncio.Event().wait()


def test_what_is_recalled_before_anybody_knows_whether_it_landed_is_not_sent_again(
    sqlite: Database,
) -> None:
    async def scenario() -> None:
        async with town(sqlite, alliance()) as at:
            at["b"].faults[B].append(Fault.HANG_UP_BEFORE)
            said = at["a"].say("not for you after all", local="room")
            await at.bot.until(lambda: len(at["b"].tries) == 1, step=0.01)
            at["a"].delete(said, local="room")
            await at.quiet()
            assert at["b"].looked_up, "it might have landed"
            assert at.texts("b") == at.texts("c") == []
            assert len(at["b"].tries) == 1

    asyncio.run(scenario())
