"""What a source says of a value, as something that can be released (see `bot.custody.releasing`).

A release is a new row, like a new version: it is seen, watched and published from then on as it is
marked now. Its source's bytes stay; a new version that the source gives ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.custody.releasing import Released, Releaser, Thing
from bot.errors import UserError
from bot.indicators.following import follow
from bot.indicators.handles import handle_of, key_of
from bot.indicators.keys import ref_key, value_key
from bot.indicators.named import read_values
from bot.indicators.observable import Observable
from bot.indicators.offered import KIND, Offers
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight
from bot.indicators.sources import MOVED, intern, micro
from bot.indicators.versions import Version, followed
from bot.sharing.marking import Marking


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one source says in one object, as it stands. `number`: of its row, another with each
    version; `handle`: what people call it.
    """

    number: int
    source: int
    key: int
    handle: str
    said: int
    marked: Marked
    values: tuple[Observable, ...]
    told_by: str
    is_held: bool
    """It came in just now, and its source is still being read."""

    @property
    def name(self) -> str:
        """As requests call it: the same with each version."""
        return f"{KIND}:{self.source}:{self.key}"

    @property
    def state(self) -> str:
        """Its row: another one with each version."""
        return str(self.number)


def by_value(session: Session, sight: Sight, secret: bytes, value: Observable) -> list[Spoken]:
    """All that is said of a value, as far as an audience sees it."""
    asking = Asking(session)
    found = asking.rows(_SPEAKING, (value_key(value),))
    every = _seen(asking, sight, secret, [row[0] for row in found])
    return [each for each in every if value in each.values]


def by_ref(session: Session, sight: Sight, secret: bytes, ref: str) -> list[Spoken]:
    """What an id of STIX names, by each source that gives it."""
    asking = Asking(session)
    found = asking.rows(_NAMED, (ref_key(ref),))
    return _seen(asking, sight, secret, [row[0] for row in found])


def by_handle(session: Session, sight: Sight, secret: bytes, handle: str) -> list[Spoken]:
    """The one that has a handle, or none."""
    asking = Asking(session)
    numbers: list[int] = []
    for source, name in asking.rows(_SOURCES):
        key = key_of(secret, name, handle)
        numbers += [row[0] for row in asking.rows(_OF_SOURCE, (key, source))]
    every = _seen(asking, sight, secret, numbers)
    return [each for each in every if each.handle == handle]


def by_name(session: Session, sight: Sight, secret: bytes, name: str) -> Spoken | None:
    """What a request is about, by `Thing.name`; None where it is there no more."""
    kind, *rest = name.split(":")
    if kind != KIND:
        return None
    asking = Asking(session)
    found = asking.rows(_OF_SOURCE, (int(rest[1]), int(rest[0])))
    every = _seen(asking, sight, secret, [row[0] for row in found])
    return every[0] if every else None


def _seen(asking: Asking, sight: Sight, secret: bytes, numbers: Sequence[int]) -> list[Spoken]:
    rows = asking.each(_OBJECTS, list(numbers))
    sight.learn(asking, {row[3] for row in rows})
    return sorted(
        (
            Spoken(
                number,
                source,
                key,
                handle_of(secret, name, key),
                said,
                sight.marked(marking),
                tuple(dict.fromkeys(each.observable for each in read_values(values))),
                name,
                holder is not None and number > settled,
            )
            for number, source, key, marking, said, values, name, holder, settled in rows
            if sight.sees(marking, said)
        ),
        key=lambda each: each.handle,
    )


@dataclass(frozen=True, slots=True)
class Indicators(Offers):
    """What sources say, of teams."""

    def release(
        self, session: Session, thing: Thing, marking: Marking, by: Releaser, now: datetime
    ) -> Released:
        """Mark it so from now on, as a new row; who watches is told of that (`bot.tasks.lookout`).
        Raises UserError while its source is being read.
        """
        del by
        asking, old = Asking(session), int(thing.state)
        found = asking.rows(_STANDING, (old,))
        if not found or (found[0][3] is not None and old > found[0][4]):
            raise UserError("Its source is being read just now. Try again in a minute.")
        source, before, kind, _, _, first, past, *hanging = found[0]
        new = intern(asking, marking, thing.originator)
        number, at = int(asking.rows(_NUMBER)[0][0]), micro(now)
        had = followed(past, Version(before, first), Version(new, at))
        asking.do(_AGAIN, (number, new, at, at, had, old))
        follow(asking, (old, *hanging), number)
        asking.do(_SIGHTING, (number, new, at, old))
        asking.do(_IDENTITY, (number, int(thing.name.split(":")[2]), source))
        asking.do("DELETE FROM indicator_object WHERE id = ?", (old,))
        is_indicator = int(kind == KIND)
        asking.do_each(
            _TALLY, [(source, before, -1, -is_indicator), (source, new, 1, is_indicator)]
        )
        asking.do(MOVED)
        return Released()


_SPEAKING = "SELECT object FROM indicator_statement WHERE key = ?"
_NAMED = "SELECT object FROM indicator_identity WHERE key = ? AND object IS NOT NULL"
_OF_SOURCE = (
    "SELECT object FROM indicator_identity WHERE key = ? AND source = ? AND object IS NOT NULL"
)
_SOURCES = "SELECT id, name FROM indicator_source"
_OBJECTS = (
    "SELECT o.id, o.source, o.key, o.marking, o.said, o.named, s.name, s.holder, s.settled "
    "FROM indicator_object o JOIN indicator_source s ON s.id = o.source "
    "WHERE NOT o.revoked AND o.id IN ({})"
)
_STANDING = (
    "SELECT o.source, o.marking, o.kind, s.holder, s.settled, o.first, o.past, o.named, o.labels "
    "FROM indicator_object o JOIN indicator_source s ON s.id = o.source WHERE o.id = ?"
)
_NUMBER = "UPDATE indicator_tide SET last = last + 1 WHERE id = 1 RETURNING last"
_SAME = (
    "key, ref, version, kind, first, revoked, name, confidence, labels, phases, valid_from, "
    "valid_until, named, opaque"
)
_AGAIN = (
    f"INSERT INTO indicator_object (id, source, marking, said, received, past, given, {_SAME}) "  # noqa: S608  ours
    f"SELECT ?, source, ?, ?, ?, ?, COALESCE(given, marking), {_SAME} FROM indicator_object "
    "WHERE id = ?"
)
_SIGHTING = "UPDATE indicator_sighting SET object = ?, marking = ?, said = ? WHERE object = ?"
_IDENTITY = "UPDATE indicator_identity SET object = ? WHERE key = ? AND source = ?"
_TALLY = (
    "INSERT INTO indicator_tally (source, marking, objects, indicators) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (source, marking) DO UPDATE SET "
    "objects = indicator_tally.objects + excluded.objects, "
    "indicators = indicator_tally.indicators + excluded.indicators"
)
