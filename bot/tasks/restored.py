"""Before everything else, while a restored store recovers: what is read is taken in, and nothing
follows from it that might have been done already.

Posts of our own are met instead of raising alarm. Commands that were typed since the copy are not
run, since nobody can tell which of them were; what is typed now is answered, and only what is
harmless is done.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TypeGuard

from sqlalchemy.orm import Session

from bot.custody import recovering
from bot.custody.frozen import Frozen, Order
from bot.delivery import inbox, outbox
from bot.delivery.explaining import OwnDeed
from bot.delivery.inlet import Handle, Handled
from bot.delivery.naming import lane_of
from bot.events import (
    Answer,
    Event,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Outgoing,
)
from bot.handler.asked import decode_asked
from bot.richtext import say
from bot.store.tables import Inbox
from bot.words import Words

RUN = frozenset({"help", "status", "ping", "whoami", "resume", "freeze", "thaw"})
"""Commands that are run meanwhile."""


class Restored:
    """Hands on what may be handled; while no recovery stands, everything."""

    def __init__(
        self, handle: Handle, frozen: Frozen, words: Words, names: Collection[str]
    ) -> None:
        self._handle = handle
        self._frozen = frozen
        self._words = words
        self._names = names

    def __call__(self, session: Session, event: Event, now: datetime) -> Handled:
        """As the handler."""
        order = self._frozen.recovery
        if order is None:
            return self._handle(session, event, now)
        if _is_ours(event):
            return self._meet(session, event, now)
        handled = self._handle(session, event, now)
        if _is_old(event, order):
            recovering.drop_answers(session, now, since=now)
            handled = replace(handled, heard=None)
        if handled.command is None:
            return handled
        return self._asked(session, handled, now, order)

    def _meet(self, session: Session, event: OwnDeed, now: datetime) -> Handled:
        if not isinstance(event, MessagePosted):
            return Handled()  # whoever edited and deleted
        if not event.own:
            recovering.note_files(session, event)
            return Handled()
        if outbox.met(session, event):
            recovering.note(session, event)
            return Handled()
        return Handled(outbox.landed(session, event.own, event.message, now))

    def _asked(self, session: Session, handled: Handled, now: datetime, order: Order) -> Handled:
        """A command: run where it is harmless and typed now."""
        assert handled.command is not None
        row = session.get(Inbox, handled.command)
        assert row is not None
        assert row.content is not None
        asked = decode_asked(row.content)
        new = asked.said >= order.since
        if new and not asked.call.near and asked.call.name in RUN:
            return handled
        inbox.run_out(session, handled.command)
        recovering.count_command(session)
        lanes = handled.lanes
        if new:
            text = self._words(
                "I am in recovery after a restore, and this was not done.\n"
                "Until an operator says “resume all” I run {commands}.",
                commands=", ".join(sorted(RUN & {*self._names})),
            )
            answer = Answer(
                asked.author.person, say(text), asked.reply, asked.thread, direct=asked.direct
            )
            said = Outgoing(asked.room, answer, lane_of(asked.author.person))
            lanes = lanes | outbox.put(session, [said], now)
        return replace(handled, command=None, lanes=lanes)


def _is_ours(event: Event) -> TypeGuard[OwnDeed]:
    if isinstance(event, MessagePosted):
        return event.own is not None
    return isinstance(event, MessageEdited | MessageDeleted) and event.own


def _is_old(event: Event, order: Order) -> bool:
    said = getattr(event, "said", None)
    return said is not None and said < order.since
