"""A refusal of the Web API, by the name Slack gives it."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """Answers `{"ok": false, "error": name, …}`; `details` are further fields of the answer."""

    def __init__(self, name: str, **details: Any) -> None:
        super().__init__(name)
        self.name = name
        self.details = details


def invalid_arguments(*messages: str) -> SlackError:
    """What Slack answers where an argument is missing or malformed."""
    lines = [f"[ERROR] {message}" for message in messages]
    return SlackError("invalid_arguments", response_metadata={"messages": lines})
