"""The whole tables of cases once through a real homeserver, read with clients that are not ours.

What the bot writes is read with nio's own client and judged by a whole HTML parser; what a client
sends is read by the bot.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import nio  # type: ignore[import-untyped]  # it brings no types
from justhtml import JustHTML

from bot.events import Author, Delivery, DeliveryId, MessagePosted, PersonId, Post, local
from bot.platforms.matrix import markup
from bot.platforms.slack import markup as slack
from bot.richtext import Emoji, Everyone, Mention, RichText, Text
from bot.richtext.walking import leaves
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix import test_markup_reading as reading_table
from tests.bot.platforms.matrix import test_markup_writing as writing_table
from tests.bot.platforms.matrix.house import ACCOUNT, Friend, House, house, place, reading
from tests.bot.platforms.matrix.notation import short
from tests.bot.platforms.slack import test_markup_blocks as blocks_table
from tests.bot.platforms.slack import test_markup_text as text_table

GRACE = Author(PersonId("slack:alpha/U1"), "Grace")
AT_ONCE = 20
"""Requests at a time."""
MOST_REFUSED = 12
"""Of the cases that no homeserver passes on."""
LARGEST_EVENT = 65_536
"""Client-server API, "Size limits"."""


def bodies() -> list[RichText]:
    """What Slack's tables say, as the reader of Slack reads it, and the trees of Matrix's own."""
    seen = text_table.ACCOUNT, text_table.LOOKUPS
    texts = [slack.read_mrkdwn(text, *seen) for text, _ in text_table.CASES]
    blocks = [slack.read_message({"blocks": found}, *seen) for found, _ in blocks_table.BLOCKS]
    messages = [slack.read_message(message, *seen) for message, _ in blocks_table.MESSAGES]
    plain = [tree for tree, _ in writing_table.PLAIN]
    others = (writing_table.INLINE, writing_table.LINKS, writing_table.PLACES, writing_table.BLOCKS)
    trees = [tree for table in others for tree, _, _ in table]
    return [*texts, *blocks, *messages, *plain, *trees]


def test_every_case_that_the_bot_writes_arrives_as_it_was_written(synapse: Synapse) -> None:
    async def written() -> None:
        async with house(synapse) as home:
            room = await home.room()
            said = bodies()
            assert len(said) >= 390
            sent = await _deliver(home, room, said)
            events = await _read_with_nio(home, room, len(said))
            assert len(events) == len(said) == len(set(sent))
            for body, event in zip(said, sent, strict=True):
                _judge(body, events[event])

    asyncio.run(asyncio.wait_for(written(), 120))


async def _deliver(home: House, room: str, said: list[RichText]) -> list[str]:
    """Send each as the bot does; the ids of the events."""
    matrix = home.matrix(room)
    await matrix.open()
    try:
        deliveries = [
            Delivery(DeliveryId(f"d{number:026}"), place(room), Post(body, GRACE))
            for number, body in enumerate(said)
        ]
        landed = await _at_once(matrix.deliver(delivery) for delivery in deliveries)
        return [str(sent.message) for sent in landed]
    finally:
        await matrix.close()


async def _read_with_nio(home: House, room: str, count: int) -> dict[str, Any]:
    """The room's messages as nio's client knows them, by id."""
    client = nio.AsyncClient(home.synapse.url, home.ada.id)
    client.restore_login(home.ada.id, "READER", home.ada.person.access_token)
    try:
        events: dict[str, Any] = {}
        start = ""
        while len(events) < count:
            told = await client.room_messages(room, start, limit=500)
            assert isinstance(told, nio.RoomMessagesResponse), told
            found = [event for event in told.chunk if isinstance(event, nio.RoomMessage)]
            events |= {event.event_id: event for event in found}
            if not told.chunk or not told.end:
                break
            start = told.end
        return events
    finally:
        await client.close()


def _judge(body: RichText, event: Any) -> None:
    """One message as it was received, against the tree that was sent."""
    content = event.source["content"]
    written = markup.write(body, ACCOUNT)
    assert isinstance(event, nio.RoomMessageText), event
    assert event.body == f"Grace: {written.body}"
    assert event.format == "org.matrix.custom.html"  # its author stands in it
    assert len(json.dumps(event.source).encode()) < LARGEST_EVENT
    assert set(content["m.mentions"].get("user_ids", ())) <= _called(body)
    assert "room" not in content["m.mentions"] or any(
        isinstance(leaf, Everyone) and leaf.ping for leaf in leaves(body)
    )
    root = JustHTML(event.formatted_body, fragment=True, sanitize=False).root
    shown = _bare(root.to_text(separator="", strip=False))
    html = written.html if written.html is not None else markup.as_html(written.body)
    assert event.formatted_body.endswith(html.removeprefix("<p>"))
    position = 0
    for text in _texts(body):
        found = shown.find(text, position)
        assert found >= 0, (text, shown)
        position = found + len(text)


def _called(body: RichText) -> set[str]:
    """The user ids of those whom the tree mentions, and no others."""
    people = [PersonId(leaf.person) for leaf in leaves(body) if isinstance(leaf, Mention)]
    return {local(person) for person in people if person.startswith("matrix:")}


def _texts(body: RichText) -> Iterator[str]:
    """The words of the tree that anybody must see, in order, without spaces."""
    for leaf in leaves(body):
        if isinstance(leaf, Text | Emoji):
            yield _bare(markup.storable(leaf.text))


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


async def _at_once(work: Iterable[Awaitable[Any]]) -> list[Any]:
    """The results of all, in order, so many at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(each: Awaitable[Any]) -> Any:
        async with room:
            return await each

    return await asyncio.gather(*map(one, work))


def contents() -> list[tuple[dict[str, Any], str]]:
    """What clients send, and what it says."""
    fallback = {"msgtype": "m.text", "body": "not shown", "format": "org.matrix.custom.html"}
    table = [(fallback | {"formatted_body": html}, said) for html, said in reading_table.EVERY_CASE]
    more = [
        ({"msgtype": "m.text"} | content, said)
        for content, is_reply, said in reading_table.CONTENTS
        if not is_reply
    ]
    return [(content, said) for content, said in table + more if said]


def test_every_case_that_a_client_sends_is_read_as_the_table_says(synapse: Synapse) -> None:
    async def sent() -> None:
        async with house(synapse) as home:
            room = await home.room()
            asked = contents()
            async with reading(home.matrix(room), home.memory) as inlet:
                events = await _at_once(_say(home.ada, room, content) for content, _ in asked)
                said = sum(event is not None for event in events)
                assert said >= 230
                assert len(asked) - said <= MOST_REFUSED
                await inlet.until(lambda heard: len(heard.posted) >= said)
                heard = {event.message: event for event in inlet.posted}
            assert len(heard) == said
            for event, (content, meant) in zip(events, asked, strict=True):
                if event is not None:
                    assert _said(heard[event]) == meant, content

    asyncio.run(asyncio.wait_for(sent(), 120))


async def _say(friend: Friend, room: str, content: Mapping[str, Any]) -> str | None:
    """Send it; the event's id, None where Synapse refuses it: null bytes, no body, no mentions."""
    where = f"rooms/{quote(room)}/send/m.room.message/{secrets.token_hex(8)}"
    status, told = await friend.ask("PUT", where, content)
    return str(told["event_id"]) if status == 200 else None


def _said(event: MessagePosted) -> str:
    """The tree in short, with the ids of the table's account; Ada may call all who are here."""
    said = short(event.body).replace(f"{ACCOUNT}/", f"{reading_table.ACCOUNT}/")
    return said.replace("@(room!)", "@(room)")
