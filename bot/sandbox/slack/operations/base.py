"""What every operation starts from: the stage, and things by their ids."""

from __future__ import annotations

from bot.sandbox.slack.sockets import Switchboard
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.things import Channel, User
from bot.sandbox.slack.world import World


class Operations:
    """Operations on one workspace. `app` is the bot that was installed first."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.app = next(iter(stage.world.apps.values()))

    @property
    def world(self) -> World:
        """The state, for those who want to look closely."""
        return self.stage.world

    @property
    def _board(self) -> Switchboard:
        return self.stage.boards[self.app.id]

    def _channel(self, id_: str) -> Channel:
        return self.world.channels[id_]

    def _user(self, id_: str) -> User:
        return self.world.users[id_]
