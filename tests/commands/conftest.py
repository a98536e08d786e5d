"""What the commands' tests can ask for beside what every test can."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.store.tables import Base
from tests.commands.newsdesk import Newsdesk


@pytest.fixture
def desk() -> Iterator[Newsdesk]:
    """A house that publishes together, with nothing written yet."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield Newsdesk(session)
    engine.dispose()
