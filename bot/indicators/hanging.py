"""What objects belong to, by the relationships that their own source gives: a few steps on.

Each step shows only what the audience may see, the relationship as well as its ends, and how far
it goes on is decided by that alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bot.indicators.answers import Belonging
from bot.indicators.crowding import ROOM, TIES, newest, paged
from bot.indicators.named import read_values
from bot.indicators.observable import Observable
from bot.indicators.raw import Asking, Rows
from bot.indicators.sight import Sight

STEPS = 3
"""Indicator, campaign, intrusion set, actor."""
MOST = 50
"""Belongings of one object: those of the nearest steps, by kind and name."""

Node = tuple[int, int]
"""An object: the key of its id, and its source."""


class Hanging(NamedTuple):
    """What was found of one object."""

    belongs: tuple[Belonging, ...]
    resolved: tuple[Observable, ...]


def hanging(asking: Asking, sight: Sight, nodes: Iterable[Node]) -> Mapping[Node, Hanging]:
    """What each of these objects hangs together with."""
    begun = list(dict.fromkeys(nodes))
    found: dict[Node, list[Belonging]] = {}
    resolved: dict[Node, list[Observable]] = {}
    roots: dict[Node, set[Node]] = {node: {node} for node in begun}
    seen: dict[Node, set[Node]] = {node: {node} for node in begun}
    """Of each object that was reached: from which of the first ones."""
    for step in range(STEPS):
        if not roots:
            break
        reached: dict[Node, set[Node]] = {}
        level: dict[Node, set[Belonging]] = {}
        for start, edge in _edges(asking, sight, list(roots), first=step == 0):
            for root in roots[start]:
                if edge.node in seen[root]:
                    continue
                seen[root].add(edge.node)
                if edge.kind == "resolves-to":
                    resolved.setdefault(root, []).extend(edge.values)
                elif edge.type in _SHOWN:
                    level.setdefault(root, set()).add(Belonging(edge.type, edge.name))
                    if edge.type in _FOLLOWED:
                        reached.setdefault(edge.node, set()).add(root)
        for root, belongings in level.items():
            own = found.setdefault(root, [])
            own += sorted(belongings - set(own))
        roots = reached
    return {
        node: Hanging(tuple(found.get(node, ())[:MOST]), tuple(sorted(resolved.get(node, ()))))
        for node in found.keys() | resolved.keys()
    }


class _Edge(NamedTuple):
    kind: str
    node: Node
    type: str
    name: str
    values: list[Observable]


def _edges(
    asking: Asking, sight: Sight, nodes: list[Node], *, first: bool
) -> list[tuple[Node, _Edge]]:
    found = []
    ways = (OUT, IN if first else IN_LATER)
    for row in (row for way in ways for row in _ties(asking, sight, nodes, way)):
        start, source, kind, *_, key, _, _, type_, name, named = row[1:]
        values = [each.observable for each in read_values(named)] if kind == "resolves-to" else []
        found.append(((start, source), _Edge(kind, (key, source), type_, name, values)))
    return found


def _ties(asking: Asking, sight: Sight, nodes: list[Node], way: _Way) -> Sequence[tuple[Any, ...]]:
    """What the audience sees of what some objects hang together with, the newest of very much."""
    wanted, keys = set(nodes), list({key for key, _ in nodes})
    rows = asking.each(way.all, keys, ROOM + 1)
    if len(rows) > ROOM:
        return [row for node in nodes for row in _few(asking, sight, node, way)]
    seen = [row for row in _seen(asking, sight, rows) if (row[1], row[2]) in wanted]
    return newest(seen, lambda row: ((row[1], row[2]), row[0]), TIES)


def _few(asking: Asking, sight: Sight, node: Node, way: _Way) -> Rows:
    kept: Rows = []
    for rows in paged(asking, way.page, node):
        kept += _seen(asking, sight, rows)
        if len(kept) >= TIES:
            break
    return kept[:TIES]


def _seen(asking: Asking, sight: Sight, rows: Rows) -> Rows:
    """The rows of which both the tie and what it leads to may be seen."""
    sight.learn(asking, {each for row in rows for each in (row[4], row[7])})
    return [row for row in rows if sight.sees(row[4], row[5]) and sight.sees(row[7], row[8])]


_SHOWN = frozenset(
    {
        "malware", "tool", "threat-actor", "intrusion-set", "campaign", "attack-pattern",
        "infrastructure", "vulnerability",
    }
)  # fmt: skip
_FOLLOWED = frozenset({"malware", "campaign", "intrusion-set", "infrastructure"})
"""Who uses a technique or a public tool says nothing of who is behind a value."""

_COLUMNS = (
    "l.id, l.{near}, l.source, l.kind, d.marking, d.said, o.key, o.marking, o.said, o.kind, "
    "o.name, o.named FROM indicator_link l JOIN indicator_object d ON d.id = l.object "
    "JOIN indicator_identity i ON i.key = l.{far} AND i.source = l.source "
    "JOIN indicator_object o ON o.id = i.object"
)
_STANDS = "AND NOT d.revoked AND NOT o.revoked"
_LATER = "AND l.kind IN ('uses', 'attributed-to')"


class _Way(NamedTuple):
    """Ties in one direction: all of some objects, and a page of those of one."""

    all: str
    page: str


def _way(near: str, far: str, more: str = "") -> _Way:
    rows = f"SELECT {_COLUMNS.format(near=near, far=far)}"
    stands = f"{_STANDS} {more}"
    return _Way(
        f"{rows} WHERE l.{near} IN ({{}}) {stands} LIMIT ?",
        f"{rows} WHERE l.{near} = ? AND l.source = ? {stands} AND l.id < ? "
        "ORDER BY l.id DESC LIMIT ?",
    )


OUT = _way("start", "target")
IN = _way("target", "start")
IN_LATER = _way("target", "start", _LATER)
