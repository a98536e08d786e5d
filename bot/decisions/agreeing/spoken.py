"""What is shown of voices, beside what their entries say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Executable, bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.decisions.ledger.writing import BALLOT
from bot.store.tables import Reference
from bot.store.tables.decisions import Voice

_VOICES = frozenset({"voice", "late voice", BALLOT})
_LATER = frozenset({"ruled", "affirmed", "confirmed"})


class _Body(msgspec.Struct):
    """What the entry of a voice says of it."""

    team: str | None = None
    by: str | None = None
    voice: str | None = None
    said: str = ""
    entered: bool = False
    counted: bool = True


class _Later(msgspec.Struct):
    """What the entry says of what became of one. `entry`: the voice's."""

    entry: int | None = None
    ruling: str | None = None


_body = msgspec.json.Decoder(_Body).decode
_later = msgspec.json.Decoder(_Later).decode


class Spoken:
    """The voices of a series, by their entries; and what became of them, with where that stands."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[str, _Body]] = {}
        self._since: dict[int, dict[str, tuple[int, str | None]]] = {}

    def take(self, row: Row[Any]) -> bool:
        """An entry; whether it is about a voice and nothing else."""
        if row.kind in _VOICES:
            self._of[row.entry] = row.ref, _said(row)
        elif row.kind in _LATER:
            later = _later(row.body)
            if later.entry is not None:
                self._since.setdefault(later.entry, {})[row.kind] = row.entry, later.ruling
        return row.kind in _VOICES or row.kind in _LATER

    def wrong(self, session: Session, series: str) -> Iterator[int]:
        """The entries that say other than what is shown."""
        seen = set[int]()
        for row in _shown(session, series):
            ref, body = self._of.get(row.entry, ("", None))
            if body is None or ref != row.ref or row.entry in seen:
                yield row.entry  # nobody said that
                continue
            seen.add(row.entry)
            if body.team is not None:
                yield from () if _is_as_said(row, body) else (row.entry,)
                yield from _other_since(row, self._since.get(row.entry, {}))
        yield from (
            entry
            for entry, (_, body) in self._of.items()
            if body.team is not None and entry not in seen
        )


def _said(row: Row[Any]) -> _Body:
    body = _body(row.body)
    if row.kind == BALLOT and row.text is not None:
        body.voice = row.text.partition("\n")[0]
    return body


def _is_as_said(row: Row[Any], body: _Body) -> bool:
    here = (row.team, row.person, row.entered, row.counted)
    if here != (body.team, body.by, body.entered, body.counted):
        return False
    if body.voice is not None and row.stance != body.voice:
        return False
    return bool(row.said.isoformat() == body.said or row.said == datetime.fromisoformat(body.said))


def _other_since(row: Row[Any], since: Mapping[str, tuple[int, str | None]]) -> Iterator[int]:
    """Where it stands what became of a voice, as far as something else is shown."""
    entry, ruling = since.get("ruled", (row.entry, None))
    if row.ruling != ruling:
        yield entry
    if ("affirmed" in since) != (row.affirmed is not None):
        yield since.get("affirmed", (row.entry, None))[0]
    if "confirmed" in since and row.confirmed is None:
        yield since["confirmed"][0]


def _shown(session: Session, series: str) -> Iterable[Row[Any]]:
    return session.connection().execute(_HEARD, {"series": series})


_HEARD: Executable = (
    select(
        Voice.entry, Voice.ref, Voice.team, Voice.person, Voice.stance, Voice.said, Voice.entered,
        Voice.counted, Voice.ruling, Voice.affirmed, Voice.confirmed,
    )
    .join(Reference, Reference.handle == Voice.ref)
    .where(Reference.series == bindparam("series"))
    .order_by(Voice.entry, Voice.id)
)  # fmt: skip
