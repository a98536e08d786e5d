"""The alarm: something was done under our own account, and no delivery explains it.

Whoever has the account's token may write into its admin rooms too: so those of other accounts are
told, where there are any. Never a word of what was said.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.custody.audit import BOT, Act, Action, Outcome, named, record
from bot.delivery import inbox, outbox
from bot.delivery.explaining import OwnDeed
from bot.events import MessageEdited, MessagePosted, Outgoing, Post, RoomId, account_of
from bot.richtext import say
from bot.store.tables import Inbox
from bot.words import Words, message

log = structlog.get_logger()

_MOST = 20
"""Alarms about one room within an hour that are told; the others are in the audit."""
_HOUR = timedelta(hours=1)
_ALARM = "alarm"
_DONE = {
    "post": message("ALARM: {room}: message {message} was posted under my account, not by me."),
    "edit": message("ALARM: {room}: message {message} was edited under my account, not by me."),
    "deletion": message(
        "ALARM: {room}: message {message} was deleted under my account, not by me."
    ),
}


class Alarms:
    """Tells the admin rooms, once for each deed."""

    def __init__(self, admin_rooms: Collection[RoomId], words: Words) -> None:
        self._admin_rooms = admin_rooms
        self._words = words

    def tell(self, session: Session, event: OwnDeed, now: datetime) -> set[str]:
        """Write down and tell that nobody here has done this; the lanes to wake."""
        kind, room = _kind(event), event.room
        version = f"{kind} {event.version}" if isinstance(event, MessageEdited) else kind
        if inbox.first_seen(session, room, _ALARM, event.message, now=now, version=version) is None:
            return set()
        log.warning("alarm", room=room, kind=kind)
        thing = named("room", room, event.message)
        record(session, Act(BOT, None, Action.ALARM, thing, kind, Outcome.FAILED), now)
        number = self._lately(session, room, now)
        if number > _MOST:
            return set()
        text = self._text(event, kind, last=number == _MOST)
        others = [each for each in self._admin_rooms if account_of(each) != account_of(room)]
        told = others or self._admin_rooms
        return outbox.put(session, [Outgoing(each, Post(say(text))) for each in told], now)

    def _text(self, event: OwnDeed, kind: str, *, last: bool) -> str:
        words, account = self._words, account_of(event.room)
        lines = [
            words(_DONE[kind], room=event.room, message=event.message),
            words(
                "Somebody else may have its token, so nothing of it was relayed. If you did not "
                "do it yourselves: “freeze {account}”, renew the token, “liaison reload”, “thaw "
                "{account}”.",
                account=account,
            ),
        ]
        if last:
            lines.append(words("Of this room I tell no more for now; the rest is in the audit."))
        return "\n".join(lines)

    def _lately(self, session: Session, room: RoomId, now: datetime) -> int:
        where = (Inbox.room == room, Inbox.kind == _ALARM, Inbox.received > now - _HOUR)
        return session.execute(select(func.count()).select_from(Inbox).where(*where)).scalar_one()


def _kind(event: OwnDeed) -> str:
    if isinstance(event, MessagePosted):
        return "post"
    return "edit" if isinstance(event, MessageEdited) else "deletion"
