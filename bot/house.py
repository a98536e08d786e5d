"""What commands may ask of the running house: channels, rooms, connections, lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.bridge import humans
from bot.custody import holding
from bot.custody.doors import Doors
from bot.custody.frozen import Frozen
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.holding import Holds
from bot.custody.numbering import SeriesList
from bot.custody.pending import Item, Reader, Source, gathered
from bot.decisions.house import Council
from bot.delivery.naming import PERSON
from bot.delivery.outbox import QUIET, new_id
from bot.events import AccountId, DeliveryId, MessageId, PersonId, RoomId, account_of, local
from bot.paging.house import Service
from bot.platforms.base import Capabilities, Platform, Trouble
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey
from bot.sharing.traits import shortcomings
from bot.store.tables import OPEN, Outbox, State
from bot.words import Words, words_for
from commands.registry import AudienceView, ChannelView, LaneView, SilenceView
from config.alerts import targets_of
from config.settings import Settings


class RunningHouse:
    """The `House` of commands, as it stands while the bot runs."""

    def __init__(
        self,
        settings: Settings,
        platforms: Mapping[AccountId, Platform],
        clock: Callable[[], datetime],
        troubles: Callable[[AccountId], Sequence[Trouble]],
        doors: Doors,
        frozen: Frozen,
        custody: Gatekeeper,
    ) -> None:
        self._custody = custody
        self._settings = settings
        self._platforms = platforms
        self._clock = clock
        self._troubles = troubles
        self._doors = doors
        self._frozen = frozen
        self._series = SeriesList(settings.series)
        self._words = words_for(settings.liaison.language)
        self._homes = {
            team.home: TeamKey(key) for key, team in settings.teams.items() if team.home is not None
        }
        self.sources: Sequence[Source] = ()
        """Where `pending` looks: given by whoever joins the domains."""
        self._services = {
            TeamKey(team): tuple(Service(each.name, each.kind) for each in found.values())
            for team, found in targets_of(settings).items()
        }
        self._seen: dict[AccountId, tuple[bool, datetime]] = {}
        self._channels = {
            name: ChannelView(
                name,
                channel.title or name,
                channel.ceiling,
                channel.marking,
                channel.teams,
                channel.chair,
                channel.observers,
                channel.waiver,
                channel.chatham_house,
                channel.timezone,
                SilenceView(
                    channel.silence.minimum,
                    channel.silence.grace,
                    channel.silence.unreached,
                    channel.silence.confirm,
                ),
            )
            for name, channel in settings.channels.items()
        }

    def channels(self) -> Mapping[str, ChannelView]:
        """Every configured channel by its name."""
        return self._channels

    def directory(self) -> Directory:
        """Who belongs to which team."""
        return self._settings.directory

    def held(self, session: Session) -> Holds:
        """What is under a legal hold."""
        return holding.standing(session)

    def custody(self) -> Gatekeeper:
        """The gate, and what markings mean now."""
        return self._custody

    def frozen(self) -> Frozen:
        """What is frozen and what is paused."""
        return self._frozen

    def admin_rooms(self) -> Sequence[RoomId]:
        """The admin rooms."""
        return self._settings.liaison.admin_rooms

    def linked(self, session: Session, person: PersonId) -> Mapping[PersonId, str]:
        """The other accounts of the same human."""
        found = humans.accounts_with(session, person)
        return {PersonId(each.person): each.name for each in found}

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        """The rooms of a channel; none of one that the settings name no more."""
        known = self._settings.channels.get(channel)
        return () if known is None else known.rooms

    def audience(self, room: RoomId) -> AudienceView:
        """Who reads a room of a channel, and what it lacks."""
        channel, standing = self._doors.channel_of(room), self._doors.read(room)
        if channel is None or standing.traits is None:
            return AudienceView()
        audience, rules = standing.audience, channel.rules
        return AudienceView(
            known=audience.known,
            people={team: audience.people.get(team, 0) for team in sorted(audience.teams)},
            strangers=len(audience.strangers),
            homes=tuple(sorted(audience.strange_homes)),
            world=audience.world,
            lacks=shortcomings(standing.traits, rules.ceiling),
        )

    def is_admin_room(self, room: RoomId) -> bool:
        """Whether a room is one of the admin rooms."""
        return room in self._settings.liaison.admin_rooms

    def connected(self, account: AccountId) -> bool:
        """Whether an account receives live events now."""
        return self._platforms[account].connected

    def troubles(self, account: AccountId) -> Mapping[RoomId | None, str]:
        """What does not work of an account: rooms, and (None) itself, with the reason's code."""
        return {each.room: each.reason for each in self._troubles(account) if each.now is None}

    def since(self, account: AccountId) -> datetime | None:
        """Since when it is as it is, as far as `watch` has seen."""
        seen = self._seen.get(account)
        return seen[1] if seen and seen[0] == self.connected(account) else None

    def watch(self) -> list[AccountId]:
        """Look at every account; those that have come back since the last look."""
        now, back = self._clock(), []
        for account, platform in self._platforms.items():
            state = platform.connected
            before = self._seen.get(account)
            if before is None or before[0] != state:
                self._seen[account] = (state, now)
                if before is not None and state:
                    back.append(account)
        return back

    def catch_up(self, channel: str) -> tuple[int, timedelta]:
        """How many messages of a channel's room, and how old ones, are caught up."""
        limit = self._settings.channels[channel].catch_up
        return limit.messages, limit.age

    def channel_of(self, room: RoomId) -> str | None:
        """The channel that a room belongs to."""
        return self._settings.channel_of(room)

    def series(self) -> SeriesList:
        """The series of numbers that there are."""
        return self._series

    def council(self, channel: str) -> Council:
        """Who decides in a channel. Observers read, and have no voice."""
        settings = self._settings.channels[channel]
        observers = frozenset(map(TeamKey, settings.observers))
        chair = None if settings.chair is None else TeamKey(settings.chair)
        roster = self._doors.roster(channel) - observers
        return Council(settings.title or channel, roster, observers, chair)

    def roster(self, channel: str) -> frozenset[TeamKey]:
        """The teams that a channel is for: those with a voice and those who only read; none of one
        that the settings name no more.
        """
        known = self._settings.channels.get(channel)
        observers = () if known is None else known.observers
        return self._doors.roster(channel) | frozenset(map(TeamKey, observers))

    def capable(self, room: RoomId) -> Capabilities:
        """What the network of a room can do."""
        return self._platforms[account_of(room)].capabilities

    def is_frozen(self, room: RoomId) -> bool:
        """Whether nothing that is said in a room is taken in now."""
        return self._frozen.keeps_out(room) is not None

    def is_silenced(self, team: TeamKey | None) -> bool:
        """Whether no voice of a team counts now."""
        return self._frozen.silences(team)

    def enrichers(self) -> Mapping[str, Label]:
        """The third parties that may be asked about a value, and up to which marking."""
        return {name: each.ceiling for name, each in self._settings.enrichers.items()}

    def services(self, team: TeamKey) -> Sequence[Service]:
        """How a team is alerted beside chat."""
        return self._services.get(team, ())

    def link_to(self, room: RoomId) -> str | None:
        """A link by which people open a room."""
        known = self._settings.accounts.get(account_of(room))
        return None if known is None else known[0].room_link(local(room))

    def link_to_message(self, room: RoomId, message: MessageId) -> str | None:
        """The same of a message, as far as it is known now."""
        platform = self._platforms.get(account_of(room))
        return None if platform is None else platform.link_to(room, message)

    def new_id(self) -> DeliveryId:
        """An id for a delivery that is to be written."""
        return new_id()

    def pending(
        self, session: Session, reader: Reader, channel: str | None = None
    ) -> Sequence[Item]:
        """What is open, as far as the reader may know of it."""
        return gathered(self.sources, session, reader, channel)

    def is_veiled(self, channel: str) -> bool:
        """Whether a channel follows the Chatham House Rule."""
        view = self.channels().get(channel)
        return view is not None and view.chatham_house

    def words_in(self, room: RoomId | None = None) -> Words:
        """The words for a room: its team's where it is a team's home, else the bot's."""
        return self.words_of(None if room is None else self._homes.get(room))

    def words_of(self, team: TeamKey | None) -> Words:
        """The words for the people of a team, and for who is of none."""
        return self._words if team is None else words_for(self._settings.language_of(team))

    def waiting(self, session: Session, channel: str | None = None) -> Mapping[RoomId, LaneView]:
        """The lanes of a channel's rooms; without a channel every lane that holds anything."""
        counted = (
            select(Outbox.room, Outbox.state, func.count(), func.min(Outbox.created))
            .where(Outbox.state.in_([*OPEN, State.DEAD]), ~Outbox.lane.startswith(PERSON))
            .where(Outbox.reason.is_(None) | Outbox.reason.not_in(QUIET))
            .group_by(Outbox.room, Outbox.state)
        )
        rooms = None if channel is None else self.rooms_of(channel)
        if rooms is not None:
            counted = counted.where(Outbox.room.in_(rooms))
        found: dict[RoomId, dict[str, tuple[int, datetime | None]]] = {}
        for room, state, number, oldest in session.execute(counted):
            found.setdefault(RoomId(room), {})[state] = (number, oldest)
        if rooms is None:
            return {room: _view(states, None) for room, states in found.items()}
        return {room: _view(found.get(room, {}), _last(session, room)) for room in rooms}


def _last(session: Session, room: RoomId) -> datetime | None:
    """When something last landed in a room."""
    landed = (Outbox.room == room, Outbox.state == State.DELIVERED)
    newest = select(Outbox.finished).where(*landed).order_by(Outbox.finished.desc()).limit(1)
    return session.execute(newest).scalar()


def _view(by_state: Mapping[str, tuple[int, datetime | None]], last: datetime | None) -> LaneView:
    def number(state: State) -> int:
        return by_state.get(state, (0, None))[0]

    open_since = [by_state[state][1] for state in OPEN if state in by_state]
    return LaneView(
        waiting=number(State.WAITING) + number(State.SENDING),
        unknown=number(State.UNKNOWN),
        dead=number(State.DEAD),
        oldest=min((moment for moment in open_since if moment), default=None),
        last_delivered=last,
    )
