"""What becomes of a proposal: looked at when its time has come, or something has happened to it.

All of it in the transaction that wakes it, so that it happens once and is told once in every room,
whatever crashes. A clock that is set back opens nothing again: what has closed is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.custody import hearing, numbering, posting
from bot.decisions import indexing, proposals, reminding, showing, view
from bot.decisions.announcing import announce, refresh, shown_in
from bot.decisions.house import House
from bot.decisions.ledger.writing import append
from bot.decisions.methods import METHODS, Poll, is_settled
from bot.decisions.proposals import HEAD, OUTCOME, RECORDED, SILENCE, State
from bot.decisions.silence import (
    LAG,
    Adopt,
    Awaited,
    Break,
    Exclude,
    Extend,
    Fail,
    Step,
    Wait,
    Why,
    next_step,
)
from bot.decisions.voices import BREAKING, Stance
from bot.events import Outgoing, PersonId, RoomId
from bot.sharing.teams import TeamKey
from bot.store.tables import Heard, Inbox, InboxState, Posting
from bot.store.tables.decisions import Decision
from bot.words import Words, message

_encode = msgspec.json.Encoder().encode
_SOON, _SELDOM = timedelta(seconds=2), timedelta(minutes=1)
"""Between two looks whether a text has reached those whom it had not at its expiry."""
_NUMBERED = frozenset({State.ADOPTED, State.AGREED, State.RESERVED})
"""What is decided has a number; what came to nothing has none."""
_EXTENDED = {
    Why.OUTAGE: message("A room could not be heard over the expiry. It goes on until {when}."),
    Why.UNREACHED: message("Not every team had been reached. It goes on until {when}."),
}
_BY_HAND = message("It was extended. It goes on until {when}.")


@dataclass(frozen=True, slots=True)
class Settle:
    """What was decided by those who were there is recorded as this."""

    state: State


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done: the proposals to be looked at, by their handles; and the rooms that are
    to be read up to now, since the time of something that was put there is over.
    """

    refs: tuple[str, ...]
    rooms: tuple[RoomId, ...]


def due(session: Session, now: datetime) -> Due:
    """What is to be done now. What waits to be read up to its expiry is looked at when it was."""
    is_open = Decision.state == State.OPEN
    timed = select(Decision.ref).where(is_open, Decision.look <= now).order_by(Decision.look)
    refs = dict.fromkeys(session.execute(timed).scalars())
    ended = (is_open, Decision.expires <= now, Decision.read.is_(None))
    found = (
        select(Decision.ref, Decision.expires, Posting.room, Heard.until)
        .outerjoin(Posting, (Posting.ref == Decision.ref) & (Posting.kind == HEAD))
        .outerjoin(Heard, Heard.room == Posting.room)
        .where(*ended)
    )
    behind: dict[RoomId, None] = {}
    waiting: dict[str, bool] = {}
    for ref, expires, room, until in session.execute(found):
        unread = room is not None and (until is None or until < (expires or now))
        waiting[ref] = waiting.get(ref, False) or unread
        if unread:
            behind[RoomId(room)] = None
    refs |= dict.fromkeys(ref for ref, waits in waiting.items() if not waits)
    return Due(tuple(refs), tuple(behind))


def look(session: Session, house: House, row: Decision, now: datetime) -> list[Outgoing]:
    """Do what is to be done with a proposal now."""
    if row.state != State.OPEN:
        return []
    outgoing = reminding.remind(session, house, row, now)
    less = reminding.step_on(row, now)
    while row.state == State.OPEN:
        _note_read(session, house, row, now)
        step = _next(session, house, row, now)
        if isinstance(step, Wait):
            shown = _wait(session, house, row, step, now)
            return [*outgoing, *(shown or (refresh(session, house, row) if less else []))]
        outgoing += _carry_out(session, house, row, step, now)
    return outgoing


def withdraw(
    session: Session, house: House, row: Decision, now: datetime, by: PersonId
) -> list[Outgoing]:
    """Its proposer takes it back."""
    return _close(session, house, row, State.WITHDRAWN, {"by": by}, now)


def extend(
    session: Session,
    house: House,
    row: Decision,
    to: datetime,
    why: str,
    now: datetime,
    by: PersonId | None,
) -> list[Outgoing]:
    """The period goes on until a later moment; it never ends earlier than it was said to."""
    assert row.expires is None or to > row.expires, "never shortened"
    row.expires, row.read, row.waiting = to, None, None
    reminding.begin_again(row, now)
    _record(session, row, "extended", {"to": to.isoformat(), "why": why, "by": by}, now)
    told = _announce_end(session, house, row, _BY_HAND)
    return [*told, *(look(session, house, row, now) or refresh(session, house, row))]


