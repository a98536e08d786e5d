"""Whether what people are shown of decisions is what their ledger says.

Lists, `show` and minutes are read from tables beside the ledger, which no hash covers: whoever
edits those changes what is read, and no chain breaks. So each row is held against the entries that
it follows from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.decisions import proposals
from bot.decisions.ledger.exporting import rows
from bot.decisions.ledger.writing import BALLOT
from bot.decisions.proposals import COPY, OPENED, RELEASED, State
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision, Voice

_ENDS = frozenset(State) - {State.OPEN}
_VOICES = frozenset({"voice", "late voice", BALLOT})
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(slots=True)
class _Decided:
    """What the entries say of a decision, each fact with the entry that says it last. `whole`: its
    first entry says everything that a proposal says.
    """

    opened: int
    whole: bool
    facts: dict[str, tuple[int, object]] = field(default_factory=dict)


@dataclass(slots=True)
class _Spoken:
    """What they say of a voice."""

    ref: str
    whole: bool
    facts: dict[str, tuple[int, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Record:
    """A series, as its entries tell it: decisions by handle, voices by their entry."""

    decided: dict[str, _Decided] = field(default_factory=dict)
    spoken: dict[int, _Spoken] = field(default_factory=dict)


def disagreement(session: Session, series: str) -> int | None:
    """The first entry of a series with which something that people are shown does not agree. The
    chain has been verified.
    """
    told = _Record()
    for row in rows(session, series):
        _take(told, row)
    wrong = [*_decisions(session, series, told), *_voices(session, series, told)]
    return min(wrong, default=None)


def _take(told: _Record, row: Row[Any]) -> None:
    body = _decode(row.body)
    if row.kind in {OPENED, COPY}:
        told.decided[row.ref] = _opened(row, body)
    elif row.kind in _VOICES:
        told.spoken[row.entry] = _said(row, body)
    found = told.decided.get(row.ref)
    if found is not None:
        for name, value in _changed(row, body):
            found.facts[name] = (row.entry, value)
    voice = told.spoken.get(body.get("entry", 0))
    if voice is not None and row.kind == "ruled":
        voice.facts["ruling"] = (row.entry, body.get("ruling"))
    elif voice is not None and row.kind in {"affirmed", "confirmed"}:
        voice.facts[row.kind] = (row.entry, True)


def _opened(row: Row[Any], body: Mapping[str, Any]) -> _Decided:
    found = _Decided(row.entry, whole="roster" in body or row.kind == COPY)
    facts = {name: body[name] for name in _FACTS if name in body}
    facts |= {"state": body.get("state", State.OPEN)}
    if row.kind == OPENED:
        facts |= {"expires": _moment(body["expires"])} if "expires" in body else {}
        facts |= {"proposer": body["by"]} if "by" in body else {}
    facts |= {"excluded": []}
    found.facts = {name: (row.entry, value) for name, value in facts.items()}
    return found


_FACTS = ("channel", "method", "team", "chair", "roster", "marking")


def _changed(row: Row[Any], body: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """What an entry says anew of its decision."""
    if row.number is not None:
        yield "number", row.number
    if row.kind in _ENDS:
        yield "state", row.kind
    elif row.kind == "extended":
        yield "expires", _moment(body["to"])
    elif row.kind == "excluded":
        yield "excluded", body["teams"]
    elif row.kind == RELEASED and "marking" in body and body.get("copy") is None:
        yield "marking", body["marking"]


def _said(row: Row[Any], body: Mapping[str, Any]) -> _Spoken:
    facts = {name: body[name] for name in ("team", "by", "entered", "counted") if name in body}
    if "said" in body:
        facts["said"] = _moment(body["said"])
    voice = body.get("voice")
    if row.kind == BALLOT and row.text is not None:
        voice = row.text.partition("\n")[0]
    if voice is not None:
        facts["voice"] = voice
    whole = "team" in body
    facts |= {"ruling": None, "affirmed": False} if whole else {}
    return _Spoken(row.ref, whole, {name: (row.entry, each) for name, each in facts.items()})


def _decisions(session: Session, series: str, told: _Record) -> Iterator[int]:
    """The entries with which the rows of decisions do not agree."""
    found = select(Decision, Reference).join(Reference, Reference.handle == Decision.ref)
    shown = {
        row.ref: _shown(row, reference)
        for row, reference in session.execute(found.where(Reference.series == series))
    }
    for ref, each in told.decided.items():
        if ref in shown:
            yield from _differing(each.facts, shown[ref])
        elif each.whole:
            yield each.opened


def _shown(row: Decision, reference: Reference) -> Mapping[str, object]:
    return {
        "channel": row.channel,
        "method": row.method,
        "team": row.team,
        "chair": row.chair,
        "roster": proposals.delegates_of(row),
        "marking": str(proposals.marked_as(row).marking.label),
        "state": row.state,
        "proposer": row.proposer,
        "excluded": sorted(proposals.excluded_of(row)),
        "expires": row.expires,
        "number": None if reference.number is None else numbering.shown(reference),
    }


def _voices(session: Session, series: str, told: _Record) -> Iterator[int]:
    """The entries with which the rows of voices do not agree."""
    found = select(Voice).join(Reference, Reference.handle == Voice.ref)
    shown: dict[int, Voice] = {}
    for row in session.execute(found.where(Reference.series == series)).scalars():
        said = told.spoken.get(row.entry)
        if said is None or said.ref != row.ref or row.entry in shown:
            yield row.entry  # nobody said that
        shown[row.entry] = row
    for entry, each in told.spoken.items():
        if entry in shown:
            yield from _differing(each.facts, _heard(shown[entry]))
        elif each.whole:
            yield entry


def _heard(row: Voice) -> Mapping[str, object]:
    return {
        "team": row.team,
        "by": row.person,
        "entered": row.entered,
        "counted": row.counted,
        "said": row.said,
        "voice": row.stance,
        "ruling": row.ruling,
        "affirmed": row.affirmed is not None,
        "confirmed": row.confirmed is not None,
    }


def _differing(
    facts: Mapping[str, tuple[int, object]], shown: Mapping[str, object]
) -> Iterator[int]:
    return (entry for name, (entry, value) in facts.items() if shown[name] != value)


def _moment(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
