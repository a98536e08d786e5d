"""What a command answers as deliveries: to its asker alone, or to all in the room. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec import structs

from bot.delivery.lengthy import in_parts
from bot.delivery.naming import lane_of
from bot.events import Answer, Control, Outgoing, Post, React
from bot.handler.asked import Asked
from bot.platforms.base import Capabilities
from bot.richtext import RichText
from bot.words import Words
from commands.registry import Enquiry, Reply


class Asking(msgspec.Struct, frozen=True):
    """What third parties are asked, for whom, and since when."""

    asked: Asked
    enquiries: tuple[Enquiry, ...]
    since: datetime


encode_asking = msgspec.json.Encoder().encode
decode_asking = msgspec.json.Decoder(Asking).decode

ANSWERS_LAST = timedelta(minutes=15)
"""A private answer that comes later than this is of no use to the one who asked."""
_CONTROLS_LAST = timedelta(hours=1)
"""How long what can be pressed on an answer that is not kept can be."""
_SEEN = "\N{CHECK MARK}"


def outgoing(
    asked: Asked, reply: Reply, can: Capabilities, words: Words, now: datetime,
    *, replaces: bool, secret: bool, team: str = "",
) -> list[Outgoing]:  # fmt: skip
    """All that leaves with an answer; the first is what asks, where it is a question (`asks`).
    `team`: as of `Answer`.
    """
    if reply.public:
        return [*_posts(asked, reply, can, words), *reply.also]
    controls = _timed(reply.controls, now) if secret else reply.controls
    parts = in_parts(reply.body, can, words)
    last = 0 if reply.asks else len(parts) - 1
    answers = [
        private(asked, part, now, controls=controls if number == last else (),
                replaces=replaces and number == 0, secret=secret, team=team)
        for number, part in enumerate(parts)
    ]  # fmt: skip
    if not can.ephemeral and not asked.direct and asked.message is not None:
        answers.append(Outgoing(asked.room, React(_SEEN, asked.message)))
    return [*answers, *reply.also]


def private(
    asked: Asked, body: RichText, now: datetime, *, controls: tuple[Control, ...] = (),
    replaces: bool = False, secret: bool = False, team: str = "",
) -> Outgoing:  # fmt: skip
    """Something for the asker alone, as long as it is of use."""
    answer = Answer(
        asked.author.person, body, asked.reply, asked.thread, direct=asked.direct,
        controls=controls, replaces=replaces, secret=secret, team=team,
    )  # fmt: skip
    lane = lane_of(asked.author.person)
    return Outgoing(asked.room, answer, lane, expires=now + ANSWERS_LAST)


def _posts(asked: Asked, reply: Reply, can: Capabilities, words: Words) -> Iterable[Outgoing]:
    parts = in_parts(reply.body, can, words)
    last = 0 if reply.asks else len(parts) - 1
    for number, part in enumerate(parts):
        controls = reply.controls if number == last else ()
        post = Post(part, thread=asked.thread, controls=controls)
        yield Outgoing(asked.room, post, matter=reply.matter)


def _timed(controls: Iterable[Control], now: datetime) -> tuple[Control, ...]:
    """The controls of what is not to be kept: what they stand for is erased after a while, too."""
    return tuple(
        each if each.until is not None else structs.replace(each, until=now + _CONTROLS_LAST)
        for each in controls
    )
