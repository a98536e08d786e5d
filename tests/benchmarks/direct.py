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
from tests.benchmarks.mixture import EMOJI, EMOJI_NAME
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

    copies: dict[str, str] = {}

    async def to_matrix(client: Any, request: SocketModeRequest) -> None:
        event = request.payload["event"]
        room = there[event.get("channel") or event["item"]["channel"]]
        if event["type"] == "reaction_added":
            kind, content = "m.reaction", _annotation(copies[event["item"]["ts"]])
        elif event.get("subtype") == "message_changed":
            new = event["message"]
            kind, content = "m.room.message", _replacement(copies[new["ts"]], new["text"])
        else:
            kind, content = "m.room.message", {"msgtype": "m.text", "body": event["text"]}
        if event.get("bot_id") != BOT_ID:
            sent = await matrix.room_send(room, kind, content)
            copies[event.get("ts", "")] = sent.event_id
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    async def to_slack(room: Any, event: Any) -> None:
        if event.sender == BOT:
            return
        channel, relation = back[room.room_id], event.source["content"].get("m.relates_to")
        if relation is None:
            sent = await web.chat_postMessage(channel=channel, text=event.body)
            copies[event.event_id] = sent["ts"]
        elif relation["rel_type"] == "m.replace":
            await web.chat_update(channel=channel, ts=copies[relation["event_id"]], text=event.body)
        else:
            ts = copies[relation["event_id"]]
            await web.reactions_add(channel=channel, timestamp=ts, name=EMOJI_NAME)

    slack.socket_mode_request_listeners.append(to_matrix)
    matrix.add_event_callback(to_slack, (nio.RoomMessageText, nio.ReactionEvent))
    await slack.connect()  # type: ignore[no-untyped-call]  # slack_sdk brings no type for it
    await matrix.sync(timeout=0)
    print("ready", flush=True)
    await matrix.sync_forever(timeout=30_000)


def _replacement(event: str, text: str) -> dict[str, Any]:
    new = {"msgtype": "m.text", "body": text}
    return {
        **new,
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }


def _annotation(event: str) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": EMOJI}}


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
