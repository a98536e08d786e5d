"""Reminding those who have to decide, once each, and warning the chair of who was not reached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import numbering, telling
from bot.decisions import announcing, proposals, showing, view
from bot.decisions.house import House
from bot.decisions.proposals import SILENCE
from bot.decisions.reminders import Reminder, due, left_of, next_moment, next_step, stepped
from bot.decisions.voices import Stance
from bot.events import Answer, Outgoing, PersonId, RoomId
from bot.richtext import say
from bot.sharing.teams import TeamKey
from bot.store.tables import Roster
from bot.store.tables.decisions import Decision, Voice
from bot.words import message

_encode = msgspec.json.Encoder().encode
_SAID = {
    Reminder.HALF: message("Half of the time is over. It ends {when}."),
    Reminder.LAST: message("The last hour has begun. It ends {when}."),
}


def remind(session: Session, house: House, row: Decision, now: datetime) -> list[Outgoing]:
    """Say what is due. Of several reminders that were missed only the latest is said."""
    if row.expires is None:
        return []
    told = proposals.told_of(row)
    found = due(row.opened, row.expires, told, now)
    if not found:
        return []
    row.told = _encode(sorted({*told, *found})).decode()
    outgoing: list[Outgoing] = []
    if Reminder.UNREACHED in found:
        outgoing += _warn(session, house, row)
    to_all = next((each for each in found if each in _SAID), None)
    if to_all is not None:
        text, when = _SAID[to_all], row.expires
        outgoing += announcing.announce(
            session, house, row,
            lambda shown, words: words(text, when=showing.instants(when, shown.zones)),
        )  # fmt: skip
        outgoing += ask_again(session, house, row)
    return outgoing


def begin_again(row: Decision, now: datetime) -> None:
    """It ends later than it was said to: who was told of its last hour is told again."""
    told = [each for each in proposals.told_of(row) if each == Reminder.HALF]
    row.told = _encode(told if row.expires is None else stepped(told, row.expires, now)).decode()


def step_on(row: Decision, now: datetime) -> bool:
    """Keep how much time is left; whether that is less than its post says."""
    if row.expires is None or now >= row.expires:
        return False
    told = proposals.told_of(row)
    later = stepped(told, row.expires, now)
    row.told = _encode(later).decode()
    return left_of(told) != left_of(later)


def next_look(row: Decision, now: datetime, until: datetime | None) -> datetime | None:
    """When it is to be looked at, for a reminder or at `until`."""
    if row.expires is None:
        return until
    reminder = next_moment(row.opened, row.expires, proposals.told_of(row), now)
    less = next_step(row.expires, now)
    return min((each for each in (reminder, less, until) if each is not None), default=None)


def _warn(session: Session, house: House, row: Decision) -> list[Outgoing]:
    """Tell the chair which teams the text has not reached, and what follows from that."""
    shown = view.shown(session, house, row)
    if not shown.unreached:
        return []
    words = house.words_in()
    text = words(
        "{label} · {ref}: not every team has been reached before it ends.\nNot reached: {teams}\n"
        "For such teams the rule here is: {rule}. See “show {ref}”.",
        label=shown.marking.label,
        ref=shown.name,
        teams=showing.names(shown, shown.unreached),
        rule=str(proposals.terms_of(row).unreached),
    )
    return tell_chair(session, house, row, text)


def ask_again(session: Session, house: House, row: Decision) -> list[Outgoing]:
    """Who objected and has not confirmed it is asked once more, in private."""
    assert row.expires is not None, "silence has an end"
    words, name = house.words_in(), numbering.shown(proposals.reference_of(session, row))
    until = row.expires + timedelta(seconds=proposals.terms_of(row).grace)
    outgoing = []
    for voice in unconfirmed(row, proposals.voices_of(session, row)):
        text = words(
            "{ref}: you objected, and have not confirmed it.\nYour word is awaited until {when}: "
            "type “{call}”, and confirm. After that the chair rules.",
            ref=name, when=showing.instants(until, ()), call=call_of(row, voice),
        )  # fmt: skip
        room = _room_of(session, voice.person)
        if room is not None:
            controls = showing.objection(call_of(row, voice), words)
            person, team = PersonId(voice.person), voice.team
            asked = Answer(person, say(text), controls=controls, lasting=True, team=team)
            outgoing.append(Outgoing(room, asked))
    return outgoing


def ask_chair(session: Session, house: House, row: Decision) -> list[Outgoing]:
    """Nobody has confirmed it: the chair is asked to rule."""
    words, names = house.words_in(), house.directory().called
    name = numbering.shown(proposals.reference_of(session, row))
    waiting = unconfirmed(row, proposals.voices_of(session, row))
    teams = dict.fromkeys(names(TeamKey(each.team)) for each in waiting)
    text = words(
        "{ref} is held open: {teams} objected before its end, and did not confirm it.\n"
        "“rule {ref} counts WHY”, or “void WHY”.", ref=name, teams=", ".join(teams),
    )  # fmt: skip
    return tell_chair(session, house, row, text)


def unconfirmed(row: Decision, voices: Iterable[Voice]) -> list[Voice]:
    """What of the voices that count would break silence, and waits for its second step."""
    waiting = [each for each in voices if each.confirmed is None and each.ruling is None]
    return waiting if row.method == SILENCE else []


def call_of(row: Decision, voice: Voice) -> str:
    """What is typed to say once more what was not confirmed."""
    again = " as before" if voice.stance == Stance.AMEND else ""
    elsewhere = f" --for {voice.team}" if voice.entered else ""
    return f"voice {row.ref} {voice.stance}{again}{elsewhere}"


def _room_of(session: Session, person: str) -> RoomId | None:
    """A room that has somebody, by which they can be told something."""
    there = select(Roster.room).where(Roster.person == person, Roster.until.is_(None)).limit(1)
    found = session.execute(there).scalar()
    return None if found is None else RoomId(found)


def tell_chair(session: Session, house: House, row: Decision, text: str) -> list[Outgoing]:
    """A word to the team that presides; where none does, to that which proposed it."""
    directory, key = house.directory(), row.chair or row.team
    team = None if key is None else directory.teams.get(TeamKey(key))
    return [] if team is None else telling.tell(session, directory, team, text)
