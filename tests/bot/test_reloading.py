"""Reading the configuration again, pausing and alarms: the whole bot as a process."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.tiny.process import Household
from tests.tiny.server import TOKEN, TinyServer, tiny_server

Scenario = Callable[[TinyServer, Household], Awaitable[None]]
ROOMS = ("r1", "r2", "r3", "adm")


@pytest.fixture
def play(
    tmp_path: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Scenario], None]:
    """Plays a scenario with a server and a household on it, whose channel has r1 and r2."""
    monkeypatch.setenv("TINY", TOKEN)
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)

    def play(scenario: Scenario) -> None:
        async def whole() -> None:
            async with tiny_server(ROOMS) as server:
                house = Household(tmp_path, tiny_network, server.port, ("r1", "r2", "adm"))
                await scenario(server, house)

        asyncio.run(whole())

    return play


def _rows(house: Household, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(house.folder / "liaison.db")) as store:
        return store.execute(query).fetchall()


def test_a_room_is_added_by_the_command_line_and_nothing_is_lost(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        async with house.running() as bot:
            server.say("before", room="r1")
            await server.until(lambda: server.copies("r2") == ["before"])
            pid = bot.process.pid
            house.rooms = ("r1", "r2", "r3", "adm")
            status, out, errors = await house.say("reload")
            assert (status, errors) == (0, "")
            assert "room tiny:here/r3 added" in out
            server.say("after", room="r1")
            await server.until(lambda: server.copies("r3") == ["after"])
            await server.until(lambda: server.copies("r2") == ["before", "after"])
            assert bot.process.pid == pid
            await server.until(lambda: len(server.copies("adm")) == 1)
            assert "was read again" in server.copies("adm")[0]
            status, out, _ = await house.say("reload")
            assert (status, out) == (0, "Nothing has changed.\n")
            assert await bot.end() == 0
        acts = _rows(house, "SELECT object FROM audit WHERE action = 'configured'")
        assert len(acts) >= 2

    play(scenario)


def test_sighup_applies_what_changed_and_a_broken_file_changes_nothing(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        async with house.running() as bot:
            path = house.write()
            good = path.read_text()
            path.write_text(good + '[channels.port2]\nceiling = "TLP:PINK"\n')
            bot.process.send_signal(signal.SIGHUP)
            await bot.said("channels.port2.ceiling")
            server.say("still", room="r1")
            await server.until(lambda: server.copies("r2") == ["still"])
            path.write_text(good.replace('"tiny:here/r2"', '"tiny:here/r2", "tiny:here/r3"'))
            bot.process.send_signal(signal.SIGHUP)
            await server.until(lambda: len(server.copies("adm")) == 1)
            server.say("now", room="r1")
            await server.until(lambda: server.copies("r3") == ["now"])

    play(scenario)


def test_a_broken_file_is_told_on_the_command_line_and_exits_2(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        async with house.running():
            house.extra = "[channels.port.nonsense]\n"
            status, out, errors = await house.say("reload")
            assert (status, out) == (2, "")
            assert "nonsense" in errors
            server.say("still", room="r1")
            await server.until(lambda: server.copies("r2") == ["still"])

    play(scenario)


def test_reload_says_so_where_nothing_runs(play: Callable[[Scenario], None]) -> None:
    async def scenario(_server: TinyServer, house: Household) -> None:
        async with house.running() as bot:
            await bot.end()
        status, _, errors = await house.ask("reload")
        assert status == 1
        assert "no bot runs" in errors

    play(scenario)


def test_what_is_said_for_a_paused_room_waits_and_goes_when_it_is_resumed(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        house.rooms = ("r1", "r2", "r3", "adm")
        async with house.running() as bot:
            assert (await house.ask("pause", "tiny:here/r2"))[0] == 0
            await bot.said("frozen.changed")
            server.say("waits", room="r1")
            await server.until(lambda: server.copies("r3") == ["waits"])
            assert server.copies("r2") == []
            assert (await house.ask("pause", "tiny:here/r2"))[0] == 1
            assert "member, paused, private" in (await house.ask("rooms"))[1]
            assert "tiny:here/r2" in _line((await house.ask("check"))[1], "paused since")
            assert (await house.ask("pause", "nowhere"))[0] == 1
            assert (await house.ask("resume", "tiny:here/r2"))[0] == 0
            await server.until(lambda: server.copies("r2") == ["waits"])
            assert (await house.ask("resume", "tiny:here/r2"))[0] == 1
            status, told, _ = await house.ask("resume", "all")
            assert status == 1
            assert "restored" in told

    play(scenario)


def _line(text: str, part: str) -> str:
    return next(line for line in text.splitlines() if part in line)
