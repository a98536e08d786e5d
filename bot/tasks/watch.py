"""Before the handler: what is frozen is held back, and what nobody here has done raises alarm."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol, TypeGuard

from sqlalchemy.orm import Session

from bot.custody import freezing
from bot.custody.frozen import Frozen, Kind, Order
from bot.delivery import inbox
from bot.delivery.explaining import OwnDeed, is_explained
from bot.delivery.inlet import Handled
from bot.delivery.rules import no_double
from bot.events import (
    Author,
    CommandTyped,
    Event,
    FormFilled,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Moved,
    Reacted,
    RoomId,
    RosterChanged,
    Standing,
    Unreadable,
)
from bot.richtext import plain
from bot.tasks.alarms import Alarms
from commands.grammar import Call, NearMiss, read_call, read_slash

_FROZEN = "frozen"
"""The kind in the inbox of messages that were held back: history does not bring them either."""
_ABOUT_FREEZING = frozenset({"freeze", "thaw"})
"""What is run while everything is frozen: nobody could thaw it otherwise."""


class Handles(Protocol):
    """The handler, as far as it is asked here."""

    def __call__(self, session: Session, event: Event, now: datetime) -> Handled:
        """Write what follows from an event."""

    def note(self, session: Session, event: MessagePosted, now: datetime) -> None:
        """Remember how something is marked that is held back."""

    def bring(self, session: Session, event: Event, room: RoomId, now: datetime) -> set[str]:
        """Give a room what history tells."""

    def fetched(
        self,
        session: Session,
        key: int,
        event: MessagePosted | None,
        now: datetime,
        *,
        failed: bool = False,
    ) -> set[str]:
        """Give what was fetched anew to the rooms that may have it."""


class Watch:
    """Hands the handler what may be handled."""

    def __init__(
        self,
        handler: Handles,
        frozen: Frozen,
        alarms: Alarms,
        names: Collection[str],
        bot_names: tuple[str, ...],
        doubles: Callable[[RoomId], bool] = no_double,
    ) -> None:
        """`doubles`: which rooms are another one, through which all that happens is heard too."""
        self._doubles = doubles
        self._handler = handler
        self._frozen = frozen
        self._alarms = alarms
        self._names = names
        self._bot_names = bot_names

    def __call__(self, session: Session, event: Event, now: datetime) -> Handled:
        """As the handler: write what follows from an event; what is left to do."""
        if isinstance(event, Ignored | Unreadable | RosterChanged):
            return self._handler(session, event, now)
        if _is_own(event):
            if not is_explained(session, event, now):
                return Handled(self._alarms.tell(session, event, now))
            return self._handler(session, event, now)
        if self._doubles(event.room):
            return Handled()
        order = self._frozen.keeps_out(event.room, getattr(event, "author", None))
        if order is not None and not self._is_about_freezing(event, order):
            return self._hold_back(session, order, event, now)
        return self._handler(session, event, now)

    def bring(self, session: Session, event: Event, room: RoomId, now: datetime) -> set[str]:
        """As the handler: what history tells, without what was held back when it was said."""
        match event:
            case MessagePosted() | MessageEdited() | Reacted():
                author: Author = event.author
                if self._frozen.keeps_out(event.room, author) is not None:
                    return set()
                if inbox.was_seen(session, event.room, _FROZEN, event.message):
                    return set()
        return self._handler.bring(session, event, room, now)

    def fetched(
        self,
        session: Session,
        key: int,
        event: MessagePosted | None,
        now: datetime,
        *,
        failed: bool = False,
    ) -> set[str] | None:
        """As the handler: give what was fetched anew to others; None while that is frozen."""
        if event is not None and self._frozen.keeps_out(event.room, event.author) is not None:
            return None
        return self._handler.fetched(session, key, event, now, failed=failed)

    def _is_about_freezing(self, event: Event, order: Order) -> bool:
        if order.kind is not Kind.ALL:
            return False
        call: Call | NearMiss | None
        match event:
            case CommandTyped(text=text):
                call = read_slash(text, self._names)
            case MessagePosted(version="", author=author) if not author.bot:
                call = read_call(
                    plain(event.body), names=self._names, addressed=event.mentions_bot,
                    direct=event.direct, bot_names=self._bot_names,
                )  # fmt: skip
            case _:
                return False
        return isinstance(call, Call) and call.name in _ABOUT_FREEZING

    def _hold_back(self, session: Session, order: Order, event: Event, now: datetime) -> Handled:
        """For good: neither its edit nor history brings it later. Only how many there were is kept,
        and how what was said is marked: who answers it after the thaw says what is marked so.
        """
        match event:
            case MessagePosted(room=room, message=message):
                if not self._is_new(session, room, "message", message, now):
                    return Handled()
                self._is_new(session, room, _FROZEN, message, now)
                self._handler.note(session, event, now)
            case CommandTyped(room=room, call=call) | FormFilled(room=room, call=call):
                if not self._is_new(session, room, "command", MessageId(call), now):
                    return Handled()
            case Moved(room=room):
                return Handled(rosters={room})  # who reads it has to be known all the same
            case MessageEdited() | MessageDeleted() | Reacted():
                pass
            case _:
                return Handled()
        freezing.count_held(session, order)
        return Handled()

    def _is_new(
        self, session: Session, room: RoomId, kind: str, message: MessageId, now: datetime
    ) -> bool:
        return inbox.first_seen(session, room, kind, message, now=now) is not None


def _is_own(event: Event) -> TypeGuard[OwnDeed]:
    """Whether it was done under our own account; another Liaison's messages are not."""
    if isinstance(event, MessagePosted):
        return event.own is not None and (event.own != "" or event.author.standing is Standing.OURS)
    return isinstance(event, MessageEdited | MessageDeleted) and event.own
