"""Whether what people are shown of decisions is what their ledger says.

Lists, `show` and minutes are read from tables beside the ledger, which no hash covers: whoever
edits those changes what is read, and no chain breaks. So each row is held against the entries that
it follows from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Executable, bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.decisions import proposals
from bot.decisions.ledger.writing import BALLOT
from bot.decisions.proposals import COPY, OPENED, RELEASED, State
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision, Ledger, Voice

_ENDS = frozenset(State) - {State.OPEN}
_VOICES = frozenset({"voice", "late voice", BALLOT})
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class _Body(msgspec.Struct):
    """What the entry of a voice says of it."""

    team: str | None = None
    by: str | None = None
    voice: str | None = None
    said: str = ""
    entered: bool = False
    counted: bool = True


_body = msgspec.json.Decoder(_Body).decode


@dataclass(slots=True)
class _Decided:
    """What the entries say of a decision, each fact with the entry that says it last. `whole`: its
    first entry says everything that a proposal says.
    """

    opened: int
    whole: bool
    facts: dict[str, tuple[int, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Record:
    """A series, as its entries tell it: decisions by handle; voices by their entry, each with its
    decision; and what became of voices later, with the entry that says so.
    """

    decided: dict[str, _Decided] = field(default_factory=dict)
    spoken: dict[int, tuple[str, _Body]] = field(default_factory=dict)
    later: dict[int, dict[str, tuple[int, object]]] = field(default_factory=dict)


def disagreement(session: Session, series: str) -> int | None:
    """The first entry of a series with which something that people are shown does not agree. The
    chain has been verified.
    """
    told = _Record()
    for row in _rows(session, _ENTRIES, series):
        if row.kind in _VOICES:
            told.spoken[row.entry] = row.ref, _said(row)
        else:
            _take(told, row)
    wrong = [*_decisions(session, series, told), *_voices(session, series, told)]
    return min(wrong, default=None)


def _rows(session: Session, statement: Executable, series: str) -> Iterable[Row[Any]]:
    return session.connection().execute(statement, {"series": series})


_ENTRIES: Executable = (
    select(Ledger.entry, Ledger.ref, Ledger.number, Ledger.kind, Ledger.body, Ledger.text)
    .where(Ledger.series == bindparam("series"))
    .order_by(Ledger.entry)
    .execution_options(yield_per=2000)
)


def _take(told: _Record, row: Row[Any]) -> None:
    body = _decode(row.body)
    if row.kind in {OPENED, COPY}:
        told.decided[row.ref] = _opened(row, body)
    found = told.decided.get(row.ref)
    if found is not None:
        for name, value in _changed(row, body):
            found.facts[name] = (row.entry, value)
    if row.kind in {"ruled", "affirmed", "confirmed"} and "entry" in body:
        what = body.get("ruling", True)
        told.later.setdefault(body["entry"], {})[row.kind] = (row.entry, what)


def _said(row: Row[Any]) -> _Body:
    body = _body(row.body)
    if row.kind == BALLOT and row.text is not None:
        body.voice = row.text.partition("\n")[0]
    return body


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
    seen = set[int]()
    for row in _rows(session, _HEARD, series):
        ref, body = told.spoken.get(row.entry, ("", None))
        if body is None or ref != row.ref or row.entry in seen:
            yield row.entry  # nobody said that
            continue
        seen.add(row.entry)
        if body.team is None:
            continue
        if not _is_as_said(row, body):
            yield row.entry
        yield from _other_since(row, told.later.get(row.entry, {}))
    told_of = ((entry, body) for entry, (_, body) in told.spoken.items() if body.team is not None)
    yield from (entry for entry, _ in told_of if entry not in seen)


def _is_as_said(row: Row[Any], body: _Body) -> bool:
    here = (row.team, row.person, row.entered, row.counted)
    if here != (body.team, body.by, body.entered, body.counted):
        return False
    if body.voice is not None and row.stance != body.voice:
        return False
    return bool(row.said.isoformat() == body.said or row.said == _moment(body.said))


def _other_since(row: Row[Any], later: Mapping[str, tuple[int, object]]) -> Iterator[int]:
    """What became of a voice, as it is shown and as its entries say."""
    entry, ruling = later.get("ruled", (row.entry, None))
    if row.ruling != ruling:
        yield entry
    if ("affirmed" in later) != (row.affirmed is not None):
        yield later.get("affirmed", (row.entry,))[0]
    if "confirmed" in later and row.confirmed is None:
        yield later["confirmed"][0]


_HEARD: Executable = (
    select(
        Voice.entry, Voice.ref, Voice.team, Voice.person, Voice.stance, Voice.said, Voice.entered,
        Voice.counted, Voice.ruling, Voice.affirmed, Voice.confirmed,
    )
    .join(Reference, Reference.handle == Voice.ref)
    .where(Reference.series == bindparam("series"))
    .order_by(Voice.entry, Voice.id)
)  # fmt: skip


def _differing(
    facts: Mapping[str, tuple[int, object]], shown: Mapping[str, object]
) -> Iterator[int]:
    return (entry for name, (entry, value) in facts.items() if shown[name] != value)


def _moment(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
