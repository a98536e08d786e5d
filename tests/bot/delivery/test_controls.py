"""Controls: a press is typing what it stands for, once each, by whoever presses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.delivery import retention
from bot.delivery.outbox import new_id
from bot.errors import UserError
from bot.events import (
    CommandTyped,
    Control,
    DeliveryId,
    Edit,
    FormFilled,
    MessageId,
    Outgoing,
    Post,
    RoomId,
)
from bot.platforms.base import Capabilities
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Offer, Outbox
from commands.registry import Context, Registry, Reply, asks_first, command, reply
from tests.clock import Clock
from tests.fake_platform import BARE, REMEMBERING, FarEnd
from tests.far_end import SAID
from tests.small_bot import SmallBot, small_bot

YES, LOOK = "\N{WHITE HEAVY CHECK MARK}", "\N{EYES}"
BUTTONS = replace(BARE, buttons=True)
KEY = DeliveryId("d" + "k" * 26)
ONCE = Control("Undo", "undo", YES, once=True)
DETAILS = Control("Details", "details", LOOK)


class Done:
    """What commands were run, by whom."""

    def __init__(self) -> None:
        self.by: list[str] = []

    def registry(self) -> Registry:
        @command("undo", writes=True)
        def undo(context: Context) -> Reply:
            """Undo it."""
            if context.asker.name == "Ben":
                raise UserError("Not yours.")
            self.by.append(f"undo {context.asker.name} {context.answers}")
            return reply("undone")

        @command("details")
        def details(context: Context) -> Reply:
            """Say more."""
            self.by.append(f"details {context.asker.name}")
            return reply("more")

        @command("drop", writes=True)
        def drop(context: Context) -> Reply:
            """Drop it."""
            asked = asks_first(context, "Drop it?")
            if asked is None:
                self.by.append(f"drop {context.asker.name}")
            return asked or reply("dropped")

        whole = Registry.load()
        others = [each for name in ("confirm",) if (each := whole.get(name))]
        return Registry([undo, details, drop, *others])


def channel(far: FarEnd) -> dict[str, list[RoomId]]:
    return {"c": [far.room("r1"), far.room("r2")]}


async def posted(bot: SmallBot, far: FarEnd, *controls: Control) -> MessageId:
    """A post of the bot's with controls, where it landed."""
    await bot.put(Outgoing(far.room("r1"), Post(say("a post"), controls=controls), id=KEY))
    await bot.settled()
    (landed,) = far.standing("r1")
    return landed.message


@asynccontextmanager
async def pressing(
    database: Database, clock: Clock, *, capabilities: Capabilities = BARE, session: str = ""
) -> AsyncIterator[tuple[SmallBot, FarEnd, Done]]:
    """A bot that reads two rooms, those rooms, and what was done there."""
    far, done = FarEnd(rooms=("r1", "r2")), Done()
    async with small_bot(
        database, clock, far, channels=channel(far), registry=done.registry(),
        capabilities=capabilities, session=session,
    ) as bot:  # fmt: skip
        await bot.read()
        yield bot, far, done


def press(far: FarEnd, call: str, *, name: str = "Ada", moment: str = "1", key: str = KEY) -> None:
    """Press a button, as a network with buttons tells of it."""
    typed = CommandTyped(
        far.room("r1"), f"press {name} {call} {moment}", far.author(name), call, SAID,
        reply="https://reply", pressed=DeliveryId(key),
    )  # fmt: skip
    far.calls.append(typed)
    far.stir()


