"""How a message is marked now: the strictest of its own, its thread's root's, what it answers.

Computed whenever it is asked, never copied: a root that is raised raises its replies with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.sharing.gate import Matter
from bot.sharing.marking import Label, Marking, Releasable, strictest
from bot.sharing.teams import Directory, TeamKey
from bot.store.tables import Message

_encode = msgspec.json.Encoder().encode
_lists = msgspec.json.Decoder(list[list[str]]).decode
_released = msgspec.json.Decoder(tuple[Label, list[list[str]], datetime]).decode
_marked = msgspec.json.Decoder(tuple[Label, list[list[str]], str | None, datetime]).decode

Since = Mapping[str, Mapping[TeamKey, datetime | None]]
"""Of each group: since when its teams are in it, None for those that were from its beginning."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What one message adds to a marking: its own, whose it is, and when it was said (of what was
    released, when that was: who was in by then may read it).
    """

    marking: Marking
    originator: TeamKey | None
    said: datetime


@dataclass(frozen=True, slots=True)
class Effective:
    """A marking as it is written, and as the gate is asked about it."""

    marking: Marking
    matter: Matter


@dataclass(frozen=True, slots=True)
class Markings:
    """What markings mean under the settings of now; `defaults`: of each channel."""

    directory: Directory
    defaults: Mapping[str, Label]
    since: Since

    def default(self, channel: str) -> Label:
        """The label of what bears none."""
        return self.defaults.get(channel, Label.AMBER_STRICT)

    def effective(self, marked: Marked, above: Sequence[Marked] = ()) -> Effective:
        """A message's marking, with those that it hangs on."""
        marking = marked.marking
        if above:
            marking = strictest(marking, *(each.marking for each in above))
        return Effective(marking, self.matter(marked, above))

    def effective_of(self, session: Session, number: int) -> Effective:
        """The same of a message that is in the store."""
        rows = session.connection().execute(_WITH_THOSE_ABOVE, {"number": number}).all()
        own = next(row for row in rows if row.id == number)
        return self.effective(
            self.marked(own), [self.marked(row) for row in rows if row is not own]
        )

    def above(self, session: Session, root: int | None, answers: int | None) -> list[Marked]:
        """What marks a message beside itself; where it hangs on nothing nothing is asked."""
        if root is None and answers is None:
            return []
        where = {"root": root, "answers": answers}
        return [self.marked(row) for row in session.connection().execute(_ABOVE, where)]

    def matter(self, marked: Marked, above: Iterable[Marked] = ()) -> Matter:
        """What the gate is asked about a message, with those that it hangs on."""
        every = (marked, *above)
        lists = [self._admitted(names, each) for each in every for names in each.marking.releasable]
        return Matter(
            max(each.marking.label for each in every),
            marked.said,
            marked.originator,
            frozenset.intersection(*lists) if lists else None,
        )

    def marked(self, row: Row[Any]) -> Marked:
        """What a row of `message` says."""
        originator = None if row.originator is None else TeamKey(row.originator)
        if row.released is not None:
            label, lists, at = _released(row.released)
            marking = Marking(label, tuple(frozenset(each) for each in lists))
            return Marked(marking, originator, at)
        label = self.said(row)
        if row.spoken is not None:
            label = max(label, Label(row.spoken))
        return Marked(Marking(label, lists_of(row.releasable)), originator, row.said)

    def said(self, row: Row[Any]) -> Label:
        """What a message's words have as their label, beside what they merely speak of: what it
        bears or else its channel's default, and not less than what an edit has taken out.
        """
        label = self.default(row.channel) if row.label is None else Label(row.label)
        return label if row.floor is None else max(label, Label(row.floor))

    def lowest(self, row: Row[Any]) -> Label | None:
        """Down to where its author may mark a message: where it is marked higher only since it
        speaks of a label, or seems to misspell one. None where it is not.
        """
        if row.spoken is None or row.released is not None:
            return None
        said = self.said(row)
        return said if Label(row.spoken) > said else None

    def _admitted(self, names: Iterable[str], marked: Marked) -> frozenset[TeamKey]:
        """The teams on one list that were on it when it was written, and its originator."""
        teams: set[TeamKey] = set()
        for name in names:
            came = self.since.get(name, {})
            for team in self.directory.reached_by(name):
                since = came.get(team)
                if since is None or since <= marked.said:
                    teams.add(team)
        if marked.originator is not None:
            teams.add(marked.originator)
        return frozenset(teams)


def lists_of(stored: str | None) -> Releasable:
    """The lists of a column `releasable`."""
    return () if stored is None else tuple(frozenset(each) for each in _lists(stored))


def stored_lists(releasable: Releasable) -> str | None:
    """The lists as that column keeps them."""
    return _encode([sorted(each) for each in releasable]).decode() if releasable else None


def stored_release(marking: Marking, at: datetime) -> str:
    """What a message was released to, and when, as the column `released` keeps it."""
    return _encode((marking.label, [sorted(each) for each in marking.releasable], at)).decode()


def below(session: Session, number: int) -> list[int]:
    """The messages that hang on one: those in its thread, answers to it, and theirs."""
    return list(session.connection().execute(_BELOW, {"number": number}).scalars())


MARKING: tuple[Any, ...] = (
    Message.channel, Message.label, Message.spoken, Message.floor, Message.releasable,
    Message.released, Message.originator, Message.said, Message.root, Message.answers,
)  # fmt: skip
"""What of a message says how it is marked: `Markings.marked` reads such a row."""
_COLUMNS = (Message.id, *MARKING)


def stored_marked(marked: Marked) -> str:
    """What a delivery keeps that is a copy of no message, in its column `matter`."""
    label, lists = marked.marking.label, [sorted(each) for each in marked.marking.releasable]
    return _encode((label, lists, marked.originator, marked.said)).decode()


def marked_of(stored: str) -> Marked:
    """The same, read again."""
    label, lists, originator, said = _marked(stored)
    marking = Marking(label, tuple(frozenset(each) for each in lists))
    return Marked(marking, None if originator is None else TeamKey(originator), said)


def _followed_up(*where: ColumnElement[bool]) -> Any:
    above = select(*_COLUMNS).where(*where).cte("above", recursive=True)
    parents = select(*_COLUMNS).join(
        above, (Message.id == above.c.root) | (Message.id == above.c.answers)
    )
    return select(above.union(parents))


def _followed_down() -> Any:
    hangs = select(Message.id).where(Message.id == bindparam("number"))
    below = hangs.cte("below", recursive=True)
    children = select(Message.id).join(
        below, or_(Message.root == below.c.id, Message.answers == below.c.id)
    )
    every = below.union(children)
    return select(every.c.id).where(every.c.id != bindparam("number"))


_WITH_THOSE_ABOVE = _followed_up(Message.id == bindparam("number"))
_ABOVE = _followed_up(or_(Message.id == bindparam("root"), Message.id == bindparam("answers")))
_BELOW = _followed_down()
