"""The line above a message that was brought over late: when it was said, and when released."""

from __future__ import annotations

import re
from datetime import datetime

from bot.richtext import Block, Paragraph, Quote, Text, Time
from bot.words import Words
from bot.words.times import moment

_PLACES = "\x00", "\x01"
"""Where times are put into words: no catalogue has these."""


def dated(when: datetime) -> Block:
    """The line, which each reader sees in their own zone where the network can show that.

    `when` is in UTC.
    """
    words = f"{when:%Y-%m-%d %H:%M} UTC"
    return Quote((Paragraph((Time(int(when.timestamp()), words),)),))


def dated_release(said: datetime, released: datetime, words: Words, *, changed: bool) -> Block:
    """The line of what was released: both times, and whether it was changed since it was said."""
    said_at, released_at = _PLACES
    text = words("said {said}, released {released}", said=said_at, released=released_at)
    if changed:
        text = words("{times}, changed in between", times=text)
    times = {said_at: said, released_at: released}
    pieces = re.split(f"([{said_at}{released_at}])", text)
    leaves = (
        Time(int(times[piece].timestamp()), moment(words, times[piece], released))
        if piece in times
        else Text(piece)
        for piece in pieces
        if piece
    )
    return Quote((Paragraph(tuple(leaves)),))


def is_dated(block: Block) -> bool:
    """Whether a block is such a line."""
    match block:
        case Quote((Paragraph((Time(),)),)):
            return True
        case Quote((Paragraph(leaves),)):
            times = sum(isinstance(leaf, Time) for leaf in leaves)
            return times == 2 and all(isinstance(leaf, Text | Time) for leaf in leaves)
        case _:
            return False
