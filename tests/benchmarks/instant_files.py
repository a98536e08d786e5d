"""Files that are nothing but their length, handed out and taken in at once by both networks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from tests.benchmarks.stopwatch import Stopwatch

_PIECE = bytes(64 * 1024)
_MEDIA = "/_matrix/client/v1/media"
LARGEST = 1_000_000_000


class InstantFiles:
    """What lies at the far side, by its name; what was put there is counted, not kept."""

    def __init__(self, watch: Stopwatch, address: Callable[[], str]) -> None:
        self._watch = watch
        self._address = address
        self.taken = 0
        """Bytes of the last file that was put here, all of it."""

    def routes(self) -> list[web.RouteDef]:
        """Where it is served."""
        return [
            web.get("/files/{size}", self._give),
            web.post("/upload", self._take),
            web.get(f"{_MEDIA}/download/{{server}}/{{size}}", self._give),
            web.get(f"{_MEDIA}/config", _config),
            web.post("/_matrix/media/v3/upload", self._take),
        ]

    def of_slack(self, number: int, size: int) -> dict[str, object]:
        """A file object of Slack's."""
        return {
            "id": f"F{number}",
            "name": f"message {number:07d}.bin",
            "mimetype": "application/octet-stream",
            "size": size,
            "url_private_download": f"{self._address()}/files/{size}",
        }

    def of_matrix(self, number: int, size: int) -> dict[str, object]:
        """The content of an event with a file."""
        return {
            "msgtype": "m.file",
            "body": f"message {number:07d}.bin",
            "url": f"mxc://bench.example/{size}",
            "info": {"mimetype": "application/octet-stream", "size": size},
        }

    async def _give(self, request: web.Request) -> web.StreamResponse:
        left = int(request.match_info["size"])
        answer = web.StreamResponse(headers={"Content-Length": str(left)})
        answer.content_type = "application/octet-stream"
        await answer.prepare(request)
        while left:
            piece = _PIECE[:left]
            await answer.write(piece)
            left -= len(piece)
        return answer

    async def _take(self, request: web.Request) -> web.Response:
        taken = 0
        async for piece in request.content.iter_any():
            taken += len(piece)
            await asyncio.sleep(0)
        self.taken = taken
        self._watch.changed()
        return web.json_response({"content_uri": "mxc://bench.example/taken"})


async def _config(_request: web.Request) -> web.Response:
    return web.json_response({"m.upload.size": LARGEST})
