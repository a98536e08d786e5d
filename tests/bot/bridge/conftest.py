"""A bot between three rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.bridge.places import Channel
from bot.platforms.base import Capabilities
from tests.bot.bridge.networks import (
    ROOMS,
    Bot,
    empty_store,
    handler_for,
    store_in_memory,
)

ABLE = Capabilities(longest_text=100, idempotent_for=0.0, request_timeout=30.0)


@pytest.fixture(scope="session")
def engine() -> Engine:
    return store_in_memory()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with empty_store(engine) as session:
        yield session


MakeBot = Callable[[Channel, Capabilities], Bot]


@pytest.fixture
def make_bot(session: Session) -> MakeBot:
    """A bot with a channel's rules and networks of these abilities."""
    return lambda channel, able: Bot(session, handler_for(channel, able))


@pytest.fixture
def bot(make_bot: MakeBot) -> Bot:
    """A bot as it is without any settings."""
    return make_bot(Channel("c", ROOMS), ABLE)
