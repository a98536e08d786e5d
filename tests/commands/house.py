"""A small house to give commands in: two networks, two channels, an admin room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from bot.advisories import pending as advisories_pending
from bot.bridge import pending as bridge_pending
from bot.custody.frozen import Frozen
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.holding import NONE, Holds
from bot.custody.numbering import SeriesList
from bot.custody.pending import Item, Reader, gathered
from bot.decisions import pending as decisions_pending
from bot.decisions.house import Council
from bot.delivery.outbox import new_id
from bot.events import AccountId, Author, DeliveryId, MessageId, PersonId, RoomId
from bot.indicators import pending as indicators_pending
from bot.paging import pending as paging_pending
from bot.paging.house import Service
from bot.platforms.base import Capabilities
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey
from bot.words import Words, words_for
from commands.registry import AudienceView, ChannelView, Context, LaneView
from config.series import Run
from tests.custody import open_house

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
    wrong: dict[AccountId, dict[RoomId | None, str]] = field(default_factory=dict)
    views: dict[str, ChannelView] = field(default_factory=dict)
    teams: Directory = field(default_factory=Directory)
    ice: Frozen = field(default_factory=Frozen)
    gate: Gatekeeper = field(default_factory=open_house)
    admins: Sequence[RoomId] = (ADMIN_ROOM,)
    accounts: dict[PersonId, dict[PersonId, str]] = field(default_factory=dict)
    audiences: dict[RoomId, AudienceView] = field(default_factory=dict)
    holds: Holds = NONE
    third_parties: Mapping[str, Label] = field(default_factory=dict)
    alerts: Mapping[TeamKey, Sequence[Service]] = field(default_factory=dict)
    runs: Sequence[Run] = ()
    """Series beside those of the channels."""
    longest: Mapping[RoomId, int] = field(default_factory=dict)
    """How many characters a message of a room may have, where that is not 4000."""

    def channels(self) -> Mapping[str, ChannelView]:
        return {
            name: self.views.get(name) or ChannelView(name, name.title()) for name in self.rooms
        }

    def directory(self) -> Directory:
        return self.teams

    def held(self, session: Session) -> Holds:
        return self.holds

    def custody(self) -> Gatekeeper:
        return self.gate

    def frozen(self) -> Frozen:
        return self.ice

    def admin_rooms(self) -> Sequence[RoomId]:
        return self.admins

    def linked(self, session: Session, person: PersonId) -> Mapping[PersonId, str]:
        return self.accounts.get(person, {})

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        return self.rooms.get(channel, ())

    def audience(self, room: RoomId) -> AudienceView:
        return self.audiences.get(room, AudienceView())

    def series(self) -> SeriesList:
        return SeriesList([*(Run(name.upper(), (name,)) for name in self.rooms), *self.runs])

    def council(self, channel: str) -> Council:
        view = self.channels()[channel]
        roster = frozenset(map(TeamKey, view.teams or self.teams.teams))
        observers = frozenset(map(TeamKey, view.observers))
        chair = None if view.chair is None else TeamKey(view.chair)
        return Council(view.title, roster - observers, observers, chair)

    def roster(self, channel: str) -> frozenset[TeamKey]:
        view = self.channels().get(channel)
        if view is None:
            return frozenset()
        return frozenset(map(TeamKey, (*(view.teams or self.teams.teams), *view.observers)))

    def capable(self, room: RoomId) -> Capabilities:
        return Capabilities(
            longest_text=self.longest.get(room, 4000), idempotent_for=0.0, request_timeout=30.0
        )

    def is_frozen(self, room: RoomId) -> bool:
        return self.ice.keeps_out(room) is not None

    def is_silenced(self, team: TeamKey | None) -> bool:
        return self.ice.silences(team)

    def enrichers(self) -> Mapping[str, Label]:
        return self.third_parties

    def services(self, team: TeamKey) -> Sequence[Service]:
        return self.alerts.get(team, ())

    def link_to(self, room: RoomId) -> str | None:
        return f"https://chat.test/{room}"

    def link_to_message(self, room: RoomId, message: MessageId) -> str | None:
        return f"https://chat.test/{room}/{message}"

    def new_id(self) -> DeliveryId:
        return new_id()

    def pending(
        self, session: Session, reader: Reader, channel: str | None = None
    ) -> Sequence[Item]:
        sources = (
            decisions_pending.source(self), advisories_pending.source(self),
            bridge_pending.gather, indicators_pending.gather, paging_pending.gather,
        )  # fmt: skip
        return gathered(sources, session, reader, channel)

    def is_veiled(self, channel: str) -> bool:
        view = self.channels().get(channel)
        return view is not None and view.chatham_house

    def words_in(self, room: RoomId | None = None) -> Words:
        return words_for("en")

    def is_admin_room(self, room: RoomId) -> bool:
        return room in self.admins

    def connected(self, account: AccountId) -> bool:
        return account not in self.down

    def troubles(self, account: AccountId) -> Mapping[RoomId | None, str]:
        return self.wrong.get(account, {})

    def since(self, account: AccountId) -> datetime | None:
        return self.times.get(account)

    def catch_up(self, channel: str) -> tuple[int, timedelta]:
        return 1000, timedelta(days=7)

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
    asker: Author = ADA,
) -> Context:
    """The context of a command that Ada types in a room."""
    house = house or SmallHouse()
    channel = next((name for name, rooms in house.rooms.items() if room in rooms), None)
    return Context(
        session=Session(),
        now=NOW,
        asker=asker,
        room=room,
        direct=room == DIRECT_ROOM,
        channel=channel,
        words=words_for(language),
        house=house,
        said=said,
    )
