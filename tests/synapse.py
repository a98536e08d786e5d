"""The homeserver of the test session: imported by the conftest files that use it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bot.sandbox.synapse import Synapse, synapse_is_installed


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """One Synapse for all tests; who stops it starts it again."""
    if not synapse_is_installed():
        pytest.skip("matrix-synapse is not installed (the extra `sandbox`)")
    server = Synapse(tmp_path_factory.mktemp("synapse"))
    asyncio.run(server.start())
    try:
        yield server
    finally:
        asyncio.run(server.stop())
