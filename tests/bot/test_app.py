"""The whole bot as a process, on the tiny network."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.stores import NewDatabase
from tests.tiny.process import Household
from tests.tiny.server import TOKEN, TinyServer, tiny_server

Scenario = Callable[[TinyServer, Household], Awaitable[None]]
ROOMS = ("r1", "r2", "adm")


@pytest.fixture
def play(tmp_path: Path, tiny_network: Path) -> Callable[[Scenario], None]:
    """Plays a scenario with a server and a household on it."""

    def play(scenario: Scenario) -> None:
        async def whole() -> None:
            async with tiny_server(ROOMS) as server:
                await scenario(server, Household(tmp_path, tiny_network, server.port, ROOMS))

        asyncio.run(whole())

    return play


def test_it_relays_answers_and_ends_when_told(play: Callable[[Scenario], None]) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        async with house.running() as bot:
            assert bot.first_line == "ready: 1 channels, 2 rooms\n"
            for text in ("canary one", "canary two", "canary two"):
                server.say(text, room="r1")
            server.say("canary back", room="r2", by="Ben")
            await server.until(lambda: len(server.copies("r2")) == 3)
            await server.until(lambda: server.copies("r1") == ["canary back"])
            assert server.copies("r2") == ["canary one", "canary two", "canary two"]
            server.say("!ping", room="r1")
            await server.until(lambda: len(server.privates) == 1)
            assert server.privates[0]["to"] == "ada"
            server.call("status", room="r2", by="Ben")
            await server.until(lambda: len(server.privates) == 2)
            assert len(server.copies("r2")) == 3, "commands are not relayed"
            assert await bot.end() == 0
        assert "canary" not in bot.errors
        assert "tiny-secret" not in bot.errors

    play(scenario)


def test_it_relays_on_postgresql(
    play: Callable[[Scenario], None], new_postgresql: NewDatabase
) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        house.store = new_postgresql()
        async with house.running() as bot:
            for number in range(20):
                server.say(f"m{number}", room="r1")
            await server.until(lambda: len(server.copies("r2")) == 20)
            assert server.copies("r2") == [f"m{number}" for number in range(20)]
            assert (await house.say("run"))[0] == 3
            assert await bot.end() == 0

    play(scenario)


def test_the_admins_hear_of_strangers_and_a_room_with_them_gets_nothing_marked(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        for room in ("m1", "m2"):
            server.rooms[room], server.people[room] = [], ["Ada"]
        server.people["m2"].append("Guy")
        house.extra = (
            '[teams.alpha]\nmembers = ["tiny:here/ada"]\n'
            '[channels.marked]\nceiling = "TLP:GREEN"\nrooms = ["tiny:here/m1", "tiny:here/m2"]\n'
        )
        told = (
            "tiny:here/m2 is read by Guy (guy), of no team: nothing above TLP:CLEAR is sent there."
        )
        async with house.running():
            await server.until(lambda: told in server.copies("adm"))
            status, out, _ = await house.say("check", "--json")
            assert status == 1
            assert '"tiny:here/m2: who reads it (alpha 1, of no team 1)", "ok": false' in out
            server.say("for teams", room="m1")
            server.say("[TLP:CLEAR] for all", room="m1")
            await server.until(lambda: server.copies("m2") == ["[TLP:CLEAR] for all"])
        server.people["m2"].remove("Guy")
        async with house.running():
            gone = "tiny:here/m2 is no longer read by Guy (guy)."
            await server.until(lambda: gone in server.copies("adm"))
            server.say("for teams again", room="m1")
            await server.until(lambda: server.copies("m2")[1:] == ["for teams again"])
        assert server.copies("adm").count(told) == 1

    play(scenario)


def test_a_second_run_on_one_store_exits_3(play: Callable[[Scenario], None]) -> None:
    async def scenario(_server: TinyServer, house: Household) -> None:
        async with house.running():
            status, _, errors = await house.say("run")
            assert status == 3
            assert "in use" in errors
            assert "Traceback" not in errors

    play(scenario)


def test_a_refused_account_exits_2_and_names_the_key(play: Callable[[Scenario], None]) -> None:
    async def scenario(_server: TinyServer, house: Household) -> None:
        house.token = "wrong-canary"
        status, out, errors = await house.say("run")
        assert (status, out) == (2, "")
        assert "tiny:here: token" in errors
        assert "wrong-canary" not in errors

    play(scenario)


def test_a_network_that_is_down_is_tried_until_it_is_there(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        async with house.running():
            server.say("first", room="r1")
            await server.until(lambda: server.copies("r2") == ["first"])
        await server.stop()
        server.say("missed", room="r1")
        async with house.running() as bot:
            assert bot.first_line.startswith("ready:")
            await server.start()
            await server.until(lambda: server.copies("r2") == ["first", "missed"])
            await server.stop()
            server.say("missed again", room="r1")
            await server.start()
            await server.until(lambda: len(server.copies("r2")) == 3)

    play(scenario)


def test_killed_at_any_moment_it_neither_loses_nor_doubles(
    play: Callable[[Scenario], None],
) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        said = ["begun"]
        async with house.running():
            server.say("begun", room="r1")
            await server.until(lambda: server.copies("r2") == ["begun"])
        for life in range(3):
            async with house.running() as bot:
                for number in range(10):
                    said.append(f"m{number % 4}")
                    server.say(said[-1], room="r1")
                await server.until(
                    lambda life=life: len(server.copies("r2")) >= 8 * life + 3  # type: ignore[misc]  # a default holds the loop's value
                )
                bot.process.kill()
                await bot.process.wait()
        async with house.running():
            await server.until(lambda: len(server.copies("r2")) == len(said))
            server.say("last", room="r1")
            await server.until(lambda: "last" in server.copies("r2"))
        assert server.copies("r2") == [*said, "last"]

    play(scenario)


def test_the_command_line_tells_what_became_of_messages(
    play: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY", TOKEN)
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)

    async def scenario(server: TinyServer, house: Household) -> None:
        house.rooms = ("r1", "r2", "gone", "adm")
        server.rooms["gone"] = []
        async with house.running():
            line = server.say("canary", room="r1")
            await server.until(lambda: server.copies("gone") == ["canary"])
            gone = server.rooms.pop("gone")
            server.say("canary dead", room="r1")
            await server.until(lambda: len(server.copies("adm")) == 1)
            assert "no_such_room" in server.copies("adm")[0]
            status, out, errors = await house.ask("deliveries", "list", "--json")
            (dead,) = [json.loads(each) for each in out.splitlines()]
            assert (dead["state"], dead["room"]) == ("dead", "tiny:here/gone")
            status, out, errors = await house.ask("check", "--json")
            assert status == 1
            assert any("dead" in each and "false" in each for each in out.splitlines())
            server.rooms["gone"] = gone
            assert (await house.ask("deliveries", "retry", dead["id"]))[0] == 0
            await server.until(lambda: server.copies("gone") == ["canary", "canary dead"])
            status, out, errors = await house.ask("trace", f"{line['n']:08d}", "--json")
            copies = {each["room"]: each["state"] for each in json.loads(out)["copies"]}
            assert copies == {"tiny:here/r2": "delivered", "tiny:here/gone": "delivered"}
            assert "canary" not in out + errors
            assert (await house.ask("trace", "nothing"))[0] == 1
            status, out, _ = await house.ask("rooms")
            assert status == 0
            assert "tiny:here/gone" in out
            assert (await house.ask("deliveries", "retry", "dnone"))[0] == 1
            assert (await house.ask("deliveries", "drop", dead["id"]))[0] == 1
        status, _, errors = await house.ask("check")
        assert status == 0, errors

    play(scenario)


def test_a_second_signal_leaves_at_once(play: Callable[[Scenario], None]) -> None:
    async def scenario(server: TinyServer, house: Household) -> None:
        async with house.running() as bot:
            server.faults.append("hold")
            server.say("held", room="r1")
            await server.until(lambda: not server.faults)
            bot.process.send_signal(signal.SIGTERM)
            status = await bot.end(signal.SIGTERM)
            assert status in {0, 130}
        async with house.running():
            await server.until(lambda: server.copies("r2") == ["held"])

    play(scenario)


def test_what_it_did_is_sealed_also_when_it_was_killed(
    play: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY", TOKEN)
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)

    async def scenario(server: TinyServer, house: Household) -> None:
        async with house.running() as bot:
            server.say("!ping canary", room="r1")
            await server.until(lambda: len(server.privates) == 1)
            assert await bot.end() == 0
        status, said, _ = await house.ask("audit", "verify")
        assert status == 0
        assert said.startswith("verified: ")
        assert "unwitnessed" in said
        assert "not sealed" not in said
        async with house.running() as bot:
            server.say("!status", room="r1")
            await server.until(lambda: len(server.privates) == 2)
            bot.process.kill()
            await bot.process.wait()
        assert (await house.ask("audit", "verify"))[0] == 0
        async with house.running() as bot:
            assert await bot.end() == 0
        _, rows, _ = await house.ask("audit", "export", "--since", "2000-01-01", "--json")
        lines = [json.loads(line) for line in rows.splitlines()]
        acts = [line["action"] for line in lines if line["action"] in {"configured", "command"}]
        assert acts == ["configured", "command", "command"]
        assert lines[-1]["action"] == "exported"
        assert all(line["hash"] for line in lines[:-1])
        assert "canary" not in rows
        assert (await house.ask("audit", "verify"))[1].startswith("verified: ")

    play(scenario)
