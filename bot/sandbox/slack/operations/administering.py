"""What administrators do: members, rooms, tokens, scopes."""

from __future__ import annotations

from bot.sandbox.slack import acts, rooms
from bot.sandbox.slack.operations.base import Operations


class Administering(Operations):
    """The workspace's own affairs."""

    def invite(self, channel: str, user: str = "", inviter: str = "") -> None:
        """Bring somebody in; nobody named: the bot."""
        rooms.join(self.stage, self._channel(channel), user or self.app.user, inviter)

    def kick(self, channel: str, user: str = "", actor: str = "") -> None:
        """Put somebody out; nobody named: the bot."""
        rooms.leave(self.stage, self._channel(channel), user or self.app.user, actor)

    def archive(self, channel: str, user: str = "") -> None:
        """Archive a room."""
        place = self._channel(channel)
        rooms.archive(self.stage, place, user or place.creator)

    def unarchive(self, channel: str, user: str = "") -> None:
        """Open a room again."""
        place = self._channel(channel)
        rooms.unarchive(self.stage, place, user or place.creator)

    def rename(self, channel: str, name: str, user: str = "") -> None:
        """Give a room another name."""
        place = self._channel(channel)
        rooms.rename(self.stage, place, user or place.creator, name)

    def change_id(self, channel: str) -> str:
        """Convert a room in the way that gives it another id; returns that."""
        return rooms.change_id(self.stage, self._channel(channel))

    def make_private(self, channel: str, user: str = "") -> None:
        """Convert a public room to a private one: its id stays."""
        place = self._channel(channel)
        rooms.make_private(self.stage, place, user or place.creator)

    def make_public(self, channel: str, user: str = "") -> None:
        """Convert a private room to a public one."""
        place = self._channel(channel)
        rooms.make_public(self.stage, place, user or place.creator)

    def share(self, channel: str, team: str, *, shared: bool = True) -> None:
        """Share a room with another workspace, by its id, or share it no more."""
        rooms.share(self.stage, self._channel(channel), team, shared=shared)

    def set_topic(self, channel: str, topic: str, user: str = "") -> None:
        """Give a room another topic."""
        place = self._channel(channel)
        rooms.set_topic(self.stage, place, user or place.creator, topic)

    def revoke(self) -> None:
        """Take the bot's token away."""
        acts.revoke(self.stage, self.app)

    def revoke_app_token(self) -> None:
        """Take the app-level token away: no new sockets."""
        self.app.app_token_revoked = True

    def restore(self) -> None:
        """Give the app its tokens back."""
        self.app.revoked = self.app.app_token_revoked = False

    def grant(self, scopes: list[str]) -> None:
        """Grant the bot further scopes."""
        self.app.scopes |= set(scopes)

    def withdraw(self, scopes: list[str]) -> None:
        """Take scopes away."""
        self.app.scopes -= set(scopes)
