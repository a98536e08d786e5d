"""The Web API: every method that is played, by its name."""

from __future__ import annotations

from bot.sandbox.slack.methods import (
    auth,
    chat,
    conversations,
    files,
    history,
    membership,
    people,
    reactions,
    views,
)
from bot.sandbox.slack.methods.call import Method

METHODS: dict[str, Method] = {}
for _module in (
    auth, chat, conversations, files, history, membership, people, reactions, views
):  # fmt: skip
    METHODS |= _module.METHODS

__all__ = ["METHODS", "Method"]
