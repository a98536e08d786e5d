"""What people do to the bot: commands, buttons, shortcuts, forms."""

from __future__ import annotations

from bot.sandbox.slack import deeds, rooms
from bot.sandbox.slack.operations.base import Operations
from bot.sandbox.slack.stage import Interaction
from bot.sandbox.slack.things import Json


class Addressing(Operations):
    """People and the bot."""

    def command(self, channel: str, user: str, name: str, text: str = "") -> Interaction:
        """A person types a slash-command."""
        place, person = self._channel(channel), self._user(user)
        return deeds.command(self.stage, self.app, place, person, name, text)

    def open_home(self, user: str) -> None:
        """A person opens the bot's Home tab."""
        rooms.open_home(self.stage, self.app, self._user(user).id)

    def press(
        self, channel: str, user: str, ts: str, action_id: str, block_id: str = ""
    ) -> Interaction:
        """A person presses a button of a message that all see, or that they alone see; raises
        KeyError where there is none.
        """
        place, person = self._channel(channel), self._user(user)
        whispers = {each.ts: each for each in self.stage.ephemerals if each.user == user}
        message = place.messages.get(ts) or whispers[ts]
        for block in message.blocks or []:
            for element in [*block.get("elements", []), block.get("accessory") or {}]:
                fits = element.get("action_id") == action_id
                if fits and block_id in {"", block["block_id"]}:
                    action = element | {"block_id": block["block_id"]}
                    return deeds.press(self.stage, self.app, place, person, message, action)
        raise KeyError(action_id)

    def repeat(self, deed: Interaction) -> None:
        """Slack sends a press, shortcut or form once more, in another envelope."""
        deeds.repeat(self.stage, self.app, deed)

    def shortcut(self, user: str, callback_id: str, channel: str = "", ts: str = "") -> Interaction:
        """A person chooses a shortcut, on a message where one is named."""
        person = self._user(user)
        if not ts:
            return deeds.global_shortcut(self.stage, self.app, person, callback_id)
        place = self._channel(channel)
        message = place.messages[ts]
        return deeds.shortcut(self.stage, self.app, place, person, message, callback_id)

    def submit(self, user: str, view: str, values: Json) -> Interaction:
        """A person sends off a modal; `values`: block id → action id → value."""
        shown = self.world.views[view]
        return deeds.submit(self.stage, self.app, self._user(user), shown, values)

    def close_view(self, user: str, view: str) -> Interaction | None:
        """A person closes a modal."""
        shown = self.world.views[view]
        return deeds.close(self.stage, self.app, self._user(user), shown)
