"""Who is of a team may give commands there, and a guest of the same workspace may not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, coalition


@pytest.mark.timeout(60)
def test_a_member_is_answered_and_a_guest_is_told_what_they_are(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            whole.settings["teams.cert-alpha"] = {"name": "CERT Alpha", "members": ["slack:alpha"]}
            whole.write_settings()
            workspace, channel = whole.alpha.workspace, whole.alpha.channel
            ada, ben = whole.alpha.people[ADA], whole.alpha.people[BEN]
            workspace.world.users[ben].restricted = True
            await whole.bot.start()

            async def told(person: str, text: str) -> str:
                before = len(workspace.whispers())
                workspace.command(channel, person, "/liaison", text)
                await workspace.until(lambda: len(workspace.whispers()) > before)
                return workspace.whispers()[-1].text

            assert f"{ADA}: member of CERT Alpha" in await told(ada, "whoami")
            assert "CERT Alpha" in (await told(ada, "team cert-alpha")).splitlines()[0]
            assert f"{BEN}: a guest, of no team that I know" in await told(ben, "whoami")
            assert "is for members of a team" in await told(ben, "team cert-alpha")

    asyncio.run(play())
