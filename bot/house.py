"""What commands may ask of the running house: channels, rooms, connections, lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.delivery.lanes import PERSON
from bot.delivery.outbox import QUIET
from bot.events import AccountId, RoomId
from bot.platforms.base import Platform
from bot.store.tables import OPEN, Outbox, State
from commands.registry import ChannelView, LaneView
from config.settings import Settings


class RunningHouse:
    """The `House` of commands, as it stands while the bot runs."""

    def __init__(
        self,
        settings: Settings,
        platforms: Mapping[AccountId, Platform],
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._platforms = platforms
        self._clock = clock
        self._seen: dict[AccountId, tuple[bool, datetime]] = {}
        self._channels = {
            name: ChannelView(name, channel.title or name)
            for name, channel in settings.channels.items()
        }

    def channels(self) -> Mapping[str, ChannelView]:
        """Every configured channel by its name."""
        return self._channels

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        """The rooms of a channel."""
        return self._settings.channels[channel].rooms

    def is_admin_room(self, room: RoomId) -> bool:
        """Whether a room is one of the admin rooms."""
        return room in self._settings.liaison.admin_rooms

    def connected(self, account: AccountId) -> bool:
        """Whether an account receives live events now."""
        return self._platforms[account].connected

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

    def channel_of(self, room: RoomId) -> str | None:
        """The channel that a room belongs to."""
        return self._settings.channel_of(room)

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
