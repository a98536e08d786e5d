"""Who hears of faults: the admin rooms which delivery, which room, why. Never content."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.delivery import outbox, reasons, remaining
from bot.delivery.lanes import Concern, Tell
from bot.events import AccountId, Outgoing, Post, RoomId, account_of
from bot.platforms.base import Trouble
from bot.richtext import say
from bot.store.tables import Outbox, State
from bot.words import Words

_ONCE_IN = timedelta(hours=1)
"""The same room refusing for the same reason is said once in this time."""


class Notices:
    """Tells the admin rooms; `warn` is what tells the author."""

    def __init__(self, admin_rooms: Collection[RoomId], words: Words, warn: Tell) -> None:
        self._admin_rooms = admin_rooms
        self._words = words
        self._warn = warn

    def tell(self, session: Session, concern: Concern, now: datetime) -> set[str]:
        """Write a notice for each admin room, and a sign for the author; the lanes to wake."""
        lanes = self._warn(session, concern, now)
        if not concern.unknown:
            words = self._words
            lanes |= remaining.tell(session, concern.delivery, concern.reason, words, now)
        if self._said(session, concern, now):
            return lanes
        post = Post(say(self._text(concern)))
        rooms = [room for room in self._admin_rooms if room != concern.room]
        return lanes | outbox.put(session, [Outgoing(room, post) for room in rooms], now)

    def _text(self, concern: Concern) -> str:
        if concern.unknown:
            return self._words(
                "Nobody knows yet whether {delivery} landed in {room}; what follows it there "
                "waits. See: liaison deliveries list --state unknown",
                delivery=concern.delivery,
                room=concern.room,
            )
        return self._words(
            "{delivery} was refused for good in {room}: {reason}. "
            "See: liaison deliveries list --state dead",
            delivery=concern.delivery,
            room=concern.room,
            reason=self._reason(concern),
        )

    def _reason(self, concern: Concern) -> str:
        """In words where there are some, and the code by which it stands in lists."""
        said = reasons.known(self._words, concern.room, concern.reason)
        return concern.reason if said is None else f"{said} [{concern.reason}]"

    def _said(self, session: Session, concern: Concern, now: datetime) -> bool:
        if concern.unknown:
            return False
        same = (
            Outbox.state == State.DEAD,
            Outbox.room == concern.room,
            Outbox.reason == concern.reason,
            Outbox.id != concern.delivery,
            Outbox.finished > now - _ONCE_IN,
        )
        return bool(session.execute(select(exists().where(*same))).scalar())


class TroubleNotices:
    """Tells the admin rooms what does not work at all, and that it does again."""

    def __init__(self, admin_rooms: Collection[RoomId], words: Words) -> None:
        self._admin_rooms = admin_rooms
        self._words = words

    def tell(
        self,
        session: Session,
        account: AccountId,
        begun: Sequence[Trouble],
        over: Collection[RoomId | None],
        ill: Collection[AccountId],
        now: datetime,
    ) -> set[str]:
        """Write what has begun on an account, and which of its rooms (None: itself) work again,
        for the admin rooms that can be reached: those on no account that is `ill`. The lanes to
        wake.
        """
        told = [(each.room, self._begun(account, each)) for each in begun]
        told += [(room, self._over(account, room)) for room in sorted(over, key=str)]
        outgoing = [
            Outgoing(admin, Post(say(text)))
            for room, text in told
            for admin in self._admin_rooms
            if admin != room and account_of(admin) not in ill
        ]
        return outbox.put(session, outgoing, now)

    def _begun(self, account: AccountId, trouble: Trouble) -> str:
        room = trouble.room or RoomId(f"{account}/")
        if trouble.now is not None:
            return self._words(
                "{room} is {now} now, and I follow. Please write that into the configuration.",
                room=room,
                now=trouble.now,
            )
        reason = reasons.in_words(self._words, room, trouble.reason)
        if trouble.reason == outbox.SAME:
            return self._words(
                "{room} is the same conversation as another configured room: nothing is relayed "
                "there or from there. Take one of them out. See: liaison check",
                room=room,
            )
        if trouble.room is not None:
            return self._words(
                "{room} is closed to me: {reason}. What is said for it waits. See: liaison check",
                room=room,
                reason=reason,
            )
        return self._words(
            "{account} does not work: {reason}. What is said for it waits. See: liaison check",
            account=account,
            reason=reason,
        )

    def _over(self, account: AccountId, room: RoomId | None) -> str:
        if room is None:
            return self._words("{account} works again.", account=account)
        return self._words("{room} is open to me again.", room=room)