def test_where_there_are_no_buttons_the_bots_own_reactions_can_be_joined(
    database: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with pressing(database, clock) as (bot, far, done):
            message = await posted(bot, far, ONCE, DETAILS)
            assert far.marks(message) == [YES, LOOK]
            far.react(message, LOOK, name="Ben")
            await far.until(lambda: far.told("Ben") == ["more"])
            far.react(message, LOOK, name="Ben", added=False)
            far.react(message, "\N{THUMBS UP SIGN}", name="Ben")
            far.react(message, "\N{CHECK MARK}", name="Ada")
            await far.until(lambda: far.told("Ada") == ["undone"])
            await bot.settled()
            assert done.by == ["details Ben", f"undo Ada {message}"]
            assert far.marks(message) == [LOOK]
            assert far.copies("r2") == []

    asyncio.run(scenario())


def test_where_there_are_buttons_the_bot_reacts_to_nothing_and_reactions_press_them_too(
    database: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with pressing(database, clock, capabilities=BUTTONS) as (bot, far, _):
            message = await posted(bot, far, ONCE, DETAILS)
            assert far.reactions == []
            press(far, "details", name="Ben")
            await far.until(lambda: far.told("Ben") == ["more"])
            far.react(message, LOOK, name="Ada")
            await far.until(lambda: far.told("Ada") == ["more"])

    asyncio.run(scenario())


def test_a_press_that_is_told_twice_acts_once(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with pressing(database, clock, capabilities=BUTTONS) as (bot, far, done):
            await posted(bot, far, DETAILS)
            press(far, "details")
            press(far, "details")
            press(far, "details", name="Ben")
            await far.until(lambda: far.told("Ben") == ["more"])
            await bot.settled()
            assert sorted(done.by) == ["details Ada", "details Ben"]

    asyncio.run(scenario())


def test_what_is_used_once_goes_away_and_says_so_when_it_is_pressed_late(
    database: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with pressing(database, clock, capabilities=BUTTONS) as (bot, far, done):
            await posted(bot, far, ONCE, DETAILS)
            press(far, "undo", name="Ben")
            await far.until(lambda: far.told("Ben") == ["Not yours."])
            assert [each.kind for each in await bot.rows()].count("edit") == 0
            press(far, "undo")
            await far.until(lambda: far.told("Ada") == ["undone"])
            await bot.settled()
            (edit,) = [each.content for each in far.tries if isinstance(each.content, Edit)]
            assert edit.controls == (DETAILS,)
            assert edit.made == KEY
            press(far, "undo", moment="2")
            await far.until(lambda: len(far.told("Ada")) == 2)
            assert far.told("Ada")[1] == "That was done already."
            assert len(done.by) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("capabilities", [BUTTONS, REMEMBERING])
def test_a_question_is_confirmed_by_the_press_of_its_asker_alone_and_once(
    sqlite: Database, clock: Clock, capabilities: object
) -> None:
    async def scenario() -> None:
        buttons = capabilities is BUTTONS
        async with pressing(
            sqlite,
            clock,
            capabilities=BUTTONS if buttons else REMEMBERING,
            session="" if buttons else "s",
        ) as (bot, far, done):
            far.call("drop")
            await far.until(lambda: len(far.told("Ada")) == 1)
            await bot.settled()
            question = far.privates[0]
            assert question.delivery is not None
            if buttons:
                press(far, "confirm", name="Ben", key=question.delivery)
                await far.until(lambda: len(far.told("Ben")) == 1)
                press(far, "confirm", key=question.delivery)
                press(far, "confirm", key=question.delivery)
            else:
                assert far.marks(question.message) == [YES]
                far.react(question.message, YES, name="Ben")
                far.react(question.message, YES)
                far.react(question.message, YES)
            await far.until(lambda: "dropped" in far.told("Ada"))
            await bot.settled()
            assert done.by == ["drop Ada"]
            assert far.told("Ada")[1:] == ["dropped"]
            assert far.marks(question.message) == []

    asyncio.run(scenario())


def test_an_old_question_is_not_answered_by_its_button_when_another_was_asked_since(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with pressing(sqlite, clock, capabilities=BUTTONS) as (_, far, done):
            for count in (1, 2):
                far.call("drop")
                await far.until(lambda count=count: len(far.told("Ada")) == count)  # type: ignore[misc]  # a default
            old, new = (each.delivery for each in far.privates)
            assert old is not None
            assert new is not None
            press(far, "confirm", key=old)
            await far.until(lambda: len(far.told("Ada")) == 3)
            assert far.told("Ada")[2].startswith("Nothing waits for your word here.")
            clock.advance(601)
            press(far, "confirm", key=new, moment="2")
            await far.until(lambda: len(far.told("Ada")) == 4)
            assert far.told("Ada")[3] == "It is too late for that: ask again."
            assert done.by == []

    asyncio.run(scenario())


def test_a_control_works_when_the_text_is_erased_and_goes_with_its_delivery(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with pressing(sqlite, clock) as (bot, far, _):
            message = await posted(bot, far, ONCE)
            await sqlite.run(lambda s: s.execute(update(Outbox).values(content=None)))
            far.react(message, YES)
            await far.until(lambda: far.told("Ada") == ["undone"])
            await bot.settled()
            assert far.marks(message) == []
            later = clock() + timedelta(days=500)
            day = timedelta(days=1)
            await retention.sweep(sqlite, later, payloads=day, links=day)
            assert await sqlite.read(lambda s: s.execute(select(Offer)).all()) == []

    asyncio.run(scenario())


def test_an_edit_says_what_can_be_pressed_from_then_on(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with pressing(database, clock) as (bot, far, done):
            message = await posted(bot, far, ONCE, DETAILS)
            more = Control("More", "details", "\N{BELL}")
            edit = Edit(say("other words"), made=KEY, controls=(DETAILS, more))
            await bot.put(Outgoing(far.room("r1"), edit, id=new_id()))
            await bot.settled()
            assert far.marks(message) == [LOOK, "\N{BELL}"]
            assert [each.text for each in far.standing("r1")] == ["other words"]
            far.react(message, YES)
            far.react(message, "\N{BELL}", name="Ben")
            await far.until(lambda: far.told("Ben") == ["more"])
            await bot.settled()
            assert done.by == ["details Ben"]

    asyncio.run(scenario())


def choose(far: FarEnd, command: str, opens: str, message: MessageId) -> CommandTyped:
    """Choose a command in the menu of a message, where the network can show forms."""
    typed = CommandTyped(
        far.room("r1"), opens, far.author("Ada"), command, SAID, answers=message, opens=opens
    )
    far.calls.append(typed)
    far.stir()
    return typed


def test_a_command_that_needs_more_shows_its_form_at_once_and_runs_when_it_is_filled_in(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "r2"))
        async with small_bot(sqlite, clock, far, channels=channel(far)) as bot:
            await bot.read()
            message = far.say("said")
            await far.until(lambda: far.copies("r2") == ["said"])
            choose(far, "mark", "t1", message)
            choose(far, "mark", "t1", message)
            await far.until(lambda: bool(far.forms))
            ((opens, form),) = far.forms
            assert (opens, form.command) == ("t1", "mark")
            assert [each.name for each in form.fields] == ["words"]
            blank = FormFilled(far.room("r1"), "V1", far.author("Ada"), "mark", {}, SAID)
            far.hand_out(blank)
            await far.until(lambda: far.responses == [{"words": "Say something here."}])
            far.hand_out(replace(blank, values={"words": "TLP:CLEAR"}, answers=message))
            await far.until(lambda: len(far.told("Ada")) == 1)
            assert far.told("Ada")[0].startswith("Marked TLP:CLEAR.")
            assert len(far.responses) == 1
            choose(far, "who-reacted", "t2", message)
            await far.until(lambda: len(far.told("Ada")) == 2)
            assert far.told("Ada")[1:] == ["Nobody has reacted to it."]
            assert len(far.forms) == 1

    asyncio.run(scenario())
