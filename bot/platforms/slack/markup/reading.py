"""Slack's messages as trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.events import AccountId
from bot.platforms.slack.lookups import Lookups, Names
from bot.platforms.slack.markup import attachments
from bot.platforms.slack.markup.blocks import BlockReader
from bot.platforms.slack.markup.flat import Section, nested
from bot.platforms.slack.markup.phrases import PHRASES, Phrases
from bot.richtext import Block, RichText, bounded, plain_inline


def read_message(
    message: Mapping[str, Any],
    account: AccountId,
    lookups: Lookups,
    phrases: Phrases = PHRASES,
) -> RichText:
    """What a message shows: its blocks, else its text with Slack's marks, and the attachments of
    bots. Anything may be given; what no person writes is code from some place on (`bounded`).
    Files are not part of it.
    """
    reader = BlockReader(account, lookups, phrases)
    body = reader.read(message.get("blocks"))
    text = message.get("text")
    if not body and isinstance(text, str):
        body = (
            reader.text(text)
            if message.get("mrkdwn") is not False
            else nested([Section(reader.typed(text))])
        )
    return bounded(
        RichText((*body, *attachments.read(message.get("attachments"), reader, phrases)))
    )


def read_blocks(
    blocks: Any, account: AccountId, lookups: Lookups, phrases: Phrases = PHRASES
) -> tuple[Block, ...]:
    """What blocks show."""
    return BlockReader(account, lookups, phrases).read(blocks)


def read_mrkdwn(text: str, account: AccountId, lookups: Lookups) -> RichText:
    """A text with Slack's marks as a tree."""
    return bounded(RichText(BlockReader(account, lookups).text(text)))


def read(text: str, account: AccountId, names: Names | Lookups) -> RichText:
    """A text as a tree in which Slack's links, mentions and commands mean what they do, and all
    else, `*bold*` too, is as it was typed.
    """
    lookups = names if isinstance(names, Lookups) else Lookups(people=names)
    reader = BlockReader(account, lookups)
    return RichText(nested([Section(reader.typed(text))]))


def typed(text: str, account: AccountId, names: Names | Lookups) -> str:
    """What a person typed after a command, with Slack's own links and escapes undone."""
    lookups = names if isinstance(names, Lookups) else Lookups(people=names)
    return plain_inline(BlockReader(account, lookups).typed(text))
