"""What a bot publishes, read by a client over HTTP: an ally's own, whole, and no more than that."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.errors import FeedError
from bot.feeds.fetching import Fetcher, Way
from bot.feeds.origin import Secrets
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.taxii import Taxii
from bot.sandbox.synapse import Synapse
from bot.web.taxii import MEDIA, ROOT
from tests.end_to_end.coalition import Coalition, coalition, until
from tests.end_to_end.test_people import free_port

_STORED = "SELECT count(*) FROM indicator_object"
_ABSENT = "indicator--00000000-0000-4000-8000-00000000dead"


def _settle(whole: Coalition, folder: Path, port: int) -> None:
    """Two teams with an account each; a list for all, and one for the first team alone."""
    (folder / "all.txt").write_text("".join(f"198.51.100.{n}\n" for n in range(1, 8)))
    (folder / "own.txt").write_text("203.0.113.1\n203.0.113.2\n")
    whole.settings |= {
        "web": {"listen": f"127.0.0.1:{port}"},
        "teams.a": {"name": "CERT A", "members": ["slack:alpha"], "clearance": "TLP:AMBER"},
        "teams.b": {"name": "CERT B", "members": ["slack:bravo"], "clearance": "TLP:GREEN"},
        "feeds.open": {"type": "text", "path": "all.txt", "marking": "TLP:GREEN"},
        "feeds.own": {"type": "text", "path": "own.txt", "marking": "TLP:AMBER"},
        "publish.to-a": {"team": "a", "token": "token-of-a"},
        "publish.to-b": {"team": "b", "token": "token-of-b"},
    }
    whole.write_settings()


async def _read(url: str, token: str, cursor: str = "") -> tuple[set[str], str]:
    """The ids that our own client gets, and from where it would go on."""
    source = Source("ally", "taxii", url=url, secrets=Secrets(token=SecretStr(token)))
    async with Fetcher(source, Way(total=20.0, idle=10.0)) as fetcher:
        bundle, turning = await Taxii(fetcher, source, Way()).poll(cursor)
        with bundle:
            found = [each["id"] for each in json.load(bundle)["objects"]]
    assert len(found) == len(set(found))
    return set(found), turning.cursor


async def _pages(http: aiohttp.ClientSession, url: str) -> list[dict[str, object]]:
    """The objects of a collection, two at a time."""
    found, asked = list[dict[str, object]](), {"limit": "2"}
    while True:
        async with http.get(url, params=asked) as answer:
            page = json.loads(await answer.read())
        assert len(page["objects"]) <= 2
        found += page["objects"]
        if not page["more"]:
            return found
        asked = {"limit": "2", "next": page["next"]}


@pytest.mark.timeout(120)
def test_each_account_reads_all_that_its_team_may_see_and_no_trace_of_the_rest(
    tmp_path: Path, synapse: Synapse
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/taxii2/"

    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            _settle(whole, tmp_path, port)
            await whole.bot.start()
            await until(lambda: whole.store.count(_STORED) == 9)
            all_of_a, _ = await _read(url, "token-of-a")
            all_of_b, _ = await _read(url, "token-of-b")
            assert (len(all_of_a), len(all_of_b)) == (9, 7)
            assert all_of_b < all_of_a
            with pytest.raises(FeedError, match="refused"):
                await _read(url, "token-of-nobody")
            headers = {"Authorization": "Bearer token-of-b", "Accept": MEDIA}
            async with aiohttp.ClientSession(headers=headers) as http:
                async with http.get(f"{url}liaison/collections/") as answer:
                    (collection,) = json.loads(await answer.read())["collections"]
                objects = f"http://127.0.0.1:{port}{ROOT}collections/{collection['id']}/objects/"
                paged = await _pages(http, objects)
                assert {each["id"] for each in paged} == all_of_b
                hidden, absent = min(all_of_a - all_of_b), _ABSENT
                told = []
                for ref in (hidden, absent):
                    async with http.get(f"{objects}{ref}/") as answer:
                        headers_told = {n: v for n, v in answer.headers.items() if n != "Date"}
                        told.append((answer.status, headers_told, await answer.read()))
                assert told[0] == told[1]
                assert told[0][0] == 404

    asyncio.run(play())
