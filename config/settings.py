"""The settings: read from a TOML file, checked as a whole, frozen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from bot.errors import ConfigurationError
from bot.events import AccountId, RoomId, account_of
from bot.platforms.base import Network
from bot.sharing.teams import Directory
from config.coalition import Channel, Team
from config.coherence import Draft, compare
from config.directory import directory
from config.enrichers import Enricher
from config.feeds import Feed, Publish
from config.forms import Language
from config.ledger import Ledger
from config.mail import Mail
from config.mistakes import Mistakes
from config.reader import Reader
from config.sections import Connection, Liaison, Storage, Web
from config.series import Run, Series, runs
from config.source import read_source

NOT_YET: frozenset[str] = frozenset()
"""Tables that later versions read."""
_KNOWN = {
    "liaison", "network", "store", "mail", "web", "teams", "groups", "channels",
    "series", "feeds", "publish", "enrichers", "ledger",
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Everything that the configuration file says. Its text shows no secret."""

    path: Path
    liaison: Liaison
    network: Connection
    store: Storage
    web: Web
    accounts: Mapping[AccountId, tuple[Network, BaseModel]]
    """In the file's order, each with its network and the network's own settings."""
    teams: Mapping[str, Team]
    groups: Mapping[str, tuple[str, ...]]
    """The names of teams and groups, as written: not yet followed."""
    channels: Mapping[str, Channel]
    numbered: Mapping[str, Series]
    """`[series.NAME]`: see `series`."""
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    publish: Mapping[str, Publish] = field(default_factory=dict)
    mail: Mail | None = None
    """None: no mail is sent."""
    ledger: Ledger = field(default_factory=Ledger)
    enrichers: Mapping[str, Enricher] = field(default_factory=dict)

    def rooms(self) -> Mapping[RoomId, str]:
        """Every room of a channel, with the channel's name."""
        return self._channel_by_room

    def channel_of(self, room: RoomId) -> str | None:
        """The name of the channel that a room belongs to."""
        return self._channel_by_room.get(room)

    def rooms_of(self, account: AccountId) -> frozenset[RoomId]:
        """The rooms that an account is meant to be in: of channels, for admins, teams' homes."""
        return self._rooms_by_account.get(account, frozenset())

    @cached_property
    def every_room(self) -> tuple[RoomId, ...]:
        """The rooms that accounts are meant to be in: of channels first, in the file's order."""
        homes = (team.home for team in self.teams.values() if team.home is not None)
        return tuple(dict.fromkeys((*self.rooms(), *self.liaison.admin_rooms, *homes)))

    def language_of(self, team: str) -> Language:
        """A team's language, or the bot's."""
        found = self.teams.get(team)
        return (found.language if found else None) or self.liaison.language

    @cached_property
    def directory(self) -> Directory:
        """Whose member a person is, and who is in a group."""
        networks = {network.name: network for network, _ in self.accounts.values()}
        return directory(self.teams, self.groups, networks)

    @cached_property
    def series(self) -> tuple[Run, ...]:
        """Every series of numbers: each channel's own, and those that have tables."""
        named = {name: channel.series for name, channel in self.channels.items()}
        return tuple(runs(named, self.numbered))

    @cached_property
    def _channel_by_room(self) -> Mapping[RoomId, str]:
        return MappingProxyType(
            {room: name for name, channel in self.channels.items() for room in channel.rooms}
        )

    @cached_property
    def _rooms_by_account(self) -> Mapping[AccountId, frozenset[RoomId]]:
        rooms: defaultdict[AccountId, set[RoomId]] = defaultdict(set)
        homes = (team.home for team in self.teams.values() if team.home is not None)
        for room in (*self._channel_by_room, *self.liaison.admin_rooms, *homes):
            rooms[account_of(room)].add(room)
        return {account: frozenset(found) for account, found in rooms.items()}


def load(
    path: Path, networks: Mapping[str, Network], environ: Mapping[str, str] | None
) -> Settings:
    """Read the file at `path`, with the accounts' tables in the hands of their `networks`.

    `environ` is what `env:NAME` is looked up in; with None no secret is read that stands
    elsewhere, for those who need none. Raises `ConfigurationError` with every mistake.
    """
    mistakes = Mistakes(path)
    source = read_source(path, mistakes)
    settings = None if source is None else _settings(path, source, networks, environ, mistakes)
    if settings is None or mistakes.lines:
        raise ConfigurationError(mistakes.lines)
    return settings


def _settings(
    path: Path,
    source: Mapping[str, Any],
    networks: Mapping[str, Network],
    environ: Mapping[str, str] | None,
    mistakes: Mistakes,
) -> Settings:
    """What can be read of the file, with what is mistaken left out and noted."""
    reader = Reader(source, networks, environ, path.parent, mistakes)
    reader.check_tables(_KNOWN, NOT_YET)
    liaison = reader.section("liaison", Liaison)
    settings = Settings(
        path=path,
        liaison=liaison,
        network=reader.section("network", Connection),
        store=reader.section("store", Storage),
        web=reader.section("web", Web),
        accounts=MappingProxyType(reader.accounts()),
        teams=MappingProxyType(reader.named("teams", Team)),
        groups=MappingProxyType(reader.groups()),
        channels=MappingProxyType(reader.named("channels", Channel)),
        numbered=MappingProxyType(reader.named("series", Series)),
        feeds=MappingProxyType(reader.named("feeds", Feed)),
        publish=MappingProxyType(reader.named("publish", Publish)),
        mail=reader.optional("mail", Mail),
        ledger=reader.section("ledger", Ledger),
        enrichers=MappingProxyType(reader.named("enrichers", Enricher)),
    )
    draft = Draft(
        admin_rooms=liaison.admin_rooms,
        teams=settings.teams,
        groups=settings.groups,
        channels=settings.channels,
        series=settings.series,
        team_names=reader.names("teams"),
        group_names=reader.names("groups"),
        left_out=reader.left_out["channels"],
        one_id=frozenset(each.name for each in networks.values() if each.one_id),
        feeds=settings.feeds,
        publish=settings.publish,
        channel_names=reader.names("channels"),
    )
    compare(draft, mistakes)
    return settings
