"""Starting, draining, leaving: signals, exit statuses, one run on one store."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from bot.sandbox.slack import Trouble
from bot.sandbox.synapse import Synapse
from tests.end_to_end.bot_process import BotProcess, command
from tests.end_to_end.coalition import ADA, CLO, EVE, Coalition, coalition, toml, until


@pytest.mark.timeout(60)
def test_it_drains_what_is_in_flight_and_exits_0(tmp_path: Path, synapse: Synapse) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse, timeout="5s") as whole:
            for number in (signal.SIGTERM, signal.SIGINT):
                assert await whole.bot.start() == "ready: 1 channels, 3 rooms"
                whole.bravo.workspace.fault(Trouble.DELAY, "chat.postMessage", seconds=0.8)
                posts = whole.bravo.workspace.call_count("chat.postMessage")
                await whole.say(ADA, f"in flight at {number.name}")
                await _asked_to_post(whole, posts + 1)
                begun = time.monotonic()
                whole.bot.send(number)
                assert await whole.bot.ended() == 0
                assert 0.4 < time.monotonic() - begun < 10.0
                assert whole.store.open == 0  # it was waited for, and what came of it is stored
            await whole.bot.start()
            await whole.all_landed()
            assert await whole.bot.stop() == 0

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_it_exits_0_within_10_seconds_though_a_request_hangs(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse, timeout="20s") as whole:
            await whole.bot.start()
            workspace = whole.bravo.workspace
            workspace.fault(Trouble.HANG, "chat.postMessage", seconds=30)
            await whole.say(ADA, "in flight")
            await _asked_to_post(whole, 1)
            begun = time.monotonic()
            assert await whole.bot.stop() == 0
            assert time.monotonic() - begun < 10.0
            whole.settings["network"]["timeout"] = "1s"
            whole.write_settings()
            await whole.bot.start()
            await whole.all_landed()

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_a_second_signal_leaves_at_once_and_loses_nothing(tmp_path: Path, synapse: Synapse) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            workspace = whole.bravo.workspace
            workspace.fault(Trouble.HANG, "chat.postMessage", seconds=30)
            await whole.say(ADA, "the same")
            await _asked_to_post(whole, 1)
            await whole.say(EVE, "the same")
            whole.bot.send(signal.SIGTERM)
            log = whole.bot.log
            await _says(log, "run.draining")
            begun = time.monotonic()
            whole.bot.send(signal.SIGTERM)
            assert await whole.bot.ended() != 0
            assert time.monotonic() - begun < 5.0  # a drain may take ten
            await whole.bot.start()
            await whole.all_landed()

    asyncio.run(play())


async def _asked_to_post(whole: Coalition, count: int) -> None:
    workspace = whole.bravo.workspace
    await until(lambda: workspace.call_count("chat.postMessage") >= count)


async def _says(log: Path, words: str) -> None:
    async with asyncio.timeout(30):
        while words not in log.read_text(encoding="utf-8"):
            await asyncio.sleep(0.01)


def test_a_second_run_on_one_store_exits_3(tmp_path: Path, synapse: Synapse) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            second = await whole.command("run")
            assert second.status == 3
            assert second.out == ""
            assert "in use by another" in second.err.splitlines()[-1]
            await whole.say(CLO, "the first is not disturbed")
            await whole.all_landed()

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_wrong_tokens_are_named_and_exit_2_when_every_account_is_refused(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            right = {name: dict(values) for name, values in whole.settings.items()}
            whole.settings["slack.alpha"]["bot_token"] = "xoxb-wrong"
            whole.settings["matrix.coalition"]["password"] = "wrong"
            whole.write_settings()
            await whole.bot.start()  # bravo works
            log = whole.bot.log.read_text(encoding="utf-8")
            spoken = [line for line in log.splitlines() if line.startswith("liaison: ")]
            assert sum("slack.alpha.bot_token" in line for line in spoken) == 1
            assert sum("matrix.coalition.password" in line for line in spoken) == 1
            assert "Traceback" not in log
            assert "xoxb-wrong" not in log
            assert await whole.bot.stop() == 0
            whole.settings["slack.bravo"]["app_token"] = "xapp-wrong"
            whole.write_settings()
            ended = await whole.command("run")
            assert ended.status == 2
            assert "ready" not in ended.out
            for key in (
                "slack.alpha.bot_token",
                "slack.bravo.app_token",
                "matrix.coalition.password",
            ):
                assert sum(key in line for line in _spoken(ended.err)) == 1, ended.err
            assert "Traceback" not in ended.err
            whole.settings = right
            whole.write_settings()
            await whole.bot.start()
            await whole.say(ADA, "all is well again")
            await whole.all_landed()

    asyncio.run(play())


def _spoken(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith("liaison: ")]


def test_every_mistake_in_the_settings_is_a_line_and_exits_2(tmp_path: Path) -> None:
    async def play() -> None:
        config = tmp_path / "liaison.toml"
        config.write_text(
            toml({"liaison": {"langauge": "en"}, "store": {"url": "mysql://x"}}), encoding="utf-8"
        )
        ended = await command(config, "run")
        assert ended.status == 2
        assert ended.out == ""
        lines = ended.err.splitlines()
        assert any("langauge" in line and "liaison.toml" in line for line in lines), lines
        assert any("store.url" in line for line in lines), lines

    asyncio.run(play())


def test_a_bot_that_nobody_needs_any_more_leaves_no_process(tmp_path: Path) -> None:
    async def play() -> None:
        bot = BotProcess(tmp_path / "absent.toml")
        await bot.launch()
        assert await bot.ended(30.0) == 2
        assert not bot.running

    asyncio.run(play())
