"""Reminding those who have to decide, once each, and warning the chair of who was not reached."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from bot.custody import telling
from bot.decisions import announcing, proposals, showing, view
from bot.decisions.house import House
from bot.decisions.reminders import Reminder, due, left_of, next_moment, next_step, stepped
from bot.events import Outgoing
from bot.sharing.teams import TeamKey
from bot.store.tables.decisions import Decision
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


def tell_chair(session: Session, house: House, row: Decision, text: str) -> list[Outgoing]:
    """A word to the team that presides; where none does, to that which proposed it."""
    directory, key = house.directory(), row.chair or row.team
    team = None if key is None else directory.teams.get(TeamKey(key))
    return [] if team is None else telling.tell(session, directory, team, text)
