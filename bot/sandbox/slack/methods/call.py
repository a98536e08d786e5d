"""One request to a method: who asks, with which arguments, and the usual refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.things import App, Channel, Json, Message, User
from bot.sandbox.slack.wire import decode
from bot.sandbox.slack.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """A request by an app. Arguments come from JSON or from a form, where all is text."""

    stage: Stage
    app: App
    arguments: Mapping[str, Any]

    @property
    def world(self) -> World:
        """The state that the method reads and changes."""
        return self.stage.world

    def text(self, name: str, default: str = "") -> str:
        """An argument as text, numbers included."""
        value = self.arguments.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        raise invalid_arguments(f"must be a string [json-pointer:/{name}]")

    def required(self, name: str) -> str:
        """An argument as text; raises `invalid_arguments` where it is missing or empty."""
        value = self.text(name)
        if not value:
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A truth value: JSON's own, or `1`, `true` in a form."""
        value = self.arguments.get(name)
        if value is None:
            return default
        return value in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`; larger ones are cut, as Slack does."""
        try:
            value = int(self.text(name) or default)
        except ValueError:
            raise invalid_arguments(f"must be an integer [json-pointer:/{name}]") from None
        if value < 1:
            raise SlackError("invalid_limit")
        return min(value, most)

    def structure(self, name: str, error: str) -> Any:
        """A list or object: JSON's own, or as a JSON text in a form; raises `error`."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return decode(value)
        except ValueError:
            raise SlackError(error) from None

    def need(self, scope: str) -> None:
        """Raise `missing_scope` where the app was not granted it."""
        if scope not in self.app.scopes:
            raise missing_scope({scope}, self.app.scopes)

    def channel(self, name: str = "channel", *, named: bool = False) -> Channel:
        """The conversation of an argument, if the app may know of it; `named`: `#name` too."""
        word = self.text(name)
        world = self.world
        found = world.find_channel(word) if named else world.channels.get(word)
        if found is None or (found.private and self.app.user not in found.members):
            raise SlackError("channel_not_found")
        if found.im_with and self.app.user not in found.members:
            raise SlackError("channel_not_found")
        return found

    def joined(self, name: str = "channel") -> Channel:
        """As `channel`, and the app is a member."""
        found = self.channel(name)
        if self.app.user not in found.members:
            raise SlackError("not_in_channel")
        return found

    def user(self, word: str) -> User:
        """A person or bot user by id; raises `user_not_found`."""
        found = self.world.users.get(word)
        if found is None:
            raise SlackError("user_not_found")
        return found

    def message(self, channel: Channel, name: str) -> Message:
        """A message by its `ts`; raises `message_not_found`."""
        found = channel.messages.get(self.text(name))
        if found is None:
            raise SlackError("message_not_found")
        return found


@dataclass(frozen=True, slots=True)
class Method:
    """How a method is played. `scopes`: one of them is needed; none where the play asks itself."""

    play: Callable[[Call], Json]
    scopes: frozenset[str] = frozenset()
    by_app_token: bool = False
    """Wants the app-level token instead of the bot's."""


def missing_scope(needed: set[str] | frozenset[str], provided: set[str]) -> SlackError:
    """Slack's answer where a token lacks a scope."""
    return SlackError(
        "missing_scope", needed=",".join(sorted(needed)), provided=",".join(sorted(provided))
    )


class Chapter(dict[str, Method]):
    """The methods of one concept; the decorator enters a function under its name."""

    def method(
        self, name: str, *scopes: str, by_app_token: bool = False
    ) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
        """Play `name` by the function that follows."""

        def enter(play: Callable[[Call], Json]) -> Callable[[Call], Json]:
            self[name] = Method(play, frozenset(scopes), by_app_token)
            return play

        return enter


def page(items: list[Any], call: Call, default: int, most: int) -> tuple[list[Any], str]:
    """One page of a list and the cursor of the next, "" at the end."""
    limit = call.number("limit", default, most)
    start = cursor_position(call)
    cursor = f"p{start + limit}" if start + limit < len(items) else ""
    return items[start : start + limit], cursor


def cursor_position(call: Call) -> int:
    """Where the page begins; raises `invalid_cursor`."""
    cursor = call.text("cursor")
    if not cursor:
        return 0
    if not cursor.startswith("p") or not cursor[1:].isdecimal():
        raise SlackError("invalid_cursor")
    return int(cursor[1:])
