"""Releasing: the originator's team, and no other, lowers a marking or widens a group.

What can be released is of some kind (`Releasable`): messages first; others register theirs beside
them, so that nothing here knows of any domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from bot.custody.effective import Marked, Markings
from bot.errors import UserError
from bot.events import Outgoing, PersonId, RoomId
from bot.sharing.gate import Denied
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that may be released. `name`: as requests call it; `audited`: as the audit does;
    `marking`: its own now, and `ceiling` how high it stays where no label is said: of a message the
    highest that its `channel` may hold.
    """

    name: str
    audited: str
    channel: str
    author: PersonId | None
    originator: TeamKey | None
    marking: Marking
    ceiling: Label
    said: datetime
    state: str = ""
    """Who agrees that it be released agrees to it in this state alone, where it has one."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a release would lead to: how it would be marked in effect, which rooms have it, which
    rooms (or teams, by their names) would get it, and which would still not.
    """

    marking: Marking
    has: tuple[RoomId, ...]
    gets: tuple[str, ...]
    denied: Mapping[RoomId, Denied]


@dataclass(frozen=True, slots=True)
class Releaser:
    """Who releases it in the end, and where they can be told what became of it."""

    person: PersonId
    room: RoomId
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    """What follows at once. `name`: what it is called there, where that is another name."""

    outgoing: tuple[Outgoing, ...] = ()
    name: str = ""


class Releasable(Protocol):
    """A kind of thing that can be released."""

    def prospect(self, session: Session, thing: Thing, marking: Marking, now: datetime) -> Prospect:
        """What would follow; nothing is changed."""

    def release(
        self, session: Session, thing: Thing, marking: Marking, by: Releaser, now: datetime
    ) -> Released:
        """Mark it so from now on, and have it relayed to whoever may have it by that."""


def meant(
    thing: Thing, label: Label | None, names: Iterable[str], markings: Markings, now: datetime
) -> Marking:
    """The marking to release something to: a lower label, other lists, or (neither) for everybody
    in its channel, no lower than need be. Raises UserError where that would not be wider.
    """
    group = frozenset(name.casefold() for name in names)
    for name in sorted(group):
        if not markings.directory.reached_by(name):
            raise UserError("I know no team, group or country “{name}”.", name=name)
    old = thing.marking
    lists = (group,) if group else () if label is None else old.releasable
    if label is None:
        label = old.label if group else min(old.label, thing.ceiling)
    if label is Label.RED:
        raise UserError("What is TLP:RED goes nowhere. Say a lower label: “--marking TLP:AMBER”.")
    if label > old.label:
        raise UserError("It is marked {label}. Releasing only lowers that.", label=old.label)
    new = Marking(label, lists)
    if label == old.label:
        _check_wider(thing, new, markings, now)
    return new


def _check_wider(thing: Thing, new: Marking, markings: Markings, now: datetime) -> None:
    """Under the same label nobody may be left out who is let in now."""
    before = markings.matter(Marked(thing.marking, thing.originator, thing.said)).releasable
    after = markings.matter(Marked(new, thing.originator, now)).releasable
    if after is not None and (before is None or not before <= after):
        raise UserError("That would close it to some who may read it now. Releasing only widens.")
