"""Faults are told to the admin rooms in words, with the code by which they stand in lists."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery.lanes import Concern
from bot.events import DeliveryId, RoomId
from bot.store.database import Database
from bot.tasks.notices import Notices
from bot.words import words_for
from tests.clock import Clock
from tests.fake_platform import FarEnd, Fault
from tests.small_bot import small_bot

ARCHIVED = Concern(DeliveryId("d1"), RoomId("slack:alpha/C1"), "is_archived", unknown=False)


@pytest.mark.parametrize(
    ("language", "reason"),
    [("en", "the channel is archived"), ("fr", "le canal est archivé")],
)
def test_a_reason_is_said_in_words_with_its_code(language: str, reason: str) -> None:
    notices = Notices([], words_for(language), lambda _session, _concern, _now: set())
    assert f"{reason} [is_archived]" in notices._text(ARCHIVED)


def test_author_and_administrators_both_hear_of_a_refusal(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "r2", "adm"))
        channel = {"c": [far.room("r1"), far.room("r2")]}
        async with small_bot(sqlite, clock, far, channels=channel, admins=[far.room("adm")]) as bot:
            await bot.read()
            far.faults[far.room("r2")].append(Fault.REFUSE)
            message = far.say("words")
            await far.until(lambda: bool(far.marks(message) and far.texts("adm")))
            assert "refused for good in fake:far/r2: room_gone" in far.texts("adm")[0]

    asyncio.run(scenario())
