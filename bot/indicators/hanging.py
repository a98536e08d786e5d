"""What objects belong to, by the relationships that their own source gives: a few steps on.

Each step shows only what the audience may see, the relationship as well as its ends, and how far
it goes on is decided by that alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bot.indicators.answers import Belonging
from bot.indicators.named import read_values
from bot.indicators.observable import Observable
from bot.indicators.raw import Asking
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
    wanted = set(nodes)
    keys = list({key for key, _ in nodes})
    rows = asking.each(_OUT, keys)
    rows += asking.each(_IN if first else _IN_LATER, keys)
    sight.learn(asking, {each for row in rows for each in (row[3], row[6])})
    found = []
    for start, source, kind, marking, said, key, own, own_said, type_, name, named in rows:
        visible = sight.sees(marking, said) and sight.sees(own, own_said)
        if visible and (start, source) in wanted:
            values = (
                [each.observable for each in read_values(named)] if kind == "resolves-to" else []
            )
            found.append(((start, source), _Edge(kind, (key, source), type_, name, values)))
    return found


_SHOWN = frozenset(
    {
        "malware", "tool", "threat-actor", "intrusion-set", "campaign", "attack-pattern",
        "infrastructure", "vulnerability",
    }
)  # fmt: skip
_FOLLOWED = frozenset({"malware", "campaign", "intrusion-set", "infrastructure"})
"""Who uses a technique or a public tool says nothing of who is behind a value."""

_COLUMNS = (
    "l.{near}, l.source, l.kind, d.marking, d.said, o.key, o.marking, o.said, o.kind, o.name, "
    "o.named FROM indicator_link l JOIN indicator_object d ON d.id = l.object "
    "JOIN indicator_identity i ON i.key = l.{far} AND i.source = l.source "
    "JOIN indicator_object o ON o.id = i.object"
)
_STANDS = " AND NOT d.revoked AND NOT o.revoked"
_OUT = f"SELECT {_COLUMNS.format(near='start', far='target')} WHERE l.start IN ({{}}){_STANDS}"
_IN = f"SELECT {_COLUMNS.format(near='target', far='start')} WHERE l.target IN ({{}}){_STANDS}"
_IN_LATER = f"{_IN} AND l.kind IN ('uses', 'attributed-to')"
