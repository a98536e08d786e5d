"""What a workspace is made of: people, apps, rooms, messages and files. Inert values."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

Json = dict[str, Any]

DEFAULT_SCOPES = frozenset(
    [
        "commands",
        "chat:write",
        "chat:write.customize",
        "channels:read",
        "groups:read",
        "channels:history",
        "groups:history",
        "im:write",
        "im:history",
        "users:read",
        "reactions:read",
        "reactions:write",
        "files:read",
        "files:write",
        "metadata.message:read",
        "emoji:read",
        "team:read",
        "usergroups:read",
        "pins:read",
    ]
)
"""What the app is granted unless told otherwise; everything else answers `missing_scope`."""
APP_SCOPES = frozenset({"connections:write"})


@dataclass(slots=True)
class User:
    """A person, or the bot user of an app (`bot_id` set)."""

    id: str
    team_id: str
    name: str
    real_name: str
    display_name: str = ""
    email: str = ""
    bot_id: str = ""
    app_id: str = ""
    deleted: bool = False
    restricted: bool = False
    ultra_restricted: bool = False
    admin: bool = False
    stranger: bool = False
    tz: str = "Etc/UTC"
    locale: str = "en-US"
    updated: int = 0
    image: str = ""
    """Where their picture is."""
    picture: bytes = b""
    """What is there, if that is here."""


@dataclass(slots=True)
class App:
    """An installed app: its tokens, what it was granted and what it listens to."""

    id: str
    name: str
    user: str
    bot_id: str
    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    scopes: set[str] = field(default_factory=lambda: set(DEFAULT_SCOPES))
    app_scopes: set[str] = field(default_factory=lambda: set(APP_SCOPES))
    revoked: bool = False
    app_token_revoked: bool = False
    events: frozenset[str] | None = None
    """The event types it subscribed to; None: every one."""


@dataclass(slots=True)
class Message:
    """A message as it stands. `app` names the app that sent it, "" where a person did."""

    ts: str
    user: str
    text: str
    app: str = ""
    subtype: str = ""
    username: str = ""
    icons: dict[str, str] | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = None
    thread_ts: str = ""
    edited: tuple[str, str] | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    client_msg_id: str = ""
    extra: Json | None = None
    """What only some subtypes carry: inviter, topic, name, old_name …"""

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    @property
    def in_channel(self) -> bool:
        """Whether `conversations.history` shows it: everything but unbroadcast replies."""
        return not self.is_reply or self.subtype == "thread_broadcast"


@dataclass(slots=True)
class Channel:
    """A conversation and what was said in it."""

    id: str
    name: str
    creator: str
    created: int
    private: bool = False
    im_with: str = ""
    """The person of a direct message with an app, "" for rooms."""
    mpim: bool = False
    archived: bool = False
    general: bool = False
    shared: bool = False
    members: dict[str, None] = field(default_factory=dict)
    topic: str = ""
    purpose: str = ""
    previous_names: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    timeline: list[str] = field(default_factory=list)
    """The `ts` of what history shows, oldest first."""
    threads: dict[str, list[str]] = field(default_factory=dict)
    """Root `ts` → the replies' `ts`, oldest first."""
    pins: dict[str, tuple[str, int]] = field(default_factory=dict)
    said: int = 0
    """Messages ever said here, those that were dropped or deleted included."""
    last: tuple[int, int] = (0, 0)

    @property
    def kind(self) -> str:
        """As the scopes name it: channels, groups, im or mpim."""
        if self.im_with:
            return "im"
        if self.mpim:
            return "mpim"
        return "groups" if self.private else "channels"

    @property
    def channel_type(self) -> str:
        """As events name it."""
        return {"channels": "channel", "groups": "group"}.get(self.kind, self.kind)

    def add(self, message: Message) -> None:
        """Put a message where it belongs; its `ts` must be from `World.stamp`."""
        self.messages[message.ts] = message
        self.said += 1
        if message.is_reply:
            insort(self.threads.setdefault(message.thread_ts, []), message.ts)
        if message.in_channel:
            insort(self.timeline, message.ts)

    def drop(self, ts: str) -> Message:
        """Take a message away; raises KeyError where there is none."""
        message = self.messages.pop(ts)
        if message.is_reply:
            replies = self.threads.get(message.thread_ts, [])
            if ts in replies:
                replies.remove(ts)
            if not replies:
                self.threads.pop(message.thread_ts, None)
        if message.in_channel:
            del self.timeline[bisect_left(self.timeline, ts)]
        self.pins.pop(ts, None)
        return message

    def trim(self, keep: int) -> None:
        """Forget the oldest beyond `keep`, a quarter at a time so that each costs little."""
        if len(self.messages) > keep + keep // 4 + 1:
            for ts in list(islice(self.messages, len(self.messages) - keep)):
                self.drop(ts)
            for root in [root for root in self.threads if root not in self.messages]:
                del self.threads[root]


@dataclass(slots=True)
class File:
    """An upload: `complete` once `files.completeUploadExternal` named it."""

    id: str
    name: str
    title: str
    user: str
    created: int
    length: int
    mimetype: str
    filetype: str
    content: bytes = field(default=b"", repr=False)
    uploaded: bool = False
    complete: bool = False
    shares: dict[str, list[str]] = field(default_factory=dict)
    """Channel id → the `ts` of the messages that share it."""


@dataclass(slots=True)
class UserGroup:
    """A `<!subteam^S…>`."""

    id: str
    name: str
    handle: str
    users: list[str]
    created: int


@dataclass(slots=True)
class View:
    """A modal or a home tab that stands open."""

    id: str
    user: str
    app: str
    body: Json
    hash: str
    root: str
    previous: str = ""
    team: str = ""
