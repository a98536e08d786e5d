from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import tether
from bot.sandbox.synapse import Synapse, SynapseError, synapse_is_installed
from tests.synapse import synapse

__all__ = ["synapse"]


def test_an_account_is_made_once_and_signed_in_to_afterwards(synapse: Synapse) -> None:
    async def twice() -> None:
        made = await synapse.register("twice", "a password", displayname="Twice")
        again = await synapse.register("twice", "a password")
        assert made.user_id == again.user_id == f"@twice:{synapse.server_name}"
        with pytest.raises(SynapseError):
            await synapse.register("twice", "another password")

    asyncio.run(twice())


def test_it_starts_again_on_the_same_folder_and_port(synapse: Synapse) -> None:
    async def again() -> None:
        url, pid = synapse.url, synapse.pid
        await synapse.register("stays", "a password")
        await synapse.stop()
        assert synapse.pid is None
        await synapse.start()
        assert synapse.url == url
        assert synapse.pid != pid
        await synapse.register("stays", "a password")

    asyncio.run(again())


def test_its_process_ends_when_the_start_is_cancelled(tmp_path: Path, synapse: Synapse) -> None:
    async def cancelled() -> int:
        other = Synapse(tmp_path)
        start = asyncio.create_task(other.start())
        async with asyncio.timeout(30):
            while other.pid is None:
                await asyncio.sleep(0)
        pid = other.pid
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        return pid

    pid = asyncio.run(cancelled())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_tethered_process_ends_with_its_parent() -> None:
    child = subprocess.Popen(
        [sys.executable, "-P", tether.__file__, "http.server", "0", "--bind", "127.0.0.1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin is not None
    assert child.poll() is None
    child.stdin.close()
    assert child.wait(20) != 0


class _WithoutSynapse:
    """A finder that finds all that another one does, but for Synapse."""

    def __init__(self, finder: Any) -> None:
        self._finder = finder

    def find_spec(self, name: str, *more: Any) -> Any:
        return None if name == "synapse" else self._finder.find_spec(name, *more)


def test_that_synapse_is_not_installed_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was a traceback where not even its package was there."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "synapse"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_WithoutSynapse(each) for each in sys.meta_path])
    assert not synapse_is_installed()
