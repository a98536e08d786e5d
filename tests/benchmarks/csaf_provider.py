"""A provider of CSAF in a process of its own: `python -m tests.benchmarks.csaf_provider COUNT`.

It prints its port. Documents are of the size that CISA's have; hashes lie beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from functools import lru_cache
from hashlib import sha512
from typing import Any

from aiohttp import web

from tests.bot.advisories.sources.documents import document

_PRODUCTS, _VULNERABILITIES = 40, 6


@lru_cache(maxsize=64)
def made(number: int) -> bytes:
    """A document of some 20 kB."""
    content: dict[str, Any] = document(f"BENCH-{number:05d}", title=f"Gate {number} opens")
    content["product_tree"]["full_product_names"] = [
        {"name": f"ACME Gate {number} firmware {n}.0", "product_id": f"Q{n}"}
        for n in range(_PRODUCTS)
    ]
    (first,) = content["vulnerabilities"]
    ids = [f"Q{n}" for n in range(_PRODUCTS)]
    content["vulnerabilities"] = [
        first | {
            "cve": f"CVE-2026-{10_000 + number * _VULNERABILITIES + n}",
            "product_status": {"known_affected": ids},
            "notes": [{"category": "description", "text": "It does not ask who comes. " * 30}],
        }
        for n in range(_VULNERABILITIES)
    ]  # fmt: skip
    return json.dumps(content).encode()


async def serve(count: int) -> None:
    """Until it is ended."""

    async def answer(request: web.Request) -> web.StreamResponse:
        name = request.path.rpartition("/")[2]
        if name == "feed.json":
            if request.headers.get("If-None-Match") == '"1"':
                return web.Response(status=304, headers={"ETag": '"1"'})
            return web.Response(body=feed(count, request), content_type="application/json",
                                headers={"ETag": '"1"'})  # fmt: skip
        content = made(int(name.partition(".")[0]))
        if name.endswith(".sha512"):
            return web.Response(text=sha512(content).hexdigest())
        return web.Response(body=content, content_type="application/json")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def feed(count: int, request: web.Request) -> bytes:
    """The ROLIE feed of all."""
    base = f"http://{request.host}/2026"
    entries = [
        {
            "id": str(n),
            "updated": f"2026-03-01T08:{n // 60 % 60:02d}:{n % 60:02d}Z",
            "link": [{"rel": "hash", "href": f"{base}/{n}.json.sha512"}],
            "content": {"src": f"{base}/{n}.json"},
        }
        for n in range(count)
    ]
    return json.dumps({"feed": {"id": "bench", "entry": entries}}).encode()


def main() -> None:
    """Serve so many documents."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.csaf_provider")
    parser.add_argument("count", type=int)
    asyncio.run(serve(parser.parse_args().count))


if __name__ == "__main__":
    main()
