"""A small house to give commands in: two networks, two channels, an admin room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.events import AccountId, Author, PersonId, RoomId
from bot.words import words_for
from commands.registry import ChannelView, Context, LaneView

NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
ALPHA, COALITION = AccountId("slack:alpha"), AccountId("matrix:coalition")
SLACK_ROOM, MATRIX_ROOM = RoomId("slack:alpha/C01GEN"), RoomId("matrix:coalition/!abc:example.org")
ADMIN_ROOM = RoomId("matrix:coalition/!adm:example.org")
DIRECT_ROOM = RoomId("slack:alpha/D1")
ADA = Author(PersonId("slack:alpha/U1"), "Ada")


@dataclass
class SmallHouse:
    """A `House` of plain values."""

    rooms: dict[str, list[RoomId]] = field(
        default_factory=lambda: {
            "ransomware": [SLACK_ROOM, MATRIX_ROOM],
            "ports": [RoomId("slack:alpha/C02PORT")],
        }
    )
    lanes: dict[RoomId, LaneView] = field(default_factory=dict)
    down: set[AccountId] = field(default_factory=set)
    times: dict[AccountId, datetime] = field(default_factory=dict)

    def channels(self) -> Mapping[str, ChannelView]:
        return {name: ChannelView(name, name.title()) for name in self.rooms}

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        return self.rooms[channel]

    def is_admin_room(self, room: RoomId) -> bool:
        return room == ADMIN_ROOM

    def connected(self, account: AccountId) -> bool:
        return account not in self.down

    def since(self, account: AccountId) -> datetime | None:
        return self.times.get(account)

    def channel_of(self, room: RoomId) -> str | None:
        return next((name for name in self.channels() if room in self.rooms_of(name)), None)

    def waiting(self, session: Session, channel: str | None = None) -> Mapping[RoomId, LaneView]:
        return self.lanes


def context_in(
    room: RoomId = SLACK_ROOM,
    house: SmallHouse | None = None,
    *,
    language: str = "en",
    said: datetime | None = None,
) -> Context:
    """The context of a command that Ada types in a room."""
    house = house or SmallHouse()
    channel = next((name for name, rooms in house.rooms.items() if room in rooms), None)
    return Context(
        session=Session(),
        now=NOW,
        asker=ADA,
        room=room,
        direct=room == DIRECT_ROOM,
        channel=channel,
        words=words_for(language),
        house=house,
        said=said,
    )
