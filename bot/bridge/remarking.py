"""Marking a message anew: higher at any time, lower only where its words merely spoke of a label.

What may go further by that is fetched anew (see `bot.bridge.fetching`): nothing of what was held
back was kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import links, relabelling, requested, taking
from bot.bridge.linking import Place
from bot.bridge.relabelling import Able
from bot.bridge.requested import Fetch
from bot.custody.effective import below, stored_lists, stored_release
from bot.custody.gatekeeper import Gatekeeper
from bot.errors import UserError
from bot.events import Outgoing, PersonId
from bot.sharing.marking import Label, Marking, Releasable, strictest
from bot.store.tables import Message
from bot.words import Words


def higher(
    session: Session,
    row: Row[Any],
    wanted: Marking,
    custody: Gatekeeper,
    words: Words,
    able: Able,
    now: datetime,
) -> list[Outgoing]:
    """Mark a message at least so; what is taken back by that, of it and of what hangs on it, and
    what says otherwise from now on how it is marked.
    """
    marked = custody.markings.marked(row)
    marking = strictest(marked.marking, wanted)
    if row.released is not None:
        links.change(session, row.id, released=stored_release(marking, marked.said))
        more = tuple(each for each in wanted.releasable if each not in marked.marking.releasable)
        unreleased = custody.markings.unreleased(row).marking
        marking = strictest(unreleased, Marking(wanted.label, more))  # for when the release is over
    _write(session, row.id, marking)
    return [
        *taking.again(session, row.id, custody, words, now),
        *relabelling.whole(session, row.id, custody, able, now),
    ]


def lower(
    session: Session,
    row: Row[Any],
    wanted: Marking,
    custody: Gatekeeper,
    by: PersonId,
    place: Place,
    able: Able,
    now: datetime,
) -> list[Outgoing]:
    """Mark a message lower, down to what its own words say; it, and what hangs on it and was
    withheld, goes where it may go by that. What says otherwise from now on how it is marked.
    Raises UserError where that is too low.
    """
    lowest = custody.markings.lowest(row)
    if lowest is None or wanted.label < lowest:
        raise UserError(
            "That would lower it: only a release by the team that it came from does that."
        )
    _write(session, row.id, wanted)
    hanging = select(Message.id).where(
        Message.id.in_(below(session, row.id)), Message.withheld, Message.deleted.is_(None)
    )
    for number in (row.id, *session.execute(hanging).scalars()):
        requested.fetch(session, number, by, Fetch(place=place), now)
    return relabelling.whole(session, row.id, custody, able, now)


def _write(session: Session, number: int, marking: Marking) -> None:
    """Somebody has said how it is meant: nothing that it merely speaks of counts any more."""
    values = {"label": marking.label.value, "releasable": stored_lists(marking.releasable)}
    links.change(session, number, floor=None, spoken=None, **values)


def at_least(row: Row[Any], custody: Gatekeeper, label: Label | None, more: Releasable) -> Marking:
    """The marking that is meant by a label (None: the one that it has) and more lists."""
    current = custody.markings.marked(row).marking
    return Marking(current.label if label is None else label, (*current.releasable, *more))
