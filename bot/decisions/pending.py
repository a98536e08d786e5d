"""What of decisions is open: voices that are awaited, rulings, what the chair entered for a team,
and what somebody is to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.custody.pending import Item, Reader, Source
from bot.decisions import finding, proposals, reminding, tasks, voicing
from bot.decisions.finding import Found
from bot.decisions.house import House
from bot.decisions.proposals import RECORDED, SILENCE, State
from bot.decisions.showing import titled
from bot.decisions.silence import Awaited
from bot.sharing.teams import TeamKey
from bot.store.tables.decisions import Decision, Task, Voice
from bot.words import message

_TITLE = 60
_VOICE = message("a voice")
_RULING = message("a ruling of the chair")
_CONFIRMATION = message("whether it objects")
_AFFIRMATION = message("whether your team said so")
_ACTION = message("an action")


def source(house: House) -> Source:
    """All of it."""

    def gather(session: Session, reader: Reader) -> Iterator[Item]:
        still = select(Decision).where(Decision.state == State.OPEN).order_by(Decision.opened)
        for row in session.execute(still).scalars():
            found = _readable(session, house, reader, row)
            if found is not None:
                yield from _of_open(session, house, reader, found)
        for task in tasks.waiting(session):
            found = _readable(session, house, reader, session.get_one(Decision, task.ref))
            if found is not None and found.row.state != State.WITHDRAWN:
                yield _action(session, house, found, task)

    return gather


def _readable(session: Session, house: House, reader: Reader, row: Decision) -> Found | None:
    if row.channel not in reader.custody.doors.channels:
        return None
    known = _may(house, reader, row, proposals.marked_as(row))
    return finding.find(session, row.ref) if known else None


def _may(house: House, reader: Reader, row: Decision, marked: Marked) -> bool:
    council = house.council(row.channel)
    return reader.may(marked, row.channel, council.roster | council.observers)


def _of_open(session: Session, house: House, reader: Reader, found: Found) -> Iterator[Item]:
    row = found.row
    voices = proposals.voices_of(session, row)
    spoken = {each.team for each in voices}
    silent = frozenset(team for team in proposals.delegates_of(row) if team not in spoken)
    if not _may(house, reader, row, proposals.given_as(row)):  # it was released to them: who of the
        own = set() if reader.key is None else {reader.key}  # others spoke is not theirs
        silent &= own
        voices = [each for each in voices if each.team in own]
    said = "voice" if row.method in {RECORDED, SILENCE} else "vote"
    call = f"{said} {found.name} agree"
    yield _item(found, _VOICE, silent, call, expires=True)
    if row.waiting == Awaited.CHAIR and row.chair is not None:
        for voice in voicing.to_rule_on(session, row):
            yield _item(found, _RULING, _team(row.chair), f"rule {found.name} counts", voice)
    for voice in reminding.unconfirmed(row, voices):
        call = reminding.call_of(row, voice)
        yield _item(found, _CONFIRMATION, _team(voice.team), call, voice, expires=True)
    for voice in voices:
        if voice.entered and voice.affirmed is None:
            call = f"voice {found.name} {voice.stance}"
            yield _item(found, _AFFIRMATION, _team(voice.team), call, voice, expires=True)


def _action(session: Session, house: House, found: Found, task: Task) -> Item:
    name = f"{found.name}.{tasks.place_of(session, task)}"
    return Item(
        _ACTION, name, found.row.opened, titled(tasks.words_of(session, found.row, task), _TITLE),
        proposals.marked_as(found.row).marking.label, task.due, _team(task.team), f"done {name}",
        found.row.channel, tasks.owner_name(house.directory(), task.owner),
        proposals.marked_as(found.row).marking.releasable,
    )  # fmt: skip


def _item(
    found: Found, what: str, teams: frozenset[TeamKey], call: str, voice: Voice | None = None,
    *, expires: bool = False,
) -> Item:  # fmt: skip
    row = found.row
    held = row.waiting == Awaited.CHAIR or not expires
    return Item(
        what, found.name, row.opened if voice is None else voice.received,
        titled(found.text or "—", _TITLE), proposals.marked_as(row).marking.label,
        None if held else row.expires, teams, call, row.channel,
        releasable=proposals.marked_as(row).marking.releasable,
    )  # fmt: skip


def _team(key: str | None) -> frozenset[TeamKey]:
    return frozenset() if key is None else frozenset({TeamKey(key)})
