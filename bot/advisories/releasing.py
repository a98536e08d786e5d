"""From a sealed draft to posts in every room, and what becomes of them.

All of a step happens in one transaction: the number, the state and the deliveries, or none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from bot.advisories import (
    keeping,
    landing,
    posts,
    reminding,
    sealing,
    showing,
    subscribing,
    urging,
    view,
)
from bot.advisories.document import Update, decoded_update, digest, encoded, encoded_update
from bot.advisories.house import House
from bot.advisories.landing import Teller
from bot.advisories.showing import Shown
from bot.advisories.states import BEFORE, State, may_follow
from bot.custody import numbering
from bot.custody.effective import Marked
from bot.errors import UserError
from bot.events import Outgoing, PersonId
from bot.paging import ladder
from bot.richtext import RichText
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Due, Handler, Place
from bot.store.tables.advisories import Advisory
from bot.times.instants import Reading
from bot.times.zones import zone_name
from bot.words import Words

KIND = "advisory"
"""The kind of schedule that releases one."""


def schedule(
    session: Session,
    row: Advisory,
    reading: Reading,
    by: PersonId,
    place: Place | None,
    now: datetime,
) -> None:
    """Let it be released at an instant. Nobody but its authors sees that in a list of schedules:
    until then it does not exist for others.
    """
    check_sealed(session, row)
    keeping.unschedule(session, row, now)
    plan = Plan(KIND, row.ref, by, place, row.team)
    planned = schedules.begin_once(session, plan, reading.at, zone_name(reading.zone), now)
    row.state, row.at, row.schedule = State.SCHEDULED, reading.at, planned.handle
    if len(keeping.authors_of(row)) > 1:
        row.embargo = reading.at
    session.flush()


def handler(house: House) -> Handler:
    """What the scheduler does when its time has come."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        row = keeping.find(session, due.object)
        if row is None or row.state != State.SCHEDULED or row.schedule != due.handle:
            return ()
        teller = _teller(session, due)
        may, denied = landing.judged(house, row)
        if not may:
            return _kept_back(session, house, row, teller, now, left=bool(denied))
        if teller is not None:
            landing.begin(session, row, teller, now)
        return release(session, house, row, now, late=due.late)

    return occur


def _teller(session: Session, due: Due) -> Teller | None:
    planned = schedules.by_handle(session, due.handle)
    if planned is None or planned.place is None:
        return None
    return Teller(due.by, msgspec.json.decode(planned.place, type=Place))


def _kept_back(
    session: Session, house: House, row: Advisory, teller: Teller | None, now: datetime, *,
    left: bool,
) -> list[Outgoing]:  # fmt: skip
    """No room may have it by now, or none is `left`: it takes no number, and its author is told."""
    row.state = State.SEALING
    keeping.unschedule(session, row, now)
    session.flush()
    if teller is None:
        return []
    words = house.words_in()
    why = words(
        "{ref} was not posted: no room may have it, as it is marked.\n"
        "“advisory preview {ref}” says why; then post it again.", ref=row.ref,
    )  # fmt: skip
    gone = words(
        "{ref} was not posted: the settings have none of its channels any more.\n"
        "Draft it for another.", ref=row.ref,
    )  # fmt: skip
    return [landing.told(teller, why if left else gone)]


def check_embargo(row: Advisory, at: datetime) -> None:
    """Raise UserError where it would be out before the instant that held for several teams: an edit
    in between, or one team less, changes nothing about that.
    """
    if row.embargo is not None and at < row.embargo:
        raise UserError(
            "It is under embargo until then: “advisory lift {ref}” by two of its teams posts it "
            "at once.", ref=row.ref,
        )  # fmt: skip


def is_held(row: Advisory, now: datetime) -> bool:
    """Whether it waits for an instant that two of its teams can lift."""
    embargoed = row.embargo is not None and now < row.embargo
    return row.state == State.SCHEDULED or (row.state in BEFORE and embargoed)


def unschedule(session: Session, row: Advisory, now: datetime) -> None:
    """It is posted at no time any more, and its seals hold."""
    keeping.unschedule(session, row, now)
    row.state = State.SEALING
    session.flush()


