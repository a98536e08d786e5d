"""Slack's links to messages."""

from __future__ import annotations

import re

from bot.events import MessageId
from bot.platforms.base import MessageLink

_PERMALINK = re.compile(
    r"<?https://[a-z0-9.-]+/archives/([CGD][A-Z0-9]{2,30})/p(\d{10})(\d{6})(?:[?#][^\s>|]*)?(?:\|[^>]*)?>?"
)

_TS = re.compile(r"\d{10}\.\d{6}")


def permalink(workspace: str, channel: str, message: MessageId) -> str | None:
    """The same, made: what `chat.getPermalink` gives, without a request. `workspace`: its address;
    None where that is not known.
    """
    if not workspace.startswith("https://") or not _TS.fullmatch(message):
        return None
    return f"{workspace.rstrip('/')}/archives/{channel}/p{message.replace('.', '')}"


def read_link(text: str) -> MessageLink | None:
    """`https://NAME.slack.com/archives/C…/p…`, where `p` stands before the message's `ts` without
    its point (https://docs.slack.dev/reference/methods/chat.getPermalink). What follows in the
    query names the thread.
    """
    found = _PERMALINK.fullmatch(text)
    return None if found is None else MessageLink(MessageId(f"{found[2]}.{found[3]}"), found[1])


def room_link(channel: str) -> str:
    """A link that opens a channel in whatever workspace its reader is signed in to
    (https://docs.slack.dev/interactivity/deep-linking#open_a_channel).
    """
    return f"https://slack.com/app_redirect?channel={channel}"
