"""Which other messages a message shows: forwarded ones, and those that it links to. Pure.

Forwarding makes an attachment with `is_share`, and following a message link one with
`is_msg_unfurl`, which comes some time after the message that has the link, or never: Slack makes it
for whoever could read both. So the link counts from the beginning. Both have `channel_id`, `ts`
and `from_url` (seen in https://github.com/ocf/slackbridge/issues/60 and
https://github.com/ColeMurray/background-agents/pull/1143; Slack documents none of them).

Sharing a file that is there already brings the file anew, and no such attachment; where it was
shown before stands in its `shares`, which `files.info` tells
(https://docs.slack.dev/reference/objects/file-object).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.events import MessageId, Quoted, room_id
from bot.platforms.slack import files
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.links import read_link
from bot.platforms.slack.people import ID
from bot.richtext import Link, RichText
from bot.richtext.walking import leaves


def quoted_in(message: Mapping[str, Any], body: RichText, us: Ourselves) -> tuple[Quoted, ...]:
    """What a message with this body shows."""
    attachments = message.get("attachments")
    found = [
        quoted
        for each in (attachments if isinstance(attachments, list) else [])
        if isinstance(each, Mapping) and (each.get("is_share") or each.get("is_msg_unfurl"))
        for quoted in _shared(each, us)
    ]
    found += [
        Quoted(room_id(us.account, channel), MessageId(ts))
        for channel, ts in files.shown_before(message)
    ]
    linked = (leaf.url for leaf in leaves(body) if isinstance(leaf, Link))
    return tuple(dict.fromkeys((*found, *(each for url in linked for each in _linked(url, us)))))


def _shared(attachment: Mapping[str, Any], us: Ourselves) -> Iterator[Quoted]:
    match attachment:
        case {"channel_id": str(channel), "ts": str(ts)} if ID.fullmatch(channel):
            yield Quoted(room_id(us.account, channel), MessageId(ts))
    url = attachment.get("from_url")
    yield from _linked(url, us) if isinstance(url, str) else ()


def _linked(url: str, us: Ourselves) -> Iterator[Quoted]:
    link = read_link(url)
    if link is not None and link.room is not None:
        yield Quoted(room_id(us.account, link.room), link.message)
