"""`ping`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.richtext import plain
from commands.grammar import Call
from commands.registry import Registry
from tests.commands.house import NOW, context_in

REGISTRY = Registry.load()


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(milliseconds=120), "I am here; your message reached me in 120 ms."),
        (timedelta(milliseconds=-5), "I am here; the network's clock and mine differ."),
        (timedelta(days=1), "I am here; the network's clock and mine differ."),
        (None, "I am here."),
    ],
)
def test_ping_says_how_long_the_way_was(ago: timedelta | None, told: str) -> None:
    context = context_in(said=None if ago is None else NOW - ago)
    answer = REGISTRY.run(Call("ping"), context)
    assert plain(answer.body) == told
    assert not answer.public
