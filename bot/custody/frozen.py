"""What is frozen and what is paused, kept in memory: asked of everything that comes and goes.

Frozen: a room, workspace, server, team or all of it, because a token, a server or an account is
stolen. Nothing is taken in from there, nothing goes there, and no voice counts. Paused, by the
operators: a channel or a room. What is said is taken in as ever, and waits in the lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.events import Author, PersonId, RoomId, Standing, account_of
from bot.sharing.teams import Directory, Team, TeamKey
from config.settings import Settings


class Kind(StrEnum):
    """What an order is about."""

    ROOM = "room"
    ACCOUNT = "account"
    """A workspace, or all that one of our accounts sees: its rooms, and whom it sees there."""
    SERVER = "server"
    """The people of a workspace or server, through whichever account they are seen."""
    TEAM = "team"
    ALL = "all"
    PAUSE = "pause"
    """By the operators; its name is a channel's or a room's."""
    RECOVERY = "recovery"
    """After a restore: what is said is taken in, nothing is posted but private answers."""


ALL = "all"
"""The name of what is about everything."""


@dataclass(frozen=True, slots=True)
class Order:
    """One thing that is frozen or paused, since when, and its row."""

    kind: Kind
    name: str
    since: datetime
    id: int = 0


_PARTING = timedelta(seconds=5)
"""A private answer that was written so shortly after a freeze still goes: it is the answer to the
one who asked for the freeze, and nothing that is asked from there is answered any more."""


def _nobody(_room: RoomId) -> frozenset[TeamKey]:
    return frozenset()


def _itself(room: RoomId) -> RoomId:
    return room


Readers = Callable[[RoomId], frozenset[TeamKey]]
"""The teams that can read a room, as far as that is known."""


class Frozen:
    """All orders that stand. Swapped whole, so any thread may ask; `epoch` grows by each swap.

    `channels`: their rooms; `one_of`: by which room a conversation goes on that is configured as
    two, so that who freezes either freezes both.
    """

    def __init__(
        self,
        directory: Directory | None = None,
        channels: Mapping[str, Sequence[RoomId]] | None = None,
        admin_rooms: Collection[RoomId] = (),
        readers: Readers = _nobody,
        one_of: Callable[[RoomId], RoomId] = _itself,
    ) -> None:
        self._directory = directory or Directory()
        self._channels = channels or {}
        self._admin_rooms = frozenset(admin_rooms)
        self._readers = readers
        self._one_of = one_of
        self._orders: tuple[Order, ...] = ()
        self.epoch = 0

    @property
    def orders(self) -> tuple[Order, ...]:
        """What is frozen and what is paused, the oldest first."""
        return self._orders

    @property
    def recovery(self) -> Order | None:
        """The recovery after a restore, where the store is in one."""
        return next((each for each in self._orders if each.kind is Kind.RECOVERY), None)

    def hold(self, orders: Iterable[Order]) -> bool:
        """These stand now, and no others; whether that is a change."""
        now = tuple(orders)
        if now == self._orders:
            return False
        self._orders, self.epoch = now, self.epoch + 1
        return True

    def keeps_out(self, room: RoomId, author: Author | None = None) -> Order | None:
        """The order by which nothing is taken in of what somebody did in a room."""
        who = None if author is None else (author.person, author.standing)
        return next((each for each in self._orders if self._covers(each, room, who)), None)

    def is_frozen(
        self, person: PersonId, room: RoomId, standing: Standing = Standing.UNKNOWN
    ) -> bool:
        """Whether the voice of a person in a room does not count at present."""
        who = (person, standing)
        return any(self._covers(each, room, who) for each in self._orders)

    def silences(self, team: TeamKey | None) -> bool:
        """Whether no voice of a team counts at present, whoever gives it."""
        return any(
            each.kind is Kind.ALL or (each.kind is Kind.TEAM and each.name == team)
            for each in self._orders
        )

    def stops(self, room: RoomId, written: datetime, *, private: bool) -> bool:
        """Whether a delivery that was written then has to wait; `private`: it is for one person.

        Of what the bot itself has to say the admin rooms always hear, unless they are frozen by
        their own name or their account's; private answers go on while all is frozen, since
        nothing but freezing and thawing is answered then.
        """
        return any(self._stops(each, room, written, private=private) for each in self._orders)

    def reached_by(self, order: Order, rooms: Iterable[RoomId]) -> list[RoomId]:
        """Those of the rooms whose deliveries wait by an order."""
        return [room for room in rooms if self._stops(order, room, order.since, private=False)]

    def _stops(self, order: Order, room: RoomId, written: datetime, *, private: bool) -> bool:
        match order.kind:
            case Kind.PAUSE:
                return not private and (
                    self._is(room, order.name) or room in self._channels.get(order.name, ())
                )
            case Kind.ALL:
                return not private and room not in self._admin_rooms
            case Kind.RECOVERY:
                return not private
            case _:
                parting = private and written <= order.since + _PARTING
                return not parting and self._covers(order, room, None)

    def _covers(self, order: Order, room: RoomId, who: tuple[PersonId, Standing] | None) -> bool:
        """Whether a room, or a person there, is frozen by an order."""
        match order.kind:
            case Kind.PAUSE | Kind.RECOVERY:
                return False
            case Kind.ALL:
                return True
            case Kind.ROOM:
                return self._is(room, order.name)
            case Kind.ACCOUNT:
                return order.name in {account_of(room), account_of(who[0]) if who else ""}
            case Kind.SERVER:
                if who is not None and self._directory.home_of(who[0]) == order.name:
                    return True
                return self._is_of(room, self._directory.teams_in(order.name))
            case Kind.TEAM:
                team = self._directory.teams.get(TeamKey(order.name))
                if team is None:
                    return False
                if who is not None and self._directory.team_of(*who) is team:
                    return True
                return self.belongs(room, team)

    def belongs(self, room: RoomId, team: Team) -> bool:
        """Whether a room is a team's own: its home, in its workspace, or read by nobody else."""
        home = team.home is not None and self._is(room, team.home)
        own = home or account_of(room) in team.members
        return own or self._is_of(room, frozenset({team.key}))

    def state_of(self, room: RoomId) -> Kind | None:
        """Whether a room's deliveries wait: because of a pause, or of a freeze, which counts. A
        recovery is of the whole house, and not of a room.
        """
        own = [each for each in self._orders if each.kind is not Kind.RECOVERY]
        kinds = [each.kind for each in own if self.reached_by(each, [room])]
        return max(kinds, key=lambda kind: kind is not Kind.PAUSE, default=None)

    def _is(self, room: RoomId, name: str) -> bool:
        """Whether a room is the one of a name, or the same conversation."""
        return room == name or self._one_of(room) == self._one_of(RoomId(name))

    def _is_of(self, room: RoomId, teams: frozenset[TeamKey]) -> bool:
        readers = self._readers(room)
        return bool(readers) and readers <= teams


def frozen_under(
    settings: Settings,
    readers: Readers = _nobody,
    one_of: Callable[[RoomId], RoomId] = _itself,
) -> Frozen:
    """Under these settings; nothing is frozen yet."""
    channels = {name: channel.rooms for name, channel in settings.channels.items()}
    return Frozen(settings.directory, channels, settings.liaison.admin_rooms, readers, one_of)
