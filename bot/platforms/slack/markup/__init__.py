"""Slack's markup and the tree, both ways: pure.

Reading goes from blocks (`elements`, `blocks`, `attachments`) or text (`mrkdwn`, `tokens`,
`spans`) to a flat run (`flat`) and from there to the tree; writing goes the same way back
(`flatten`, `writing`).
"""

from bot.platforms.slack.lookups import Lookups, Names
from bot.platforms.slack.markup.escaped import of_blocks
from bot.platforms.slack.markup.escaping import escape, mentioned, storable, unescape
from bot.platforms.slack.markup.phrases import PHRASES, Phrases
from bot.platforms.slack.markup.reading import (
    read,
    read_blocks,
    read_message,
    read_mrkdwn,
    typed,
)
from bot.platforms.slack.markup.splitting import LIMITS, Limits, cost, split
from bot.platforms.slack.markup.writing import Written, fallback, write, write_blocks

__all__ = [
    "LIMITS",
    "PHRASES",
    "Limits",
    "Lookups",
    "Names",
    "Phrases",
    "Written",
    "cost",
    "escape",
    "fallback",
    "mentioned",
    "of_blocks",
    "read",
    "read_blocks",
    "read_message",
    "read_mrkdwn",
    "split",
    "storable",
    "typed",
    "unescape",
    "write",
    "write_blocks",
]