def found(
    session: Session, house: House, row: Decision, state: State, at: datetime, now: datetime
) -> list[Outgoing]:
    """It ended before the store was restored from a copy, as was met in a room: it is not decided
    again, and nothing is told twice.
    """
    told = _close(session, house, row, state, {"found": at.isoformat()}, now)
    row.closed = at
    return told


def _announce_end(session: Session, house: House, row: Decision, text: str) -> list[Outgoing]:
    """Tell every room until when it goes on, and why."""
    assert row.expires is not None, "it was extended to a moment"
    when = row.expires
    return announce(
        session, house, row,
        lambda shown, words: words(text, when=showing.instants(when, shown.zones)),
    )  # fmt: skip


def _note_read(session: Session, house: House, row: Decision, now: datetime) -> None:
    """Remember when every rostered room had been read up to the expiry."""
    if row.read is not None or row.expires is None or now < row.expires:
        return
    rooms = posting.rooms_with(session, row.ref, HEAD)
    if any(map(house.is_frozen, rooms)) or hearing.unread(session, rooms, row.expires):
        return
    until = {"until": row.expires + LAG}
    if session.connection().execute(_UNHEARD, until).first() is None:
        row.read = now


_UNHEARD = (
    select(Inbox.seq)
    .where(Inbox.state == InboxState.PENDING, Inbox.received <= bindparam("until"))
    .limit(1)
)
"""Commands that came before the end and were not run yet."""


def _next(session: Session, house: House, row: Decision, now: datetime) -> Step | Settle:
    if row.method == SILENCE:
        return next_step(proposals.procedure(session, row, now), now)
    return _next_of_vote(session, house, row, now)


def _next_of_vote(session: Session, house: House, row: Decision, now: datetime) -> Step | Settle:
    """A vote ends when it is settled, else at its expiry, all that was said before it counted."""
    poll = proposals.poll(session, row, _silenced(house, row))
    expired = row.expires is not None and now >= row.expires
    if expired and row.read is None:
        assert row.expires is not None
        late = now >= row.expires + LAG
        return Wait(
            None if late else row.expires + LAG, Awaited.OUTAGE if late else Awaited.READING
        )
    if row.method == RECORDED:
        everybody = poll.roster <= poll.voices.keys()
        return _settled(poll) if expired or everybody else Wait(row.expires)
    method = METHODS[row.method]
    if not expired and not (is_settled(method, poll) and not proposals.terms_of(row).secret):
        return Wait(row.expires)
    silent = poll.roster - poll.voices.keys()
    return Adopt((), silent) if method.carries(poll) else Fail(silent)


def _silenced(house: House, row: Decision) -> list[TeamKey]:
    """The teams whose voices do not count now, since they are frozen."""
    return [team for team in proposals.delegates_of(row) if house.is_silenced(team)]


def _settled(poll: Poll) -> Settle:
    """As what it is recorded: disputed if anybody objects, with the reservations that there are."""
    if poll.teams(BREAKING):
        return Settle(State.DISPUTED)
    reserved = poll.teams({Stance.RESERVE})
    return Settle(State.RESERVED if reserved else State.AGREED)


def _wait(
    session: Session, house: House, row: Decision, step: Wait, now: datetime
) -> list[Outgoing]:
    until = _delivered_by(row, now) if step.awaited is Awaited.DELIVERY else step.until
    before, row.look = row.waiting, reminding.next_look(row, now, until)
    row.waiting = step.awaited
    if step.awaited in {None, Awaited.READING} or before == step.awaited:
        return []
    return [*refresh(session, house, row), *_asked(session, house, row, step)]


def _asked(session: Session, house: House, row: Decision, step: Wait) -> list[Outgoing]:
    """Those whose word is awaited now are asked for it."""
    if step.awaited is Awaited.CONFIRMATION:
        return reminding.ask_again(session, house, row)
    return reminding.ask_chair(session, house, row) if step.awaited is Awaited.CHAIR else []


def _delivered_by(row: Decision, now: datetime) -> datetime:
    """When to look again whether it has reached every team: nothing tells of that. The longer it
    takes, the more seldom.
    """
    assert row.expires is not None, "only what has expired waits for delivery"
    return now + min(max((now - row.expires) / 10, _SOON), _SELDOM)


