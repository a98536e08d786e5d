"""The state of one Slack workspace: who and what is in it, its ids and its stamps. No I/O."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable
from itertools import count
from typing import Any

from bot.sandbox.slack.things import App, Channel, File, Message, User, UserGroup, View

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class World:
    """One workspace. Every id in it is its own: two workspaces never share one."""

    def __init__(self, name: str, *, now: Callable[[], float], keep: int | None = None) -> None:
        self.name = name
        self.now = now
        self.keep = keep
        self._salt = _base36(zlib.crc32(name.encode()), 4)
        self._count = count(1)
        self.team_id = self.new_id("T")
        self.domain = name
        self.address = ""
        """Where the server serves this workspace, set by it."""
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.apps: dict[str, App] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.groups: dict[str, UserGroup] = {}
        self.emoji: dict[str, str] = {}

    def new_id(self, prefix: str) -> str:
        """An id as Slack makes them: a letter that tells the kind, then digits and letters."""
        return f"{prefix}0{self._salt}{_base36(next(self._count), 5)}"

    def stamp(self, channel: Channel) -> str:
        """The next `ts` of a channel: unique there and larger than every one before it.

        Two channels may have the same one at the same moment, as in Slack.
        """
        second, step = channel.last
        now = int(self.now())
        if now > second:
            channel.last = (now, 100)
        elif step + 100 < 1_000_000:
            channel.last = (second, step + 100)
        else:
            channel.last = (second + 1, 100)
        return f"{channel.last[0]}.{channel.last[1]:06d}"

    def moment(self) -> str:
        """The present as an `event_ts`, for what is no message."""
        return f"{self.now():.6f}"

    def add_user(self, name: str, **facts: Any) -> User:
        """A new person; `facts` are further fields of `User`."""
        facts = {"real_name": name, "display_name": name} | facts
        team = facts.pop("team_id", self.team_id)
        handle = name.lower().replace(" ", ".")
        user = User(
            id=self.new_id("U"), team_id=team, name=handle, updated=int(self.now()), **facts
        )
        self.users[user.id] = user
        return user

    def add_app(self, name: str, *, bot_token: str = "", app_token: str = "") -> App:
        """Install an app with a bot user; tokens are made where none are given."""
        app_id, bot_id = self.new_id("A"), self.new_id("B")
        user = self.add_user(name, bot_id=bot_id, app_id=app_id)
        app = App(
            id=app_id,
            name=name,
            user=user.id,
            bot_id=bot_id,
            bot_token=bot_token or f"xoxb-{secrets.token_hex(12)}",
            app_token=app_token or f"xapp-{secrets.token_hex(12)}",
        )
        self.apps[app_id] = app
        return app

    def add_channel(self, name: str, creator: str, **facts: Any) -> Channel:
        """A new room or direct message; `facts` are further fields of `Channel`."""
        prefix = "D" if facts.get("im_with") else "C"
        channel = Channel(
            id=self.new_id(prefix),
            name=name,
            creator=creator,
            created=int(self.now()),
            **facts,
        )
        self.channels[channel.id] = channel
        return channel

    def direct(self, app: App, user: str) -> Channel | None:
        """The direct message between an app and a person, if there is one."""
        for channel in self.channels.values():
            if channel.im_with == user and app.user in channel.members:
                return channel
        return None

    def find_channel(self, word: str) -> Channel | None:
        """A channel by its id, its name or `#name`."""
        found = self.channels.get(word)
        if found is None and word:
            name = word.removeprefix("#")
            found = next((c for c in self.channels.values() if c.name == name), None)
        return found

    def app_of_bot(self, user: str) -> App | None:
        """The app whose bot user this is."""
        return next((app for app in self.apps.values() if app.user == user), None)

    def remember(self, channel: Channel, message: Message) -> None:
        """Add a message and keep to the bound."""
        channel.add(message)
        if self.keep is not None:
            channel.trim(self.keep)


def _base36(number: int, width: int) -> str:
    digits = ""
    while len(digits) < width:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits
