"""What paging asks of the house that it rings from. Whoever runs the bot, or a test, gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.custody.gatekeeper import Gatekeeper
from bot.events import DeliveryId, MessageId, RoomId
from bot.sharing.teams import Directory, TeamKey
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Service:
    """One of the ways by which a team is alerted beside chat: `name` tells nothing of its URL,
    `kind` is what people call it (`mail`, `json`, `ntfy`).
    """

    name: str
    kind: str


class House(Protocol):
    """Nothing here waits, and nothing changes."""

    def directory(self) -> Directory:
        """Who belongs to which team."""

    def custody(self) -> Gatekeeper:
        """The gate, and what markings mean now."""

    def admin_rooms(self) -> Sequence[RoomId]:
        """The admin rooms."""

    def services(self, team: TeamKey) -> Sequence[Service]:
        """How a team is alerted beside chat, in the configuration's order."""

    def link_to(self, room: RoomId) -> str | None:
        """A link by which people open a room."""

    def link_to_message(self, room: RoomId, message: MessageId) -> str | None:
        """The same of a message, as far as it is known now."""

    def new_id(self) -> DeliveryId:
        """An id for a delivery that is to be written."""

    def words_in(self, room: RoomId | None = None) -> Words:
        """The words for a room: its team's where it is a team's home, else the bot's."""
