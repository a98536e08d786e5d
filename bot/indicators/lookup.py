"""What the allies know about values, for one audience: pure but for the session.

Everything is asked for all values at once, a statement for each thing there is to know. What the
audience may not see is left out before anything is counted, cut, named or put in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from bot.indicators.answers import Answer, Related, Statement
from bot.indicators.around import HASHES, above, network_of, same_file
from bot.indicators.crowding import EACH, ROOM, newest, paged
from bot.indicators.freshness import fresh
from bot.indicators.hanging import Hanging, Node, hanging
from bot.indicators.keys import networks_around, value_key
from bot.indicators.named import read_values
from bot.indicators.observable import Observable
from bot.indicators.raw import Asking
from bot.indicators.reports import Seen, harmless, sightings
from bot.indicators.sight import Sight
from bot.indicators.sources import micro
from bot.indicators.things import Said
from bot.indicators.versions import since
from bot.indicators.warned import warnings

_strings = msgspec.json.Decoder(tuple[str, ...]).decode


def lookup(
    session: Session, observables: Sequence[Observable], sight: Sight, now: datetime
) -> list[Answer]:
    """An answer for each value, in their order."""
    return _Lookup(Asking(session), sight, micro(now)).answers(observables)


class _Found(NamedTuple):
    """An object that speaks of a value; the columns of `_FOUND`."""

    asked: int
    part: bool
    id: int
    source: int
    key: int
    ref: str
    version: int
    kind: str
    marking: int
    said: int
    first: int
    past: str
    revoked: bool
    name: str
    confidence: int | None
    labels: str
    phases: str
    valid_from: int | None
    valid_until: int | None
    named: str

    @property
    def node(self) -> Node:
        return self.key, self.source

    @property
    def says(self) -> list[Said]:
        return read_values(self.named)


class _Lookup:
    """One question."""

    def __init__(self, asking: Asking, sight: Sight, now: int) -> None:
        self._asking = asking
        self._sight = sight
        self._now = now

    def answers(self, observables: Sequence[Observable]) -> list[Answer]:
        values = list(dict.fromkeys(observables))
        sources = fresh(self._asking, self._sight, self._now)
        over = {value: above(value) for value in values}
        wanted = [*values, *(each.value for few in over.values() for each in few)]
        found = self._found(wanted)
        aliases = self._aliases(values, found)
        found |= self._found({each for few in aliases.values() for each in few} - found.keys())
        networks = self._networks(values)
        own = {value: _of(value, found, aliases) for value in values}
        nodes = {row.node for rows in own.values() for row, _ in rows}
        hangs = hanging(self._asking, self._sight, nodes) if nodes else {}
        seen = sightings(self._asking, self._sight, values, nodes, sources.names)
        innocent = harmless(self._asking, self._sight, values)
        warned = warnings(self._asking, values)
        made = {
            value: Answer(
                value,
                self._statements(own[value], hangs, seen, sources.names),
                self._related(value, own[value], over, found, aliases, networks, hangs),
                warned.get(value, ()),
                seen.of(value, [row.node for row, _ in own[value]]),
                innocent.get(value, ()),
                sources.searched,
            )
            for value in values
        }
        return [made[value] for value in observables]

    def _found(self, values: Iterable[Observable]) -> dict[Observable, list[_Found]]:
        """What may be seen of each value; nothing for those of which nothing may."""
        keys: dict[int, Observable] = {value_key(value): value for value in values}
        rows = self._rows(list(keys))
        self._sight.learn(self._asking, {row.marking for row in rows})
        found: dict[Observable, list[_Found]] = {}
        for row in rows:
            value = keys[row.asked]
            # Two values may have one key: what the object names is what counts.
            if self._sight.sees(row.marking, row.said) and any(
                each.observable == value for each in row.says
            ):
                found.setdefault(value, []).append(row)
        return {
            value: list(newest(each, lambda row: (row.source, row.id), EACH))
            for value, each in found.items()
        }

    def _rows(self, keys: list[int]) -> list[_Found]:
        """What speaks of these, seen or not; where very much does, only what counts."""
        rows = self._asking.each(_FOUND, keys, ROOM + 1)
        if len(rows) > ROOM:
            rows = [row for key in keys for row in self._asking.each(_SOME, self._few(key), key)]
        return [_Found(*row) for row in rows]

    def _few(self, key: int) -> list[int]:
        """Of the objects that speak of something, the newest of each source that may be seen."""
        counted, kept = Counter[int](), list[int]()
        for rows in paged(self._asking, _SPEAKING, (key,)):
            self._sight.learn(self._asking, {row[2] for row in rows})
            for number, source, marking, said in rows:
                if counted[source] < EACH and self._sight.sees(marking, said):
                    counted[source] += 1
                    kept.append(number)
        return kept

    def _aliases(
        self, values: Iterable[Observable], found: Mapping[Observable, list[_Found]]
    ) -> dict[Observable, list[Observable]]:
        """The other hashes of the files that the values are hashes of."""
        aliases = {}
        for value in values:
            if value.kind in HASHES:
                rows = found.get(value, ())
                others = {each for row in rows for each in same_file(row.says, value)}
                aliases[value] = sorted(others)[:_ALIASES]
        return aliases

    def _networks(self, values: Iterable[Observable]) -> dict[Observable, list[Related]]:
        """The networks around each that somebody speaks of, the narrowest first."""
        keys = {value: few for value in values if (few := networks_around(value))}
        if not keys:
            return {}
        every = list({key for few in keys.values() for key in few})
        rows = self._asking.each(_NETWORKS, every)
        self._sight.learn(self._asking, {row[1] for row in rows})
        known = {bytes(key) for key, marking, said in rows if self._sight.sees(marking, said)}
        return {
            value: [Related("network", network_of(key)) for key in few if key in known]
            for value, few in keys.items()
        }

    def _statements(
        self,
        rows: Iterable[tuple[_Found, Observable | None]],
        hangs: Mapping[Node, Hanging],
        seen: Seen,
        names: Mapping[int, str],
    ) -> tuple[Statement, ...]:
        made = [self._statement(row, via, hangs, seen, names) for row, via in rows]
        return tuple(sorted(made, key=_rank)) if len(made) > 1 else tuple(made)

    def _statement(
        self,
        row: _Found,
        via: Observable | None,
        hangs: Mapping[Node, Hanging],
        seen: Seen,
        names: Mapping[int, str],
    ) -> Statement:
        marked = self._sight.marked(row.marking)
        begun = row.valid_from
        if begun is None:
            begun = since(self._asking, self._sight, row.past, row.first)
        first, last = seen.span(row.node, begun, max(begun, row.version))
        hang = hangs.get(row.node)
        return Statement(
            source=names.get(row.source, ""),
            team=marked.originator,
            marking=marked.marking,
            kind=row.kind,
            name=row.name,
            confidence=row.confidence,
            first_seen=first,
            last_seen=last,
            expired=row.valid_until is not None and row.valid_until <= self._now,
            revoked=bool(row.revoked),
            part=bool(row.part),
            via=via,
            labels=_strings(row.labels) if row.labels else (),
            phases=_strings(row.phases) if row.phases else (),
            belongs=hang.belongs if hang else (),
            ref=row.ref,
            number=row.id,
        )

    def _related(
        self,
        value: Observable,
        own: Iterable[tuple[_Found, Observable | None]],
        over: Mapping[Observable, list[Related]],
        found: Mapping[Observable, list[_Found]],
        aliases: Mapping[Observable, list[Observable]],
        networks: Mapping[Observable, list[Related]],
        hangs: Mapping[Node, Hanging],
    ) -> tuple[Related, ...]:
        related = [*networks.get(value, ())]
        related += [
            each
            for each in over[value]
            if each.relation == "host" or not all(row.revoked for row in found.get(each.value, ()))
        ]
        related += [Related("same-file", each) for each in aliases.get(value, ())]
        if hangs:
            ties = (hangs.get(row.node) for row, _ in own)
            resolved = {each for tie in ties if tie for each in tie.resolved}
            related += [Related("resolved", each) for each in sorted(resolved)[:_RESOLVED]]
        return tuple(related)


def _of(
    value: Observable,
    found: Mapping[Observable, list[_Found]],
    aliases: Mapping[Observable, list[Observable]],
) -> list[tuple[_Found, Observable | None]]:
    """The objects that speak of a value, or of another hash of the same file: each once."""
    rows: list[tuple[_Found, Observable | None]] = [(row, None) for row in found.get(value, ())]
    if aliases.get(value):
        own = {row.id for row, _ in rows}
        for other in aliases[value]:
            for row in found.get(other, ()):
                if row.id not in own:
                    own.add(row.id)
                    rows.append((row, other))
    return rows


def _rank(each: Statement) -> tuple[Any, ...]:
    """What matters most first; of two that matter as much, by what they say."""
    confidence = -1 if each.confidence is None else each.confidence
    matters = (each.revoked, each.via is not None, each.part, each.expired)
    return (*matters, -confidence, -each.last_seen, each.source, each.team or "", each.ref)


_ALIASES = 8
"""Other hashes of one file: there are six algorithms."""
_RESOLVED = 100
_ROWS = (
    "SELECT s.key, s.part, o.id, o.source, o.key, o.ref, o.version, o.kind, o.marking, o.said, "
    "o.first, o.past, o.revoked, o.name, o.confidence, o.labels, o.phases, o.valid_from, "
    "o.valid_until, o.named FROM indicator_statement s JOIN indicator_object o ON o.id = s.object "
)
_FOUND = f"{_ROWS} WHERE s.key IN ({{}}) LIMIT ?"
_SOME = f"{_ROWS} WHERE s.object IN ({{}}) AND s.key = ?"
_SPEAKING = (
    "SELECT s.object, o.source, o.marking, o.said FROM indicator_statement s "
    "JOIN indicator_object o ON o.id = s.object "
    "WHERE s.key = ? AND s.object < ? ORDER BY s.object DESC LIMIT ?"
)
_NETWORKS = (
    "SELECT n.key, o.marking, o.said FROM indicator_network n "
    "JOIN indicator_object o ON o.id = n.object WHERE n.key IN ({}) AND NOT o.revoked"
)
