"""What the admin rooms hear of who can read a room and of what it lacks: once, and once that it is
over. Never content.

What was said is kept with the room's account, in the transaction that says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge.links import COPIES
from bot.bridge.names import cleaned
from bot.custody.doors import Circles
from bot.delivery import outbox, reasons
from bot.events import Outgoing, PersonId, Post, RoomId, account_of, local
from bot.richtext import say
from bot.sharing.gate import Door
from bot.sharing.obstacles import STRANGE, Obstacle, Sort
from bot.sharing.teams import Directory, TeamKey
from bot.sharing.traits import WORDS as LACKS
from bot.sharing.traits import Shortcoming
from bot.store.tables import Memory, Outbox, State
from bot.words import Words
from bot.words.times import moment

_NAMED = 10
"""People who are named in one notice; of the others only how many."""
_decode = msgspec.json.Decoder(dict[str, str]).decode

Told = Mapping[str, str]
"""Of each obstacle that was told: what it was called then."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands between a room and its channel's messages now; `names`: of the people there;
    `scrolled`: who joins can read what was there before.
    """

    room: RoomId
    channel: Circles
    door: Door
    obstacles: Sequence[Obstacle]
    directory: Directory
    names: Mapping[PersonId, str]
    scrolled: bool


class AudienceNotices:
    """Tells the admin rooms."""

    def __init__(self, admin_rooms: Collection[RoomId], words: Words) -> None:
        self._admin_rooms = admin_rooms
        self._words = words

    def knows(self, session: Session, found: Found) -> bool:
        """Whether all of it was told already, and nothing is over."""
        return _told(session, found.room).keys() == {_key(each) for each in found.obstacles}

    def tell(self, session: Session, found: Found, now: datetime) -> set[str]:
        """Write what is new of a room, and what is over; the lanes to wake."""
        before = _told(session, found.room)
        called = {_key(each): self._called(each, found) for each in found.obstacles}
        begun = [each for each in found.obstacles if _key(each) not in before]
        over = {key: name for key, name in before.items() if key not in called}
        kept = msgspec.json.encode({**called, **{k: before[k] for k in called if k in before}})
        session.merge(
            Memory(account=account_of(found.room), key=_stored_as(found.room), value=kept.decode())
        )
        lines = [*self._begun(session, begun, found, now), *self._over(over, called, found.room)]
        return self._post(session, found.room, lines, now)

    def come(
        self, session: Session, room: RoomId, team: str, door: Door, now: datetime
    ) -> set[str]:
        """Tell of a team that has come to read a room whose past it can see; the lanes to wake."""
        past = self._past(session, room, door, now)
        line = self._words("{who} has come to read {room}.", who=team, room=room)
        return self._post(session, room, [f"{line} {past}"] if past else [], now)

    def stale(
        self, session: Session, rooms: Sequence[RoomId], since: datetime, reason: str, now: datetime
    ) -> set[str]:
        """Tell that nobody can find out who reads these rooms of one account."""
        line = self._words(
            "I cannot find out who reads {rooms}, since {when}: {reason}. What I send goes by what "
            "was known then; where nothing was known, it waits. See: liaison check",
            rooms=self._listed(sorted(rooms)),
            when=moment(self._words, since, now),
            reason=reasons.in_words(self._words, rooms[0], reason),
        )
        return self._post(session, None, [line], now)

    def fresh(self, session: Session, rooms: Sequence[RoomId], now: datetime) -> set[str]:
        """Tell that it is known again."""
        line = self._words("I know again who reads {rooms}.", rooms=self._listed(sorted(rooms)))
        return self._post(session, None, [line], now)

    def _begun(
        self, session: Session, begun: Sequence[Obstacle], found: Found, now: datetime
    ) -> Iterator[str]:
        words, room = self._words, found.room
        strange = [each for each in begun if each.sort in STRANGE]
        teams = [each for each in begun if each.sort is Sort.TEAM]
        lacks = [each for each in begun if each.sort is Sort.LACK]
        if strange:
            who = self._listed(self._called(each, found) for each in strange)
            if found.door.hold:
                yield words(
                    "{room} is read by {who}, of no team: nothing above TLP:CLEAR is sent there.",
                    room=room,
                    who=who,
                )
            else:
                yield words(
                    "{room} is read by {who}, of no team. What is said is sent there all the "
                    "same: strangers are only reported.",
                    room=room,
                    who=who,
                )
        if teams:
            yield words(
                "{room} is read by {who}, who may not read {label}: nothing of that is sent there.",
                room=room,
                who=self._listed(self._called(each, found) for each in teams),
                label=found.channel.marking,
            )
        if lacks:
            yield words(
                "{room} gets nothing above TLP:GREEN ({lacks}).",
                room=room,
                lacks="; ".join(self._called(each, found) for each in lacks),
            )
        if (strange or teams) and found.scrolled:
            past = self._past(session, room, found.door, now)
            yield from [past] if past else []

    def _over(self, over: Told, called: Told, room: RoomId) -> Iterator[str]:
        lacks = {key for key in over if _sort(key) is Sort.LACK}
        readers = [name for key, name in over.items() if key not in lacks]
        if readers:
            yield self._words(
                "{room} is no longer read by {who}.", room=room, who=self._listed(readers)
            )
        if lacks and not any(_sort(key) is Sort.LACK for key in called):
            yield self._words("{room} has all that it needs above TLP:GREEN now.", room=room)

    def _past(self, session: Session, room: RoomId, door: Door, now: datetime) -> str:
        """What can be scrolled back to there, "" where that is nothing."""
        copies = (Outbox.room == room, Outbox.state == State.DELIVERED, Outbox.gone.is_(None))
        oldest = session.execute(
            select(Outbox.finished)
            .where(*copies, Outbox.kind.in_(COPIES), Outbox.source.is_not(None))
            .order_by(Outbox.finished)
            .limit(1)
        ).scalar()
        if oldest is None:
            return ""
        return self._words(
            "One can scroll back there: copies since {when}, up to {label}.",
            when=moment(self._words, oldest, now),
            label=door.ceiling,
        )

    def _called(self, obstacle: Obstacle, found: Found) -> str:
        match obstacle.sort:
            case Sort.PERSON:
                person = PersonId(obstacle.what)
                name = cleaned(found.names.get(person, ""))
                return f"{name} ({local(person)})" if name else local(person)
            case Sort.HOME:
                return self._words("everybody of {home}", home=obstacle.what)
            case Sort.WORLD:
                return self._words("anybody")
            case Sort.TEAM:
                return found.directory.teams[TeamKey(obstacle.what)].name
            case Sort.LACK:
                return self._words(LACKS[Shortcoming(obstacle.what)])

    def _listed(self, names: Iterable[str]) -> str:
        every = list(names)
        shown = ", ".join(every[:_NAMED])
        rest = len(every) - _NAMED
        if rest <= 0:
            return shown
        return self._words.count("{who} and {n} other", "{who} and {n} others", rest, who=shown)

    def _post(
        self, session: Session, about: RoomId | None, lines: Sequence[str], now: datetime
    ) -> set[str]:
        if not lines:
            return set()
        post = Post(say("\n".join(lines)))
        rooms = [room for room in self._admin_rooms if room != about]
        return outbox.put(session, [Outgoing(room, post) for room in rooms], now)


def _told(session: Session, room: RoomId) -> Told:
    """What was told of a room and is not over."""
    row = session.get(Memory, (account_of(room), _stored_as(room)))
    return {} if row is None else _decode(row.value)


def _stored_as(room: RoomId) -> str:
    return f"audience {local(room)}"


def _key(obstacle: Obstacle) -> str:
    return f"{obstacle.sort} {obstacle.what}"


def _sort(key: str) -> Sort:
    return Sort(key.partition(" ")[0])