def _carry_out(
    session: Session, house: House, row: Decision, step: Step | Settle, now: datetime
) -> list[Outgoing]:
    match step:
        case Extend(to, why):
            row.expires, row.read, row.waiting = to, None, None
            reminding.begin_again(row, now)
            _record(session, row, "extended", {"to": to.isoformat(), "why": str(why)}, now)
            return [
                *_announce_end(session, house, row, _EXTENDED[why]),
                *refresh(session, house, row),
            ]
        case Exclude(teams):
            excluded = sorted(proposals.excluded_of(row) | teams)
            row.excluded = _encode(excluded).decode()
            _record(session, row, "excluded", {"teams": excluded}, now)
            return []
        case Break(voice):
            body: dict[str, Any] = {
                "team": voice.team,
                "voice": str(voice.stance),
                "order": voice.order,
            }
            return _close(session, house, row, State.BROKEN, body, now)
        case Fail(teams):
            return _close(session, house, row, State.FAILED, {"silent": sorted(teams)}, now)
        case Adopt(reservations, silent):
            body = {
                "reservations": [voice.team for voice in reservations],
                "silent": sorted(silent),
                "excluded": sorted(proposals.excluded_of(row)),
            }
            return _close(session, house, row, State.ADOPTED, body, now)
        case Settle(state):
            poll = proposals.poll(session, row, _silenced(house, row))
            body = {"silent": sorted(poll.roster - poll.voices.keys())}
            return _close(session, house, row, state, body, now)
        case Wait():
            raise AssertionError(step)


def _close(
    session: Session, house: House, row: Decision, state: State, body: dict[str, Any], now: datetime
) -> list[Outgoing]:
    """It ends: on record, with a number if it is adopted, told in every room and shown in its own
    post.
    """
    reference = proposals.reference_of(session, row)
    if state in _NUMBERED:
        numbering.number(session, reference, now)
    row.state, row.closed, row.look, row.waiting = state, now, None, None
    if row.method != SILENCE:
        silenced = _silenced(house, row)
        voices = proposals.poll(session, row, silenced).voices
        body = {**body, "votes": {team: str(stance) for team, stance in voices.items()}}
        body |= {"frozen": silenced} if silenced else {}
    _record(session, row, state, body, now)
    indexing.index(session, row)
    shown = view.shown(session, house, row)
    in_room, rooms = (
        shown_in(session, house, row, shown),
        posting.rooms_with(session, row.ref, HEAD),
    )
    bodies = {
        room: showing.outcome(in_room(room), words, _reasons(row, shown, body, words))
        for room in rooms
        for words in [house.words_in(room)]
    }
    told = posting.put(
        session, row.ref, OUTCOME, bodies, proposals.marked_as(row), house.new_id, house.capable,
        mark=state,
    )  # fmt: skip
    return [*told, *refresh(session, house, row, shown)]


def _reasons(
    row: Decision, shown: showing.Shown, body: dict[str, Any], words: Words
) -> Iterator[str]:
    """Why it came to that, as far as the voices do not say it."""
    silent = showing.names(shown, map(TeamKey, body.get("silent", ())))
    match State(row.state):
        case State.ADOPTED if silent:
            yield words("Nobody objected. Silent: {teams}", teams=silent)
        case State.BROKEN if "team" in body:
            team = shown.names.get(TeamKey(body["team"]), body["team"])
            yield words("{team} broke the silence. A new proposal may follow.", team=team)
        case State.FAILED if silent and row.method == SILENCE:
            yield words("These teams were not reached: {teams}", teams=silent)
        case State.AGREED | State.RESERVED | State.DISPUTED if silent:
            yield words("Said nothing: {teams}", teams=silent)
        case State.FAILED if row.method != SILENCE:
            yield words("It needed: {rule}.", rule=words(METHODS[row.method].rule))
    if frozen := body.get("frozen"):
        teams = showing.names(shown, map(TeamKey, frozen))
        yield words("Frozen, so that their voices do not count: {teams}", teams=teams)
    if excluded := body.get("excluded"):
        teams = showing.names(shown, map(TeamKey, excluded))
        yield words("Without these teams, which it has not reached: {teams}", teams=teams)


def _record(
    session: Session, row: Decision, kind: str, body: dict[str, Any], now: datetime
) -> None:
    append(session, proposals.reference_of(session, row), kind, body, now)


def look_all(session: Session, house: House, refs: Iterable[str], now: datetime) -> list[Outgoing]:
    """Look at several; those that have closed meanwhile are left alone."""
    rows = (session.get(Decision, ref) for ref in refs)
    return [each for row in rows if row is not None for each in look(session, house, row, now)]
