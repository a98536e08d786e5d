"""A team says something to a proposal: one voice a team, through its delegates.

Who may not speak is answered and written down, and does not count; what needs a second step is on
record from the first, so that it keeps the proposal open, and counts from the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.decisions import closing, indexing, proposals, showing
from bot.decisions.announcing import announce, refresh
from bot.decisions.house import House
from bot.decisions.ledger.writing import BALLOT, append
from bot.decisions.proposals import SILENCE, State
from bot.decisions.voices import BREAKING, Ruling, Stance
from bot.events import Outgoing, PersonId
from bot.sharing.teams import TeamKey
from bot.store.tables.decisions import Decision, Voice
from bot.words import message


class Refused(StrEnum):
    """Why a voice does not count, as a code that is kept with it."""

    NO_TEAM = "no team"
    NOT_ON_ROSTER = "not on the roster"
    OBSERVER = "observer"
    NO_DELEGATE = "no delegate"
    FROZEN = "frozen"
    LATE = "late"
    DISPUTED = "disputed"
    """It was read after the end and claims to have been said before: the chair rules."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks. `members`: all their accounts in normal form; `entering`: the chair, for a team
    that said it elsewhere.
    """

    person: PersonId
    members: frozenset[str]
    team: TeamKey | None
    entering: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of it. `refused` None: it counts; `asks`: its second step is still to be taken."""

    voice: Voice | None
    refused: Refused | None = None
    asks: bool = False
    outgoing: tuple[Outgoing, ...] = ()


def right_to_speak(row: Decision, speaker: Speaker) -> Refused | None:
    """Why somebody has no voice in it; None where they have."""
    delegates = proposals.delegates_of(row)
    if speaker.team is None:
        return Refused.NO_TEAM
    if speaker.team not in delegates:
        return Refused.NOT_ON_ROSTER
    if not speaker.entering and speaker.members.isdisjoint(delegates[speaker.team]):
        return Refused.NO_DELEGATE
    return None


def speak(
    session: Session,
    house: House,
    row: Decision,
    speaker: Speaker,
    stance: Stance,
    text: str,
    said: datetime,
    now: datetime,
    *,
    confirmed: bool = False,
) -> Spoken:
    """Say something for a team. Under silence what would break it takes a second step
    (`confirmed`), and is final then.
    """
    refused = right_to_speak(row, speaker)
    if refused is not None:
        return Spoken(None, refused)
    if row.state != State.OPEN:
        return _afterwards(session, row, speaker, stance, text, said, now)
    breaking = row.method == SILENCE and stance in BREAKING
    pending = _pending(session, house, row, speaker, stance) if breaking else None
    if pending is not None and confirmed:
        pending.confirmed = now
        body = {"entry": pending.entry, "by": speaker.person}
        append(session, proposals.reference_of(session, row), "confirmed", body, now)
    elif pending is None:
        pending = _note(session, row, speaker, stance, text, said, now)
        if confirmed or not breaking:
            pending.confirmed = now
    session.flush()
    if pending.confirmed is None:
        return Spoken(pending, asks=True)
    closed = closing.look(session, house, row, now)
    return Spoken(pending, outgoing=tuple(closed or refresh(session, house, row)))


def affirm(
    session: Session, house: House, row: Decision, voice: Voice, by: PersonId, now: datetime
) -> list[Outgoing]:
    """A team says that it did say what the chair entered for it."""
    voice.affirmed = now
    body = {"entry": voice.entry, "by": by}
    append(session, proposals.reference_of(session, row), "affirmed", body, now)
    session.flush()
    return closing.look(session, house, row, now)


def rule(
    session: Session,
    house: House,
    row: Decision,
    voice: Voice,
    ruling: Ruling,
    text: str,
    by: PersonId,
    now: datetime,
) -> list[Outgoing]:
    """The chair rules on a voice, on record; every room is told. What has closed stays closed."""
    voice.ruling = ruling
    body = {"entry": voice.entry, "ruling": str(ruling), "by": by}
    append(session, proposals.reference_of(session, row), "ruled", body, now, text or None)
    session.flush()
    indexing.index(session, row)
    sentence = _COUNTS if ruling is Ruling.COUNTS else _VOID
    team = TeamKey(voice.team)
    told = announce(
        session, house, row,
        lambda shown, words: _with(words(sentence, team=showing.names(shown, [team])), text),
    )  # fmt: skip
    return [*told, *(closing.look(session, house, row, now) or refresh(session, house, row))]


