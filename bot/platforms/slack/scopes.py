"""What the code asks of Slack, declared once: Web API methods, events, and the scopes they need.

The manifest, `liaison check` and the calls themselves are held to these tables.
Source: the pages of each method and event at https://docs.slack.dev/reference.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method: the bot's scopes that it needs, and how it is called."""

    scopes: tuple[str, ...] = ()
    writes: bool = False
    """Sent as JSON by POST; what only reads goes as a form, which every method accepts."""
    app_level: bool = False
    """Called with the app-level token."""


_HISTORY = ("channels:history", "groups:history", "im:history", "metadata.message:read")
_ROOMS = ("channels:read", "groups:read")

METHODS: dict[str, Method] = {
    "apps.connections.open": Method(("connections:write",), app_level=True),
    "auth.test": Method(),
    "chat.delete": Method(("chat:write",), writes=True),
    "chat.postEphemeral": Method(("chat:write",), writes=True),
    "chat.postMessage": Method(("chat:write", "chat:write.customize"), writes=True),
    "chat.update": Method(("chat:write",), writes=True),
    "conversations.history": Method(_HISTORY),
    "conversations.info": Method(_ROOMS),
    "conversations.list": Method(_ROOMS),
    "conversations.members": Method(_ROOMS),
    "conversations.replies": Method(_HISTORY),
    "emoji.list": Method(("emoji:read",)),
    "files.completeUploadExternal": Method(("files:write",), writes=True),
    "files.delete": Method(("files:write",), writes=True),
    "files.getUploadURLExternal": Method(("files:write",)),
    "files.info": Method(("files:read",)),
    "reactions.add": Method(("reactions:write",), writes=True),
    "reactions.remove": Method(("reactions:write",), writes=True),
    "usergroups.list": Method(("usergroups:read",)),
    "users.conversations": Method(_ROOMS),
    "users.info": Method(("users:read",)),
    "users.list": Method(("users:read",)),
    "views.open": Method(writes=True),
    "views.publish": Method(writes=True),
}
"""Every method that this folder calls; `Web.call` knows no other."""

EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "channel_archive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_id_changed": ("channels:read",),
    "channel_left": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unarchive": ("channels:read",),
    "channel_unshared": ("channels:read", "groups:read"),
    "emoji_changed": ("emoji:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "pin_added": ("pins:read",),
    "pin_removed": ("pins:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
}
"""Every event that the manifest subscribes to. A mention of the bot is a message event too."""

COMMANDS = "commands"
"""The scope of slash-commands."""

MENDS: dict[str, str] = {
    "metadata.message:read": "to find its own messages after an interrupted request",
    "chat:write.customize": "to show the author's name on what it relays",
    "users:read": "to show people's names, and to tell members from guests",
    "emoji:read": "to show the workspace's own emoji as pictures",
    "files:read": "to relay files to other networks",
    "files:write": "to share the files of other networks",
    "pins:read": "to hear what is pinned",
    "reactions:read": "to relay reactions",
    "reactions:write": "to react for others, and to mark what it has done",
    "usergroups:read": "to show the names of user groups",
    "commands": "for its slash-commands",
}
"""What a scope is for, where its name does not say it."""


def bot_scopes() -> tuple[str, ...]:
    """The bot's scopes, all that the code needs and no other, in order."""
    needed = {COMMANDS}
    for method in METHODS.values():
        if not method.app_level:
            needed.update(method.scopes)
    for scopes in EVENTS.values():
        needed.update(scopes)
    return tuple(sorted(needed))
