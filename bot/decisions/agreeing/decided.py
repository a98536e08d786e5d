"""What is shown of decisions themselves, beside what their entries say."""

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
from bot.decisions.proposals import COPY, OPENED, RELEASED, State
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision

_ENDS = frozenset(State) - {State.OPEN}
_FACTS = ("channel", "method", "team", "chair", "roster", "marking")
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(slots=True)
class _One:
    """A decision: each fact with the entry that says it last. `whole`: its first entry says
    everything that a proposal says.
    """

    opened: int
    whole: bool
    facts: dict[str, tuple[int, object]] = field(default_factory=dict)


class Decided:
    """The decisions of a series, by their handles."""

    def __init__(self) -> None:
        self._of: dict[str, _One] = {}

    def take(self, row: Row[Any]) -> None:
        """An entry of whatever kind."""
        body = _decode(row.body)
        if row.kind in {OPENED, COPY}:
            self._of[row.ref] = _opened(row, body)
        found = self._of.get(row.ref)
        if found is not None:
            for name, value in _changed(row, body):
                found.facts[name] = (row.entry, value)

    def wrong(self, session: Session, series: str) -> Iterator[int]:
        """The entries that say other than what is shown."""
        found = select(Decision, Reference).join(Reference, Reference.handle == Decision.ref)
        shown = {
            row.ref: _shown(row, reference)
            for row, reference in session.execute(found.where(Reference.series == series))
        }
        for ref, each in self._of.items():
            if ref in shown:
                facts = each.facts.items()
                yield from (at for name, (at, value) in facts if shown[ref][name] != value)
            elif each.whole:
                yield each.opened


def _opened(row: Row[Any], body: Mapping[str, Any]) -> _One:
    facts = {name: body[name] for name in _FACTS if name in body}
    facts |= {"state": body.get("state", State.OPEN), "excluded": []}
    if row.kind == OPENED:
        facts |= {"expires": _moment(body["expires"])} if "expires" in body else {}
        facts |= {"proposer": body["by"]} if "by" in body else {}
    whole = "roster" in body or row.kind == COPY
    return _One(row.entry, whole, {name: (row.entry, value) for name, value in facts.items()})


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


def _moment(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
