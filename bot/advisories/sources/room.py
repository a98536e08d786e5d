"""What telling works with: the feeds, what each team runs, whose a feed's items are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.advisories.house import House
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.item import Item
from bot.custody.effective import Marked
from bot.events import Outgoing, PersonId, RoomId
from bot.sharing.gate import Denied, Door, judge
from bot.sharing.marking import Label, strictest
from bot.sharing.teams import Team, TeamKey


@dataclass(frozen=True, slots=True)
class Newsroom:
    """The feeds, what each team runs, and whose the drafts of a feed are."""

    house: House
    feeds: Mapping[str, Feed]
    products: Mapping[TeamKey, tuple[str, ...]] = field(default_factory=dict)
    owners: Mapping[str, TeamKey] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be sent, how many items may enter no room that they are for, and how many were not
    taken over, by the code of the reason.
    """

    outgoing: tuple[Outgoing, ...] = ()
    barred: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)


def marked_as(feed: Feed, item: Item, now: datetime) -> Marked:
    """How what is made of an item is marked."""
    return Marked(feed.marking_of(item.label), originator_of(feed), now)


def marked_as_all(feed: Feed, items: Sequence[Item], now: datetime) -> Marked:
    """The same of several: the strictest."""
    marking = strictest(*(feed.marking_of(each.label) for each in items))
    return Marked(marking, originator_of(feed), now)


def originator_of(feed: Feed) -> TeamKey | None:
    """Whose information it is."""
    return None if feed.originator is None else TeamKey(feed.originator)


def author_of(feed: Feed) -> PersonId:
    """Who writes the drafts of a feed: no person, so that anybody who may seals them."""
    return PersonId(f"feed:{feed.name}")


def may_hold(house: House, marked: Marked, room: RoomId) -> bool:
    """Whether something may enter a room, or may once it is known who reads it."""
    custody = house.custody()
    return not isinstance(custody.ask(custody.markings.effective(marked).matter, room), Denied)


def may_know(marked: Marked, house: House, team: Team) -> bool:
    """Whether a team may read something in its own room, which it alone answers for: by its
    clearance, and by the list of those that it is releasable to. A room of its own that is a
    channel's too has other readers, and is asked like any other.
    """
    own = frozenset({team.key})
    door = Door(Label.AMBER_STRICT, own, own, lowest=team.clearance)
    custody = house.custody()
    if isinstance(judge(custody.markings.effective(marked).matter, door), Denied):
        return False
    shared = team.home is not None and custody.doors.channel_of(team.home) is not None
    return not shared or (team.home is not None and may_hold(house, marked, team.home))


def rooms_of(house: House, feed: Feed) -> list[RoomId]:
    """The rooms that its items are for, each once."""
    rooms = (room for channel in feed.sending.channels for room in house.rooms_of(channel))
    return list(dict.fromkeys(rooms))
