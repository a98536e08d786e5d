"""What goes on while the bot runs, when the store cannot be used."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from bot.errors import StoreFull
from bot.running import rounds
from bot.running.parts import Parts


def test_lists_are_brought_in_when_there_is_room_for_them(
    monkeypatch: pytest.MonkeyPatch, records: list[dict[str, object]]
) -> None:
    """A full disk ended the bot half a minute after its start."""
    tries: list[object] = []

    async def brings(database: object) -> bool:
        tries.append(database)
        if len(tries) < 3:
            raise StoreFull("the disk of the store is full")
        return True

    monkeypatch.setattr(rounds, "_UNHURRIED", 0.0)
    monkeypatch.setattr(rounds, "load_beside", brings)
    parts = cast("Parts", SimpleNamespace(database="the store"))
    asyncio.run(rounds.bring_warning_lists(parts))
    assert tries == ["the store"] * 3
    assert [each["event"] for each in records] == [
        "store.unusable", "store.unusable", "warning_lists.loaded",
    ]  # fmt: skip
