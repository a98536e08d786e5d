"""The same way without a bot: slack_sdk and nio joined by two functions that decide nothing.

`python -m tests.benchmarks.direct URL CHANNELS` carries each room's messages to its twin.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

import nio  # type: ignore[import-untyped]  # it brings no types
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.benchmarks.instant_matrix import BOT
from tests.benchmarks.instant_slack import BOT_ID
from tests.benchmarks.places import place


async def main(url: str, channels: int) -> None:
    """Run until told to end."""
    logging.disable(logging.CRITICAL)
    web = AsyncWebClient("xoxb-none", base_url=f"{url}/slack/alpha/api/")
    slack = SocketModeClient(app_token="xapp-none", web_client=web)
    matrix = nio.AsyncClient(url, BOT)
    matrix.restore_login(BOT, "BENCH", "none")
    there = {
        place("alpha", number).room: place("coalition", number).room for number in range(channels)
    }
    back = {room: channel for channel, room in there.items()}

    async def to_matrix(client: Any, request: SocketModeRequest) -> None:
        event = request.payload["event"]
        if event.get("bot_id") != BOT_ID:
            content = {"msgtype": "m.text", "body": event["text"]}
            await matrix.room_send(there[event["channel"]], "m.room.message", content)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    async def to_slack(room: Any, event: Any) -> None:
        if event.sender != BOT:
            await web.chat_postMessage(channel=back[room.room_id], text=event.body)

    slack.socket_mode_request_listeners.append(to_matrix)
    matrix.add_event_callback(to_slack, nio.RoomMessageText)
    await slack.connect()  # type: ignore[no-untyped-call]  # slack_sdk brings no type for it
    await matrix.sync(timeout=0)
    print("ready", flush=True)
    await matrix.sync_forever(timeout=30_000)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
