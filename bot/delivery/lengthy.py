"""The bot's own words in as many messages as a network takes them in. Pure."""

from __future__ import annotations

from bot.platforms.base import Capabilities
from bot.richtext import Paragraph, RichText, Text, plain
from bot.richtext.splitting import beginning, split
from bot.sharing.marking import parse_label
from bot.words import Words

_KEPT = 5
"""Messages' worth that is shown of what ten messages do not hold."""


def in_parts(body: RichText, can: Capabilities, words: Words) -> tuple[RichText, ...]:
    """A body in parts, each of one message: below the label that its first line begins with, since
    that stands on every part (FIRST's TLP 2.0, usage). Of what is longer than ten messages the
    beginning, and a word that there is more.
    """
    if can.cost(body) <= can.longest_text:
        return (body,)
    line = _label(body)
    room = max(can.longest_text - can.cost(RichText(line)), can.longest_text // 2)
    parts = split(body, can.cost, room)
    if parts is None:
        shown = beginning(body, can.cost, room * _KEPT)
        note = Paragraph((Text(words("There is more, too long to be shown here.")),))
        parts = split(RichText((*shown.blocks, note)), can.cost, room) or (shown,)
    first, *others = parts
    return (first, *(RichText((*line, *each.blocks)) for each in others))


def _label(body: RichText) -> tuple[Paragraph, ...]:
    """The label that stands first in it, as a line; none where none does."""
    head = plain(RichText(body.blocks[:1])).split(maxsplit=1)
    label = parse_label(head[0]) if head else None
    return () if label is None else (Paragraph((Text(label),)),)
