"""The whole bot as a process: what a feed of advisories brings is in the rooms, once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.bot.advisories.sources.documents import document, tracked, written
from tests.tiny.process import Household
from tests.tiny.server import TinyServer, tiny_server

ROOMS = ("r1", "r2", "adm")
FEED = """
[feeds.vendor]
type = "csaf"
path = "csaf"
post = { channels = ["port"], as = "post", severity = "high" }
"""


def said(server: TinyServer, words: str, room: str) -> int:
    return sum(words in each for each in server.texts(room))


def test_a_document_is_posted_once_in_each_room_whoever_reads_it_and_however_often(
    tmp_path: Path, tiny_network: Path
) -> None:
    folder = tmp_path / "csaf"
    folder.mkdir()
    (folder / "one.json").write_bytes(written(document("A-1")))

    async def play() -> None:
        async with tiny_server(ROOMS) as server:
            house = Household(tmp_path, tiny_network, server.port, ROOMS, extra=FEED)
            async with house.running():
                for room in ("r1", "r2"):
                    await server.until(lambda room=room: said(server, "A-1", room) == 1)  # type: ignore[misc]
            first = server.texts("r1")[-1].split("\n")[0]
            assert first == "TLP:CLEAR · CRITICAL · A-1 · A gate that opens for everybody"
            async with house.running():
                (folder / "two.json").write_bytes(written(document("A-2", title="<!channel>")))
                status, out, _ = await house.say("indicators", "feeds", "run", "vendor")
                assert (status, out) == (0, "vendor: 1 new or changed, 0 refused\n")
                await server.until(lambda: said(server, "A-2 · <!channel>", "r2") == 1)
                later = tracked("A-1", "2", "2026-04-01T08:00:00Z", "First", "It is exploited.")
                (folder / "one.json").write_bytes(written(document("A-1", tracking=later)))
                await house.say("indicators", "feeds", "run", "vendor")
                await server.until(lambda: said(server, "It is exploited.", "r2") == 1)
            assert said(server, "A-2", "r1") == 1

    asyncio.run(play())
