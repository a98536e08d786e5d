"""One workspace, as people and tests work it: say, edit, press, misbehave, and read what arrived.

Every public method takes and gives plain values (ids, text, numbers) and is offered under the
same name by the control endpoint.
"""

from __future__ import annotations

from bot.sandbox.slack.operations.addressing import Addressing
from bot.sandbox.slack.operations.administering import Administering
from bot.sandbox.slack.operations.making import Making
from bot.sandbox.slack.operations.misbehaving import Misbehaving
from bot.sandbox.slack.operations.observing import Observing
from bot.sandbox.slack.operations.talking import Talking


class Workspace(Making, Talking, Addressing, Administering, Misbehaving, Observing):
    """A workspace with one app installed, `app`."""

    @property
    def api_url(self) -> str:
        """What a client takes as its `base_url`."""
        return f"{self.world.address}/api/"

    def credentials(self) -> dict[str, str]:
        """What the configuration of a bot needs."""
        return {
            "api_url": self.api_url,
            "bot_token": self.app.bot_token,
            "app_token": self.app.app_token,
            "team_id": self.world.team_id,
            "bot_user": self.app.user,
            "bot_id": self.app.bot_id,
            "app_id": self.app.id,
        }
