"""Making people, rooms and groups."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import acts, rooms
from bot.sandbox.slack.operations.base import Operations
from bot.sandbox.slack.things import UserGroup


class Making(Operations):
    """What stands when the story begins."""

    def person(self, name: str, **facts: Any) -> str:
        """A new person; returns their id. `facts` are fields of `world.User`."""
        return self.world.add_user(name, **facts).id

    def welcome(self, name: str, **facts: Any) -> str:
        """A new person of whom the apps are told; returns their id."""
        person = self.world.add_user(name, **facts)
        acts.welcome(self.stage, person)
        return person.id

    def change_person(self, user: str, **facts: Any) -> None:
        """Change facts of a person; the apps are told."""
        person = self._user(user)
        for name, value in facts.items():
            setattr(person, name, value)
        acts.change_user(self.stage, person)

    def room(
        self, name: str, members: list[str], *, private: bool = False, bot: bool = True
    ) -> str:
        """A new room with these members, and the bot unless told otherwise; returns its id.

        Nothing is announced of it: it stands when the story begins.
        """
        channel = self.world.add_channel(name, members[0] if members else "", private=private)
        channel.members |= dict.fromkeys(members)
        if bot:
            channel.members[self.app.user] = None
        return channel.id

    def direct(self, user: str) -> str:
        """The direct message between a person and the bot; returns its id."""
        return rooms.open_direct(self.stage, self.app, user).id

    def group(self, name: str, handle: str, users: list[str]) -> str:
        """A new user group; returns its id."""
        made = UserGroup(self.world.new_id("S"), name, handle, users, int(self.world.now()))
        self.world.groups[made.id] = made
        return made.id
