"""What goes on beside the stream of events goes on, though one thing of it breaks us."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from bot.events import AccountId
from bot.platforms.matrix.crypto.crypto import Crypto
from bot.platforms.matrix.invitations import Invitations
from bot.platforms.matrix.settings import MatrixSettings

ACCOUNT = AccountId("matrix:coalition")


class Homeserver:
    """Lets a bot into any room but the first."""

    def __init__(self) -> None:
        self.joined = asyncio.Queue[str]()
        self._broken = False

    async def call(self, _kind: Any, _method: str, where: str, *_: Any, **__: Any) -> None:
        if not self._broken:
            self._broken = True
            raise KeyError(where)
        self.joined.put_nowait(where)

    async def invitations(self) -> dict[str, Any]:
        return {}


class Places:
    """No room is awaited."""

    def expectations(self) -> list[str]:
        return []

    def expected(self, _room: str) -> None:
        return None


def test_an_invitation_that_breaks_us_keeps_no_other_from_being_answered() -> None:
    async def scenario() -> None:
        server = Homeserver()
        end, none, places = cast("Any", server), cast("Any", None), cast("Any", Places())
        invitations = Invitations(ACCOUNT, "@liaison:x", end, end, places, none)
        invitations.enter("!breaks:x")
        invitations.enter("!second:x")
        working = asyncio.create_task(invitations.work())
        async with asyncio.timeout(20):
            assert "second" in await server.joined.get()
        working.cancel()
        await asyncio.wait({working})

    asyncio.run(scenario())


def test_a_chore_of_encryption_that_breaks_us_keeps_no_other_from_being_done(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        none, done = cast("Any", None), asyncio.Event()
        settings = MatrixSettings.model_validate(
            {"homeserver": "https://x", "user_id": "@liaison:x", "password": "secret"}
        )
        crypto = Crypto(settings, ACCOUNT, tmp_path, none, none, none, none, none)

        async def breaks() -> None:
            raise KeyError("what a homeserver sent")

        async def does() -> None:
            done.set()

        crypto._put(breaks)
        crypto._put(does)
        working = asyncio.create_task(crypto.work())
        async with asyncio.timeout(20):
            await done.wait()
        working.cancel()
        await asyncio.wait({working})

    asyncio.run(scenario())
