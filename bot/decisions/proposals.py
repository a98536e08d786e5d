"""A text that is put to the allies: what is frozen when it is opened, and how it stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.custody import numbering, posting
from bot.custody.effective import Marked, marked_of, stored_lists, stored_marked
from bot.decisions import indexing
from bot.decisions.ledger.writing import append
from bot.decisions.methods import Poll
from bot.decisions.reminders import next_moment, next_step, stepped
from bot.decisions.silence import Procedure, Rules, Unreached
from bot.decisions.voices import Ruling, Stance, latest
from bot.decisions.voices import Voice as Said
from bot.events import PersonId
from bot.sharing.teams import TeamKey
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision, Ledger, Voice

SILENCE = "silence"
RECORDED = "recorded"
"""Decided by those who were there, and written down."""
HEAD, TEXT, OUTCOME = "head", "text", "outcome"
"""What is posted of a proposal."""
OPENED, RELEASED, COPY = "opened", "released", "copy"
"""Kinds of entries: it begins by the first or the last of these (see `bot.decisions.releasing`)."""
KIND = "decision"
_HANDLE = "p"
_encode = msgspec.json.Encoder().encode


class State(StrEnum):
    """How something that is decided stands. The codes are stored, and given out."""

    OPEN = "open"
    ADOPTED = "adopted"
    BROKEN = "broken"
    AGREED = "agreed"
    RESERVED = "reserved"
    DISPUTED = "disputed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Terms(msgspec.Struct, frozen=True):
    """By what it is decided, frozen when it is opened; durations in seconds."""

    minimum: float = 3600.0
    grace: float = 900.0
    unreached: Unreached = Unreached.EXTEND
    weights: dict[TeamKey, int] = {}
    secret: bool = False
    """A closed ballot: until it ends it is shown who voted, and not how."""

    @property
    def rules(self) -> Rules:
        """As the silence procedure takes them."""
        return Rules(timedelta(seconds=self.minimum), timedelta(seconds=self.grace), self.unreached)


Delegates = dict[TeamKey, list[str]]
"""The teams that have a voice, each with those who speak for it, in normal form."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody proposes. `expires` None: it stays open until it is settled."""

    channel: str
    series: str
    text: str
    method: str
    proposer: PersonId
    team: TeamKey | None
    marked: Marked
    expires: datetime | None
    delegates: Mapping[TeamKey, Sequence[str]]
    observers: frozenset[TeamKey] = frozenset()
    chair: TeamKey | None = None
    terms: Terms = field(default_factory=Terms)
    about: tuple[str, ...] = ()
    """Handles and numbers of what it refers to."""
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What else goes on record: who was present, what it answers. No free text of anybody."""


def open_proposal(session: Session, opening: Opening, now: datetime) -> Decision:
    """Put it on record. Its text is frozen by the ledger's commitment to it."""
    reference = numbering.begin(session, KIND, _HANDLE, opening.series, now)
    delegates = {team: sorted(opening.delegates[team]) for team in sorted(opening.delegates)}
    marking = opening.marked.marking
    body = {
        "channel": opening.channel,
        "method": opening.method,
        "expires": _said(opening.expires),
        "roster": delegates,
        "observers": sorted(opening.observers),
        "chair": opening.chair,
        "by": opening.proposer,
        "team": opening.team,
        "marking": str(marking.label),
        "releasable": stored_lists(marking.releasable),
        "terms": msgspec.to_builtins(_whole(opening.terms)),
        "about": list(opening.about),
    }
    append(session, reference, OPENED, {**body, **opening.beside}, now, opening.text)
    end = opening.expires
    looks = [] if end is None else [next_moment(now, end, (), now), next_step(end, now), end]
    told = [] if end is None else stepped((), end, now)
    row = Decision(
        ref=reference.handle, channel=opening.channel, method=opening.method, state=State.OPEN,
        matter=stored_marked(opening.marked), proposer=opening.proposer, team=opening.team,
        chair=opening.chair, roster=_encode(delegates).decode(),
        rules=_encode(opening.terms).decode(), opened=now, expires=opening.expires,
        look=min((each for each in looks if each is not None), default=None), excluded="[]",
        told=_encode(told).decode(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    indexing.index(session, row)
    return row


def copy_of(
    session: Session, row: Decision, series: str, marked: Marked, by: PersonId, now: datetime
) -> Decision:
    """What others are given of a decision that has ended: its text and what came of it, under a
    name of its own; neither who said what nor what it is called where it was decided.
    """
    old = reference_of(session, row)
    reference = numbering.begin(session, KIND, _HANDLE, series, now)
    if old.number is not None:
        numbering.number(session, reference, now)
    marking = marked.marking
    body = {
        "channel": row.channel,
        "method": row.method,
        "state": row.state,
        "opened": _said(row.opened),
        "closed": _said(row.closed),
        "by": by,
        "team": row.team,
        "marking": str(marking.label),
        "releasable": stored_lists(marking.releasable),
    }
    append(session, reference, COPY, body, now, text_of(session, row))
    copy = Decision(
        ref=reference.handle, channel=row.channel, method=row.method, state=row.state,
        matter=stored_marked(marked), proposer=row.proposer, team=row.team, chair=row.chair,
        roster="{}", rules=_encode(Terms()).decode(), opened=row.opened, closed=row.closed,
        excluded="[]", told="[]",
    )  # fmt: skip
    session.add(copy)
    session.flush()
    return copy


def _whole(terms: Terms) -> dict[str, object]:
    """Without fractions, which canonical JSON has no place for here."""
    return msgspec.structs.asdict(terms) | {
        "minimum": round(terms.minimum),
        "grace": round(terms.grace),
    }


def _said(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def reference_of(session: Session, row: Decision) -> Reference:
    """What people call it by."""
    return session.get_one(Reference, row.ref)


def text_of(session: Session, row: Decision) -> str | None:
    """What was proposed; None where a law had it erased."""
    session.flush()
    found: str | None = session.connection().execute(_FIRST_TEXT, {"ref": row.ref}).scalar()
    return found


_FIRST_TEXT = (
    select(Ledger.text).where(Ledger.ref == bindparam("ref")).order_by(Ledger.entry).limit(1)
)


def delegates_of(row: Decision) -> Delegates:
    """Who has a voice, as it was frozen."""
    return msgspec.json.decode(row.roster, type=Delegates)


def terms_of(row: Decision) -> Terms:
    """By what it is decided."""
    return msgspec.json.decode(row.rules, type=Terms)


def excluded_of(row: Decision) -> frozenset[TeamKey]:
    """The teams that it goes on without."""
    return frozenset(msgspec.json.decode(row.excluded, type=list[TeamKey]))


def told_of(row: Decision) -> list[str]:
    """The reminders that were sent."""
    return msgspec.json.decode(row.told, type=list[str])


def marked_as(row: Decision) -> Marked:
    """How it is marked."""
    return marked_of(row.matter)


def given_as(row: Decision) -> Marked:
    """How it was marked when it was opened: what others said to it is for those who might read it
    then.
    """
    return marked_of(row.given or row.matter)


def released_at(row: Decision) -> datetime | None:
    """When it was released; None where it was not."""
    said = marked_as(row).said
    return said if said > row.opened else None


def is_for_all(row: Decision, voice: Voice | Said) -> bool:
    """Whether all who may know of it may know of a voice: it was said after the last release, or
    by the team that released it.
    """
    marked = marked_as(row)
    return row.given is None or voice.received >= marked.said or voice.team == marked.originator


def voices_of(session: Session, row: Decision, *, counted: bool = True) -> list[Voice]:
    """What was said to it, in the order in which it was received; all, or what counts."""
    found = select(Voice).where(Voice.ref == row.ref).order_by(Voice.id)
    rows = session.execute(found).scalars()
    return [row for row in rows if row.counted or not counted]


def said_to(session: Session, row: Decision) -> list[Said]:
    """What counts of what was said to it, as the rules take it."""
    session.flush()
    rows = session.connection().execute(_COUNTED, {"ref": row.ref})
    return [
        Said(
            order, TeamKey(team), Stance(stance), when, received, confirmed, entered,
            affirmed is not None, None if ruling is None else Ruling(ruling),
        )
        for order, team, stance, when, received, confirmed, entered, affirmed, ruling in rows
    ]  # fmt: skip


_COUNTED = (
    select(
        Voice.id, Voice.team, Voice.stance, Voice.said, Voice.received, Voice.confirmed,
        Voice.entered, Voice.affirmed, Voice.ruling,
    )
    .where(Voice.ref == bindparam("ref"), Voice.counted.is_(True))
    .order_by(Voice.id)
)  # fmt: skip


def said(voice: Voice) -> Said:
    """A voice as the rules take it."""
    return Said(
        order=voice.id,
        team=TeamKey(voice.team),
        stance=Stance(voice.stance),
        said=voice.said,
        received=voice.received,
        confirmed=voice.confirmed,
        entered=voice.entered,
        affirmed=voice.affirmed is not None,
        ruling=None if voice.ruling is None else Ruling(voice.ruling),
    )


def reached(session: Session, row: Decision) -> dict[TeamKey, datetime]:
    """When the whole text reached each team that has a voice."""
    return posting.reached(session, row.ref, (HEAD, TEXT), delegates_of(row))


def procedure(session: Session, row: Decision, now: datetime) -> Procedure:
    """Its silence procedure, as it stands; whom it reached is asked when it has expired alone."""
    assert row.expires is not None, "silence has an end"
    return Procedure(
        opened=row.opened,
        expires=row.expires,
        roster=frozenset(delegates_of(row)),
        rules=terms_of(row).rules,
        voices=tuple(said_to(session, row)),
        reached={} if now < row.expires else reached(session, row),
        excluded=excluded_of(row),
        read=row.read,
    )


def poll(session: Session, row: Decision, silenced: Collection[TeamKey] = ()) -> Poll:
    """Its vote, as it stands, without the voices of teams that are `silenced`. What the chair
    entered counts once its team confirmed it; that somebody objects to what was recorded is said
    of it at once.
    """
    heard = [each for each in said_to(session, row) if each.team not in silenced]
    recorded = row.method == RECORDED
    counting = [each for each in heard if each.completes or (recorded and each.breaks)]
    stances = {team: voice.stance for team, voice in latest(counting).items()}
    chair = None if row.chair is None else TeamKey(row.chair)
    return Poll(frozenset(delegates_of(row)), stances, chair, terms_of(row).weights)


def find(session: Session, typed: str) -> Decision | None:
    """A decision by its number or handle."""
    reference = numbering.find(session, typed)
    return None if reference is None else session.get(Decision, reference.handle)
