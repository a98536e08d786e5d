"""What advisories ask of the house that they are posted in. Whoever runs the bot, or a test, gives
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.custody.gatekeeper import Gatekeeper
from bot.custody.numbering import SeriesList
from bot.events import DeliveryId, RoomId
from bot.platforms.base import Capabilities
from bot.sharing.teams import Directory, TeamKey
from bot.words import Words


class House(Protocol):
    """Nothing here waits, and nothing changes."""

    def directory(self) -> Directory:
        """Who belongs to which team."""

    def custody(self) -> Gatekeeper:
        """The gate, and what markings mean now."""

    def series(self) -> SeriesList:
        """The series of numbers that there are."""

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        """The rooms of a channel."""

    def roster(self, channel: str) -> frozenset[TeamKey]:
        """The teams that a channel is for."""

    def capable(self, room: RoomId) -> Capabilities:
        """What the network of a room can do."""

    def new_id(self) -> DeliveryId:
        """An id for a delivery that is to be written."""

    def is_veiled(self, channel: str) -> bool:
        """Whether a channel follows the Chatham House Rule: who said what is not told there."""

    def words_in(self, room: RoomId | None = None) -> Words:
        """The words for a room: its team's where it is a team's home, else the bot's."""
