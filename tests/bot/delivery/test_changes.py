"""What people do to a message crosses to the other room once, whenever the bot crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bot.delivery.files import NEEDLESS
from bot.events import MessageId, RoomId
from bot.store.database import Database
from tests.clock import Clock
from tests.fake_platform import FarEnd, Fault, Landed
from tests.small_bot import SmallBot, small_bot

TWO = ("r1", "r2")
THUMB = "\U0001f44d"


@dataclass(frozen=True)
class Deed:
    """What somebody does to the message in r1, and what r2 then shows of its copy there."""

    do: Callable[[FarEnd, MessageId], object]
    shows: Callable[[FarEnd, MessageId], bool]
    before: Deed | None = None
    """What was done and had crossed when this is."""


def _answers(far: FarEnd, copy: MessageId) -> list[tuple[str, bool]]:
    return [(each.text, each.thread == copy) for each in far.standing("r2")]


EDIT = Deed(
    lambda far, root: far.edit(root, "root, corrected"),
    lambda far, _copy: far.copies("r2") == ["root, corrected"],
)
DELETION = Deed(
    lambda far, root: far.delete(root),
    lambda far, _copy: far.texts("r2") == [],
)
REACTION = Deed(
    lambda far, root: far.react(root, THUMB),
    lambda far, copy: far.marks(copy) == [THUMB],
)
REMOVAL = Deed(
    lambda far, root: far.react(root, THUMB, added=False),
    lambda far, copy: far.marks(copy) == [],
    before=REACTION,
)
REPLY = Deed(
    lambda far, root: far.say("reply", thread=root),
    lambda far, copy: _answers(far, copy) == [("root", False), ("reply", True)],
)
FILE = Deed(
    lambda far, root: far.say("", thread=root, files={"plan.pdf": b"%PDF" * 1000}),
    lambda far, copy: _files(far, copy)[1:] == [True],
)


def _files(far: FarEnd, thread: MessageId) -> list[bool]:
    """What stands there and is no line that says that a file comes, or has come."""
    standing = (each for each in far.standing("r2") if not each.text.startswith("📎"))
    return [_file(each, thread) for each in standing]


def _file(landed: Landed, thread: MessageId) -> bool:
    expected = ("plan.pdf", b"%PDF" * 1000, thread)
    return (landed.text, landed.held, landed.thread) == expected


deeds = pytest.mark.parametrize(
    "deed",
    [EDIT, DELETION, REACTION, REMOVAL, REPLY, FILE],
    ids=["edit", "deletion", "reaction", "removal", "reply", "file"],
)


@deeds
@pytest.mark.parametrize("crash", ["while away", "before it lands", "after it landed"])
def test_it_crosses_once_across_a_crash(
    sqlite: Database, clock: Clock, deed: Deed, crash: str
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(sqlite, clock, far, channels=channel(far)) as bot:
            root, copy = await _prepare(far, bot, deed)
            await _begin(far, deed, root, copy, crash)
        if crash == "while away":
            deed.do(far, root)
        far.held.set()
        for _ in range(2):  # and a second life has nothing left to do
            async with small_bot(sqlite, clock, far, channels=channel(far)) as bot:
                await bot.read()
                await bot.until(lambda: deed.shows(far, copy))
                await _at_rest(far, bot)
        assert deed.shows(far, copy)
        assert [each.delivery for each in far.standing("r1") if each.delivery] == []
        assert await _missing(bot) == []

    asyncio.run(scenario())


@deeds
def test_it_crosses_without_any_trouble(database: Database, clock: Clock, deed: Deed) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(database, clock, far, channels=channel(far)) as bot:
            root, copy = await _prepare(far, bot, deed)
            tried = len(far.tries)
            deed.do(far, root)
            await far.until(lambda: deed.shows(far, copy))
            await _at_rest(far, bot)
            assert len(far.tries) == tried + 1

    asyncio.run(scenario())


def test_what_is_done_to_a_copy_is_done_to_the_message(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(sqlite, clock, far, channels=channel(far)) as bot:
            root, copy = await _prepare(far, bot, EDIT)
            far.react(copy, THUMB, name="Bob", local="r2")
            far.say("reply", name="Bob", local="r2", thread=copy)
            await far.until(lambda: far.marks(root) == [THUMB])
            await far.until(lambda: far.copies("r1") == ["reply"])
            await _at_rest(far, bot)
            assert far.standing("r1")[-1].thread == root
            assert far.marks(copy) == []

    asyncio.run(scenario())


def test_a_topic_and_a_file_cross_from_one_network_to_another(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        here, there = FarEnd("fake:here"), FarEnd("other:there")
        rooms = {"c": [here.room(), there.room()]}
        async with small_bot(sqlite, clock, here, there, channels=rooms) as bot:
            await bot.read()
            here.set_topic("flood")
            here.say("see", files={"map.png": b"\x89PNG"})
            await there.until(lambda: there.topics.get(there.room()) == "flood")
            await there.until(lambda: there.copies() == ["see", "map.png"])
            await bot.settled()
            assert there.standing()[-1].held == b"\x89PNG"

    asyncio.run(scenario())


def channel(far: FarEnd) -> dict[str, list[RoomId]]:
    return {"c": [far.room(local) for local in TWO]}


async def _prepare(far: FarEnd, bot: SmallBot, deed: Deed) -> tuple[MessageId, MessageId]:
    """A message and its copy, with what was done before."""
    await bot.read()
    root = far.say("root")
    await far.until(lambda: far.copies("r2") == ["root"])
    copy = far.standing("r2")[0].message
    if deed.before is not None:
        before = deed.before
        before.do(far, root)
        await far.until(lambda: before.shows(far, copy))
    await _at_rest(far, bot)
    return root, copy


async def _begin(far: FarEnd, deed: Deed, root: MessageId, copy: MessageId, crash: str) -> None:
    """Do it, and go on just as far as the crash."""
    match crash:
        case "before it lands":
            far.held.clear()
            begun = far.begun
            deed.do(far, root)
            await far.until(lambda: far.begun > begun)
        case "after it landed":
            far.faults[far.room("r2")].append(Fault.HANG_UP_AFTER)
            deed.do(far, root)
            await far.until(lambda: deed.shows(far, copy))


async def _at_rest(far: FarEnd, bot: SmallBot) -> None:
    """Everything is read, everything has landed, and what that made is read as well."""
    await bot.until(lambda: bot.platforms[far.account].caught_up)
    await bot.settled()
    await bot.until(lambda: bot.platforms[far.account].caught_up)


async def _missing(bot: SmallBot) -> list[str]:
    rows = [row for row in await bot.rows() if row.reason != NEEDLESS]
    return [row.state for row in rows if row.state != "delivered"]
