"""A store that cannot be used for a while: it is logged, and ends nothing."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import StoreError
from bot.store.patience import insist, patience


def test_what_cannot_be_stored_is_logged_and_what_follows_goes_on(
    records: list[dict[str, object]],
) -> None:
    with patience():
        raise StoreError("the disk is full")
    assert [(each["event"], each["why"]) for each in records] == [
        ("store.unusable", "the disk is full")
    ]


def test_what_is_wrong_otherwise_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="other"), patience():
        raise ValueError("other")


def test_work_is_tried_until_the_store_can_be_used() -> None:
    tries: list[int] = []

    async def work() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise StoreError("gone")
        return "made"

    assert asyncio.run(insist(work, 0.0)) == "made"
    assert len(tries) == 3
