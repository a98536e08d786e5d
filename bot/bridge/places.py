"""Where people speak: the channels with their rooms and rules, from the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.bridge import veiled
from bot.bridge.mentions import Others
from bot.bridge.people import People
from bot.custody.effective import Effective
from bot.custody.gatekeeper import Gatekeeper
from bot.events import AccountId, Author, RoomId, account_of
from bot.platforms.base import Capabilities
from bot.richtext import RichText
from bot.sharing.marking import Marking
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Channel:
    """A coordination channel. `relay`: what passes beside what people say (bots, topic, pins,
    joins); `max_file` in bytes; `chatham_house`: see `bot.bridge.veiled`; `delay`: see
    `bot.bridge.delaying`; `recognise`: see `bot.bridge.recognised`.
    """

    name: str
    rooms: tuple[RoomId, ...]
    relay: frozenset[str] = frozenset({"bots", "topic", "pins"})
    mass_mentions: bool = False
    max_file: int = 100_000_000
    chatham_house: bool = False
    delay: timedelta = timedelta(0)
    recognise: bool = False

    def others(self, room: RoomId) -> list[RoomId]:
        """Where what happens in `room` goes, in the configuration's order."""
        return [other for other in self.rooms if other != room]


@dataclass(frozen=True, slots=True)
class Places:
    """All channels, the admin rooms, what each account's network can do (as it stands now: some
    is known only when it is connected), and the teams' own rooms.
    """

    channels: Mapping[str, Channel]
    admin_rooms: frozenset[RoomId]
    capabilities: Callable[[AccountId], Capabilities]
    homes: frozenset[RoomId] = frozenset()

    def able(self, room: RoomId) -> Capabilities:
        """What can be done in a room."""
        return self.capabilities(account_of(room))


@dataclass(frozen=True, slots=True)
class Scene:
    """What every decision about one event needs: its channel, the places, the bot's words, who
    people are, and the gate.
    """

    channel: Channel
    places: Places
    words: Words
    people: People
    custody: Gatekeeper

    def introduced(self, session: Session, author: Author) -> Author:
        """Somebody of the channel as its other rooms see them."""
        if self.channel.chatham_house:
            return veiled.participant(author, self.words)
        return self.people.introduced(session, self.channel.name, author)

    def veiled(self, author: Author, body: RichText, others: Others) -> RichText:
        """A body as the other rooms may read it: without its author's own names, where nobody is
        to know who said it.
        """
        if not self.channel.chatham_house:
            return body
        own = {author.person, *others.get(author.person, ())}
        return veiled.without(body, own, self.words)

    def shown(self, effective: Effective) -> Marking | None:
        """How something is marked, where that is not what its channel's rooms take for granted."""
        usual = Marking(self.custody.markings.default(self.channel.name))
        return None if effective.marking == usual else effective.marking
