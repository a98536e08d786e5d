"""What leaves the store whole: objects byte for byte as they came, and how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.indicators.answers import Json, stamp
from bot.indicators.leaving import COLUMNS, Row, as_stix, whole
from bot.indicators.raw import Asking, Rows
from bot.indicators.sight import ALWAYS, Sight
from bot.indicators.sources import micro
from bot.indicators.versions import since
from bot.sharing.teams import TeamKey

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Given:
    """An object as its source gave it; `number` grows with each change, for those who page."""

    number: int
    ref: str
    received: int
    version: int
    raw: bytes


def given(session: Session, sight: Sight, after: int = 0, *, stix: bool = True) -> Iterator[Given]:
    """Every object that an audience may see, in the order in which they came. `stix`: as
    STIX, byte for byte where it came so; rows of lists, attributes of MISP and what teams have
    added become indicators, and what cannot is left out.
    """
    asking = Asking(session)
    while rows := asking.rows(_PAGED, (after, _PAGE)):
        for row in whole(asking, rows):
            sight.learn(asking, (row.marking,))
            if sight.sees(row.marking, row.said):
                content = _as_stix(asking, sight, row) if stix else bytes(row.raw)
                if content is not None:
                    yield Given(row.id, row.ref, row.received, row.version, content)
        after = rows[-1][0]


def _as_stix(asking: Asking, sight: Sight, row: Row) -> bytes | None:
    begun = since(asking, sight, row.past, row.first)
    return as_stix(row, sight.marked(row.marking).marking, begun)


def bundle(session: Session, sight: Sight, identity: str) -> Iterator[bytes]:
    """A STIX bundle of all that an audience may see; `identity`: the UUID of its id."""
    yield b'{"type":"bundle","id":"bundle--' + identity.encode() + b'","objects":['
    first = True
    for each in given(session, sight):
        yield each.raw if first else b",\n" + each.raw
        first = False
    yield b"]}\n"


def stats(
    session: Session, sight: Sight, now: datetime, team: TeamKey | None, *, everything: bool
) -> list[Json]:
    """How much each source gave, of what an audience may see. What was set aside is for the
    operator (`everything`), and for the team whose source it is.
    """
    asking, at = Asking(session), micro(now)
    sources, tallies = asking.rows(_SOURCES), asking.rows(_TALLIES)
    sight.learn(asking, {*(row[3] for row in sources), *(row[1] for row in tallies)})
    counted: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    newest: dict[int, int] = {}
    for source, marking, objects, indicators in tallies:
        found = _counted(asking, sight, source, marking, (objects, indicators))
        if found is not None and found[0]:
            counted[source][0] += found[0]
            counted[source][1] += found[1]
            newest[source] = max(newest.get(source, found[2]), found[2])
    lines: list[Json] = []
    for source, kind, name, marking, read, red in sources:
        own = team is not None and sight.marked(marking).originator == team
        is_known = everything or own or (kind == "feed" and sight.sees(marking, at))
        if not is_known and source not in counted:
            continue
        fresh = read if is_known and kind == "feed" else newest.get(source)
        aside = asking.rows(_ASIDE, (source,))[0][0] + red if everything or own else 0
        objects, indicators = counted[source]
        lines.append(
            {
                "source": name,
                "objects": objects,
                "indicators": indicators,
                "quarantined": aside,
                "updated": stamp(fresh),
            }
        )
    return sorted(lines, key=lambda line: (str(line["source"]), str(line["updated"])))


def reasons(session: Session) -> Rows:
    """Why things were set aside: source, reason, how many."""
    return Asking(session).rows(_REASONS)


def readings(session: Session) -> dict[str, tuple[int | None, str | None]]:
    """When each feed was read last, and what is wrong with it."""
    return {name: (read, fault) for name, read, fault in Asking(session).rows(_READINGS)}


def _counted(
    asking: Asking, sight: Sight, source: int, marking: int, all_of_it: tuple[int, int]
) -> tuple[int, int, int] | None:
    """Objects, indicators and when the newest was said; None where nothing may be seen."""
    opens = sight.opens(marking)
    if opens is None:
        return None
    objects, indicators = all_of_it
    if opens != ALWAYS:
        objects, indicators = asking.rows(_COUNTED, (source, marking, opens))[0]
    rows = asking.rows(_NEWEST, (source, marking, opens))
    return (objects, indicators or 0, rows[0][0]) if rows else None


_PAGED = (
    f"SELECT {COLUMNS} "  # noqa: S608  ours
    "FROM indicator_object o JOIN indicator_raw r ON r.object = o.id "
    "WHERE o.id > ? ORDER BY o.id LIMIT ?"
)
_SOURCES = "SELECT id, kind, name, marking, read, red FROM indicator_source"
_TALLIES = "SELECT source, marking, objects, indicators FROM indicator_tally"
_ASIDE = "SELECT count(*) FROM indicator_quarantine WHERE source = ?"
_COUNTED = (
    "SELECT count(*), sum(CASE WHEN kind = 'indicator' THEN 1 ELSE 0 END) FROM indicator_object "
    "WHERE source = ? AND marking = ? AND said >= ?"
)
_NEWEST = (
    "SELECT said FROM indicator_object WHERE source = ? AND marking = ? AND said >= ? "
    "ORDER BY said DESC LIMIT 1"
)
_REASONS = (
    "SELECT s.name, q.reason, count(*) FROM indicator_quarantine q "
    "JOIN indicator_source s ON s.id = q.source GROUP BY s.name, q.reason ORDER BY 1, 2"
)
_READINGS = "SELECT name, read, fault FROM indicator_source WHERE kind = 'feed'"
