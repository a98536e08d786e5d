"""What deciding asks of the house that it happens in. Whoever runs the bot, or a test, gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.custody.gatekeeper import Gatekeeper
from bot.custody.numbering import SeriesList
from bot.events import DeliveryId, RoomId
from bot.platforms.base import Capabilities
from bot.sharing.teams import Directory, TeamKey
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Council:
    """Who decides in a channel by its settings: the teams on its roster with a voice, those who
    only read, who presides.
    """

    title: str
    roster: frozenset[TeamKey]
    observers: frozenset[TeamKey]
    chair: TeamKey | None


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

    def council(self, channel: str) -> Council:
        """Who decides in a channel."""

    def capable(self, room: RoomId) -> Capabilities:
        """What the network of a room can do."""

    def is_frozen(self, room: RoomId) -> bool:
        """Whether nothing that is said in a room is taken in now."""

    def is_silenced(self, team: TeamKey | None) -> bool:
        """Whether no voice of a team counts now."""

    def new_id(self) -> DeliveryId:
        """An id for a delivery that is to be written."""

    def words_in(self, room: RoomId | None = None) -> Words:
        """The words for a room: its team's where it is a team's home, else the bot's."""
