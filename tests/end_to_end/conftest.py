"""What the tests of the whole bot share."""

from __future__ import annotations

import pytest

from tests.end_to_end.traffic import chosen_seed
from tests.synapse import synapse

__all__ = ["synapse"]


@pytest.fixture
def seed() -> int:
    """The seed of a test, printed: the same one, in LIAISON_TEST_SEED, plays it again."""
    found = chosen_seed()
    print(f"LIAISON_TEST_SEED={found}")
    return found