def check_sealed(session: Session, row: Advisory) -> None:
    """Raise UserError where it cannot be released."""
    if row.state not in BEFORE:
        raise UserError("It is {state} already.", state=row.state)
    if not sealing.is_sealed(session, row):
        raise UserError(
            "It is not sealed yet: “advisory seal {ref}” by those it waits for.", ref=row.ref
        )


def release(
    session: Session, house: House, row: Advisory, now: datetime, *, late: bool = False
) -> list[Outgoing]:
    """Give it its number and post it in every room that may have it."""
    check_sealed(session, row)
    _step(row, State.RELEASED)
    keeping.unschedule(session, row, now)
    numbering.number(session, keeping.reference_of(session, row), now)
    row.released = row.asked = now
    document = keeping.document_of(row)
    row.roster = keeping.listed(keeping.roster(house, keeping.channels_of(row), document.group))
    session.flush()
    reminding.begin(session, house, row, now)
    outgoing = posts.put(session, house, row, view.shown(session, house, row, late=late))
    urging.begin(session, house, row, now)
    outgoing += subscribing.tell_released(session, house, row)
    older = None if row.supersedes is None else keeping.find(session, row.supersedes)
    if older is not None and older.state == State.RELEASED:
        outgoing += supersede(session, house, older, row, now)
    return outgoing


def supersede(
    session: Session, house: House, row: Advisory, by: Advisory, now: datetime
) -> list[Outgoing]:
    """Another advisory that is out takes its place."""
    _step(row, State.SUPERSEDED)
    row.superseded, row.closed = by.ref, now
    _drop_pending(row)
    session.flush()
    ladder.call_off(session, row.ref, now)
    return posts.end(session, house, row)


def withdraw(
    session: Session, house: House, row: Advisory, why: str, now: datetime, *,
    take_back: bool = False,
) -> list[Outgoing]:  # fmt: skip
    """It holds no more: said on its posts, and in their threads; or they are deleted."""
    _step(row, State.WITHDRAWN)
    row.reason, row.closed = why, now
    row.taken_back = now if take_back else None
    _drop_pending(row)
    session.flush()
    ladder.call_off(session, row.ref, now)
    end = posts.take_back if take_back else posts.end
    return end(session, house, row)


def cancel(session: Session, row: Advisory, now: datetime) -> None:
    """It is never released."""
    _step(row, State.CANCELLED)
    keeping.unschedule(session, row, now)
    row.closed = now
    session.flush()


def add(row: Advisory, update: Update) -> None:
    """Something is to be added to what is out: once it is sealed."""
    if row.state != State.RELEASED:
        raise UserError("Only what is released is updated: it is {state}.", state=row.state)
    row.pending = encoded_update(update)
    _hash(row)


def pending_of(row: Advisory) -> Update | None:
    """The update that waits for its seals."""
    return None if row.pending is None else decoded_update(row.pending)


def publish(session: Session, house: House, row: Advisory, now: datetime) -> list[Outgoing]:
    """Add what was sealed: on its posts, and as a message in their threads."""
    assert row.pending is not None, "something waits"
    update, document = decoded_update(row.pending), keeping.document_of(row)
    document = keeping.with_update(document, update, now)
    row.document, row.pending = encoded(document), None
    _hash(row)
    if not update.minor:
        row.asked = now
        reminding.begin(session, house, row, now)
        urging.begin(session, house, row, now)
    session.flush()
    marked = Marked(keeping.marked_as(row).marking, keeping.marked_as(row).originator, now)

    def said(shown: Shown, words: Words) -> RichText:
        return showing.added(shown, update, words)

    return [
        *posts.refresh(session, house, row),
        *posts.answer(session, house, row, said, marked),
    ]


def _drop_pending(row: Advisory) -> None:
    """Nothing is added to what holds no more."""
    row.pending = None
    _hash(row)


def _hash(row: Advisory) -> None:
    document, channels = keeping.document_of(row), keeping.channels_of(row)
    row.digest = digest(document, channels, keeping.sealing_of(row), row.pending)


def _step(row: Advisory, then: State) -> None:
    if not may_follow(State(row.state), then):
        raise UserError("That cannot be done: it is {state}.", state=row.state)
    row.state = then
