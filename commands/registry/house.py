"""What commands may ask of the running house: one view of it, and inert values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from sqlalchemy.orm import Session

from bot.custody.frozen import Frozen
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.holding import Holds
from bot.custody.numbering import SeriesList
from bot.custody.pending import Item, Reader
from bot.decisions.house import Council
from bot.events import AccountId, DeliveryId, MessageId, PersonId, RoomId
from bot.paging.house import Service
from bot.platforms.base import Capabilities
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey
from bot.sharing.traits import Shortcoming
from bot.words import Words


@dataclass(frozen=True, slots=True)
class SilenceView:
    """How silence is kept in a channel, by its settings (see `bot.decisions.silence.Rules`)."""

    minimum: timedelta = timedelta(hours=1)
    grace: timedelta = timedelta(minutes=15)
    unreached: str = "extend"
    confirm: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A coordination channel, as commands may know it."""

    name: str
    title: str
    ceiling: Label = Label.CLEAR
    marking: Label = Label.CLEAR
    """Of a message that bears none."""
    teams: tuple[str, ...] | None = None
    """The roster as it is configured; None: every team with a member in one of the rooms."""
    chair: str | None = None
    observers: tuple[str, ...] = ()
    waiver: str = ""
    chatham_house: bool = False
    zone: tzinfo = UTC
    silence: SilenceView = SilenceView()


@dataclass(frozen=True, slots=True)
class AudienceView:
    """Who reads a room. `people`: how many are in it by team, 0 where they may only enter it;
    `strangers`: how many are of no team, `homes`: whose people may all enter, and are of none;
    `lacks`: what it lacks for its channel's ceiling, though a waiver may allow that.
    """

    known: bool = False
    people: Mapping[TeamKey, int] = field(default_factory=dict)
    strangers: int = 0
    homes: tuple[str, ...] = ()
    world: bool = False
    lacks: tuple[Shortcoming, ...] = ()


@dataclass(frozen=True, slots=True)
class LaneView:
    """What a room's lane holds: how many deliveries wait (those being sent included), are of
    unknown outcome, are dead; when the oldest of the first two was said; when one last landed.
    """

    waiting: int = 0
    unknown: int = 0
    dead: int = 0
    oldest: datetime | None = None
    last_delivered: datetime | None = None


class House(Protocol):
    """What commands may ask of the running house. Nothing here waits, and nothing changes."""

    def channels(self) -> Mapping[str, ChannelView]:
        """Every configured channel by its name, in the configuration's order."""

    def directory(self) -> Directory:
        """Who belongs to which team."""

    def held(self, session: Session) -> Holds:
        """What is under a legal hold."""

    def custody(self) -> Gatekeeper:
        """The gate, and what markings mean now."""

    def frozen(self) -> Frozen:
        """What is frozen and what is paused; what freezes something lets this know at once."""

    def admin_rooms(self) -> Sequence[RoomId]:
        """The configured admin rooms, in the configuration's order."""

    def linked(self, session: Session, person: PersonId) -> Mapping[PersonId, str]:
        """The other accounts of the same human, with what they are called there."""

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        """The rooms of a channel, in the configuration's order."""

    def audience(self, room: RoomId) -> AudienceView:
        """Who reads a room, as far as it was read."""

    def is_admin_room(self, room: RoomId) -> bool:
        """Whether a room is one of the configured admin rooms."""

    def connected(self, account: AccountId) -> bool:
        """Whether an account receives live events now."""

    def troubles(self, account: AccountId) -> Mapping[RoomId | None, str]:
        """What does not work of an account: rooms, and (None) itself, with the reason's code."""

    def since(self, account: AccountId) -> datetime | None:
        """Since when it is connected, or is not; None where that is not known."""

    def catch_up(self, channel: str) -> tuple[int, timedelta]:
        """How many messages of a channel's room, and how old ones, are caught up."""

    def channel_of(self, room: RoomId) -> str | None:
        """The channel that a room belongs to."""

    def series(self) -> SeriesList:
        """The series of numbers that there are."""

    def council(self, channel: str) -> Council:
        """Who decides in a channel."""

    def roster(self, channel: str) -> frozenset[TeamKey]:
        """The teams that a channel is for."""

    def capable(self, room: RoomId) -> Capabilities:
        """What the network of a room can do."""

    def is_frozen(self, room: RoomId) -> bool:
        """Whether nothing that is said in a room is taken in now."""

    def is_silenced(self, team: TeamKey | None) -> bool:
        """Whether no voice of a team counts now."""

    def enrichers(self) -> Mapping[str, Label]:
        """The third parties that may be asked about a value, and up to which marking."""

    def services(self, team: TeamKey) -> Sequence[Service]:
        """How a team is alerted beside chat."""

    def link_to(self, room: RoomId) -> str | None:
        """A link by which people open a room."""

    def link_to_message(self, room: RoomId, message: MessageId) -> str | None:
        """The same of a message, as far as it is known now."""

    def new_id(self) -> DeliveryId:
        """An id for a delivery that is to be written."""

    def pending(
        self, session: Session, reader: Reader, channel: str | None = None
    ) -> Sequence[Item]:
        """What is open, as far as the reader may know of it: of a channel, or of all."""

    def is_veiled(self, channel: str) -> bool:
        """Whether a channel follows the Chatham House Rule: who said what is not told there."""

    def words_in(self, room: RoomId | None = None) -> Words:
        """The words for a room: its team's where it is a team's home, else the bot's."""

    def waiting(self, session: Session, channel: str | None = None) -> Mapping[RoomId, LaneView]:
        """The lanes of a channel's rooms; without a channel every lane that holds anything, and
        when something last landed is left out. A room that is absent has an empty lane.
        """
