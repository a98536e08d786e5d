"""Whatever happens on the way, each message lands once and in order in every other room."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.store.database import Database
from tests.clock import Clock
from tests.fake_platform import BARE, REMEMBERING, FarEnd, Fault
from tests.small_bot import SmallBot, small_bot
from tests.stores import opened, sqlite_url

ROOMS = ("r1", "r2", "r3")


@dataclass(frozen=True)
class Say:
    """Somebody says something: texts are often equal, on purpose."""

    room: str
    text: str


@dataclass(frozen=True)
class Trouble:
    """The next request to a room goes wrong."""

    room: str
    fault: Fault


@dataclass(frozen=True)
class Happening:
    """Something happens to the network or to us."""

    what: str


rooms = st.sampled_from(ROOMS)
faults = st.sampled_from([each for each in Fault if each is not Fault.REFUSE])
happenings = st.sampled_from(["cut", "restore", "crash", "double", "blind", "pass"])
deeds = st.one_of(
    st.builds(Say, rooms, st.sampled_from(["yes", "no"])),
    st.builds(Say, rooms, st.sampled_from(["yes", "no"])),
    st.builds(Trouble, rooms, faults),
    st.builds(Happening, happenings),
)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a failing script is short enough as it is
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(deeds, max_size=18), st.booleans())
def test_any_interleaving_ends_with_each_message_once_and_in_order(
    script: list[Say | Trouble | Happening], remembers: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(sqlite_url(Path(folder))) as database:
        asyncio.run(_play(database, script, remembers=remembers))


async def _play(
    database: Database, script: Sequence[Say | Trouble | Happening], *, remembers: bool
) -> None:
    far, clock = FarEnd(rooms=ROOMS), Clock()
    lives = _lives(script)
    said: dict[str, list[str]] = {room: [] for room in ROOMS}
    for number, life in enumerate(lives):
        async with small_bot(
            database, clock, far,
            channels={"c": [far.room(room) for room in ROOMS]},
            capabilities=REMEMBERING if remembers else BARE, session=f"device-{number // 2}",
        ) as bot:  # fmt: skip
            if number == 0:  # it has come to know the rooms: what is said from here on is ours
                await bot.platforms[far.account].open()
            await bot.read()
            for deed in life:
                await _do(far, bot, deed, said)
            if number == len(lives) - 1:
                far.restore()
                await _everything_read(far, bot)
                await bot.settled()
                await _everything_read(far, bot)
    for room in ROOMS:
        for source in ROOMS:
            if source != room:
                assert _copies(far, room, source) == said[source]


def _lives(
    script: Sequence[Say | Trouble | Happening],
) -> list[list[Say | Trouble | Happening]]:
    """The script, cut where the bot crashes."""
    lives: list[list[Say | Trouble | Happening]] = [[]]
    for deed in script:
        if deed == Happening("crash"):
            lives.append([])
        else:
            lives[-1].append(deed)
    return lives


async def _do(
    far: FarEnd, bot: SmallBot, deed: Say | Trouble | Happening, said: dict[str, list[str]]
) -> None:
    match deed:
        case Say(room, text):
            said[room].append(text)
            far.say(text, name=room, local=room)
        case Trouble(room, fault):
            far.faults[far.room(room)].append(fault)
        case Happening("cut"):
            far.cut()
        case Happening("restore"):
            far.restore()
        case Happening("double"):
            given = bot.platforms[far.account].acknowledged
            if given:  # the network gives again what it gave before
                far.hand_out(given[-1])
        case Happening("blind"):
            far.find_faults.append(Fault.HANG_UP_BEFORE)
        case Happening(_):
            for _ in range(3):
                await bot.let_pass(7.0)


async def _everything_read(far: FarEnd, bot: SmallBot) -> None:
    """Until the inlet has taken all that there is."""
    platform = bot.platforms[far.account]
    await bot.until(
        lambda: (
            not far.extra
            and all(platform._read.get(room) == len(log) for room, log in far.rooms.items())
            and len(platform.acknowledged) == platform.handed_out
        )
    )


def _copies(far: FarEnd, room: str, source: str) -> list[str]:
    """What landed in a room of what was said in another: the author carries its name."""
    log = far.rooms[far.room(room)]
    return [
        each.text for each in log if each.delivery and each.author and each.author.name == source
    ]