def rule_at_large(
    session: Session, house: House, row: Decision, text: str, by: PersonId, now: datetime
) -> list[Outgoing]:
    """The chair rules on something else about it, on record; every room is told."""
    append(session, proposals.reference_of(session, row), "ruled", {"by": by}, now, text)
    indexing.index(session, row)
    return announce(session, house, row, lambda _, words: _with(words(_RULED), text))


_COUNTS = message("The chair rules: what {team} said counts.")
_VOID = message("The chair rules: what {team} said is void.")
_RULED = message("The chair rules:")


def _with(sentence: str, text: str) -> str:
    return f"{sentence}\n{text}" if text else sentence


def to_rule_on(session: Session, row: Decision) -> list[Voice]:
    """The voices that wait for the chair: objections that nobody has confirmed, and what claims to
    have been said before the end.
    """
    voices = proposals.voices_of(session, row, counted=False)
    return [
        voice
        for voice in voices
        if voice.ruling is None
        and (voice.reason == Refused.DISPUTED or (voice.counted and voice.confirmed is None))
    ]


def _afterwards(
    session: Session,
    row: Decision,
    speaker: Speaker,
    stance: Stance,
    text: str,
    said: datetime,
    now: datetime,
) -> Spoken:
    """It had closed: written down, and not counted. What claims to be older is for the chair."""
    ended = row.expires if row.state == State.ADOPTED else row.closed
    why = Refused.DISPUTED if ended is not None and said < ended else Refused.LATE
    voice = _note(session, row, speaker, stance, text, said, now, why)
    session.flush()
    return Spoken(voice, why)


def _pending(
    session: Session, house: House, row: Decision, speaker: Speaker, stance: Stance
) -> Voice | None:
    """The same, said before by any of their accounts, and not confirmed yet."""
    where = (
        Voice.ref == row.ref, Voice.team == speaker.team, Voice.stance == stance,
        Voice.confirmed.is_(None), Voice.ruling.is_(None),
    )  # fmt: skip
    found, called = select(Voice).where(*where), house.directory().member_of
    for voice in session.execute(found.order_by(Voice.id.desc())).scalars():
        if voice.person == speaker.person or called(PersonId(voice.person)) in speaker.members:
            return voice
    return None


def _note(
    session: Session,
    row: Decision,
    speaker: Speaker,
    stance: Stance,
    text: str,
    said: datetime,
    now: datetime,
    why: Refused | None = None,
) -> Voice:
    """Put a voice on record: in the ledger, with its words, and beside the proposal."""
    assert speaker.team is not None, "only who has a voice comes here"
    secret = proposals.terms_of(row).secret and row.state == State.OPEN
    body: dict[str, Any] = {
        "team": speaker.team,
        "voice": None if secret else str(stance),
        "by": speaker.person,
        "network": speaker.person.partition(":")[0],
        "said": said.isoformat(),
        "received": now.isoformat(),
        "entered": speaker.entering,
        "counted": why is None,
        "reason": None if why is None else str(why),
    }
    kind, said_text = "voice" if why is None else "late voice", text or None
    if secret:  # committed to by its salted hash, and shown when the vote has ended
        kind, said_text = BALLOT, f"{stance}\n{text}"
    entry = append(session, proposals.reference_of(session, row), kind, body, now, said_text)
    voice = Voice(
        ref=row.ref, team=speaker.team, person=speaker.person, stance=stance, said=said,
        received=now, entered=speaker.entering, counted=why is None, reason=why, entry=entry.entry,
    )  # fmt: skip
    session.add(voice)
    if text and not secret:
        indexing.index(session, row)
    return voice
