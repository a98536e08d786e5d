"""A store that cannot be used: a clear line, and nothing acknowledged that is not stored."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, coalition, until

_WITHOUT = 0.7
"""Seconds in which an acknowledgement would have come many times over."""


def test_what_a_locked_store_does_not_take_is_not_acknowledged(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            await whole.say(ADA, "before")
            await whole.say(EVE, "before")
            await whole.settled()
            workspace = whole.alpha.workspace
            await workspace.quiet()
            acknowledged = workspace.sockets()["acknowledged"]
            with whole.store.locked():
                await whole.say(ADA, "meanwhile")
                await whole.say(EVE, "meanwhile")
                asked = workspace.command(
                    whole.alpha.channel, whole.alpha.people[ADA], "/liaison", "ping"
                )
                with pytest.raises(TimeoutError):
                    await workspace.until(
                        lambda: workspace.sockets()["acknowledged"] > acknowledged, _WITHOUT
                    )
                assert asked.state == "sent"
            await whole.all_landed()
            await workspace.until(lambda: bool(workspace.whispers()))
            assert len(workspace.whispers()) == 1

    asyncio.run(play())


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process, as Linux can")
def test_while_the_disk_takes_nothing_nothing_is_acknowledged_and_the_log_says_why(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            await whole.say(ADA, "before")
            await whole.settled()
            workspace = whole.alpha.workspace
            await workspace.quiet()
            acknowledged = workspace.sockets()["acknowledged"]
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            wal = whole.store.file.with_name(f"{whole.store.file.name}-wal").stat().st_size
            assert wal > 10 * whole.bot.log.stat().st_size  # which is limited too
            resource.prlimit(whole.bot.pid, resource.RLIMIT_FSIZE, (wal, resource.RLIM_INFINITY))
            await whole.say(ADA, "meanwhile")
            log = whole.bot.log
            await until(lambda: "store.unusable" in log.read_text(encoding="utf-8"))
            assert workspace.sockets()["acknowledged"] == acknowledged
            resource.prlimit(whole.bot.pid, resource.RLIMIT_FSIZE, unlimited)
            await whole.say(EVE, "after")
            await whole.all_landed()
            assert "Traceback" not in log.read_text(encoding="utf-8")

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_a_newer_a_foreign_and_a_forbidden_store_end_it_with_one_line(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            with closing(sqlite3.connect(whole.store.file)) as store:
                store.execute("UPDATE alembic_version SET version_num = '9999'")
                store.commit()
            newer = await whole.command("run")
            assert newer.status == 3
            assert "newer" in newer.err
            whole.store.file.write_bytes(b"this is no database, but a text of some length" * 100)
            foreign = await whole.command("run")
            assert foreign.status == 3
            whole.settings["store"]["url"] = "sqlite:///absent/liaison.db"
            whole.write_settings()
            absent = await whole.command("run")
            assert absent.status == 3
            for ended in (newer, foreign, absent):
                assert "Traceback" not in ended.err
                assert ended.err.splitlines()[-1].startswith("liaison: ")
                assert ended.out == ""
            whole.store.file.unlink()  # nobody can look into it any more

    asyncio.run(play())
