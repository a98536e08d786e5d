"""How a message is marked now: the strictest of its own, its root's, what it answers and shows.

Computed whenever it is asked, never copied: a root that is raised raises its replies with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, bindparam, or_, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.sharing.gate import Matter
from bot.sharing.marking import Label, Marking, Releasable, strictest
from bot.sharing.teams import Directory, TeamKey
from bot.store.prepared import ask
from bot.store.tables import Message, Quotation

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
        alone = ask(session, _ROW, {"number": number}).first()
        if alone is not None and not _hangs(alone):
            return self.effective(self.marked(alone))
        rows = _all_above(session, [number])
        own = next(row for row in rows if row.id == number)
        return self.effective(
            self.marked(own), [self.marked(row) for row in rows if row is not own]
        )

    def above(self, session: Session, *numbers: int | None) -> list[Marked]:
        """What marks a message beside itself: its root, what it answers and shows, and those above
        them. Where it hangs on nothing nothing is asked.
        """
        hangs_on = [number for number in numbers if number is not None]
        if not hangs_on:
            return []
        return [self.marked(row) for row in _all_above(session, hangs_on)]

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
        return self.unreleased(row)

    def unreleased(self, row: Row[Any]) -> Marked:
        """The same as if it had never been released."""
        originator = None if row.originator is None else TeamKey(row.originator)
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
            came = self.since.get(name.casefold(), {})
            for team in self.directory.reached_by(name):
                since = came.get(team)
                if since is None or since <= marked.said:
                    teams.add(team)
        if marked.originator is not None:
            teams.add(marked.originator)
        return frozenset(teams)


def _hangs(row: Any) -> bool:
    """Whether a message hangs on others, or shows them: most do not, and need no more asking."""
    return row.root is not None or row.answers is not None or bool(row.quoting)


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
    """The messages that hang on one: in its thread, answers to it, what shows it, and theirs."""
    found: dict[int, None] = {number: None}
    start = [number]
    while start:
        hang = session.connection().execute(_BELOW, {"numbers": start}).scalars()
        reached = dict.fromkeys((*start, *hang))
        found.update(reached)
        shown = session.connection().execute(_SHOWN_BY, {"numbers": list(reached)}).scalars()
        start = [each for each in shown if each not in found]
    return [each for each in found if each != number]


def quoted_by(session: Session, number: int) -> list[int]:
    """The messages that a message shows."""
    return list(session.connection().execute(_SHOWS, {"numbers": [number]}).scalars())


def shown_by(session: Session, number: int) -> list[int]:
    """The messages that show a message."""
    found = session.connection().execute(_SHOWN_BY, {"numbers": [number]}).scalars()
    return sorted(found)


def _all_above(session: Session, numbers: Sequence[int]) -> list[Row[Any]]:
    """These messages and all that marks them. What they show is asked only where they show any."""
    found: dict[int, Row[Any]] = {}
    start = list(numbers)
    while start:
        rows = session.connection().execute(_ABOVE, {"numbers": start}).all()
        new = [row for row in rows if row.id not in found]
        found.update((row.id, row) for row in new)
        showing = [row.id for row in new if row.quoting]
        if not showing:
            break
        shown = session.connection().execute(_SHOWS, {"numbers": showing}).scalars()
        start = [each for each in dict.fromkeys(shown) if each not in found]
    return list(found.values())


MARKING: tuple[Any, ...] = (
    Message.channel, Message.label, Message.spoken, Message.floor, Message.releasable,
    Message.released, Message.originator, Message.said, Message.root, Message.answers,
    Message.quoting,
)  # fmt: skip
"""What of a message says how it is marked: `Markings.marked` reads such a row."""
_COLUMNS = (Message.id, *MARKING)
_ROW = select(*_COLUMNS).where(Message.id == bindparam("number"))


def stored_marked(marked: Marked) -> str:
    """What a delivery keeps that is a copy of no message, in its column `matter`."""
    label, lists = marked.marking.label, [sorted(each) for each in marked.marking.releasable]
    return _encode((label, lists, marked.originator, marked.said)).decode()


def marked_of(stored: str) -> Marked:
    """The same, read again."""
    label, lists, originator, said = _marked(stored)
    marking = Marking(label, tuple(frozenset(each) for each in lists))
    return Marked(marking, None if originator is None else TeamKey(originator), said)


def together(marks: Iterable[Marked]) -> Marked | None:
    """How several things in one text are marked: as strictly as any; None where there are none."""
    every = list(marks)
    if not every:
        return None
    origins = {each.originator for each in every}
    origin = origins.pop() if len(origins) == 1 else None
    marking = strictest(*(each.marking for each in every))
    return Marked(marking, origin, min(each.said for each in every))


def columns_of(marked: Marked) -> dict[str, object]:
    """The same as the columns of a message that is marked so."""
    return {
        "label": marked.marking.label.value,
        "releasable": stored_lists(marked.marking.releasable),
        "originator": marked.originator,
        "said": marked.said,
    }


def _followed_up(*where: ColumnElement[bool]) -> Any:
    above = select(*_COLUMNS).where(*where).cte("above", recursive=True)
    parents = select(*_COLUMNS).join(
        above, (Message.id == above.c.root) | (Message.id == above.c.answers)
    )
    return select(above.union(parents))


def _followed_down() -> Any:
    hangs = select(Message.id).where(_THESE)
    below = hangs.cte("below", recursive=True)
    children = select(Message.id).join(
        below, or_(Message.root == below.c.id, Message.answers == below.c.id)
    )
    return select(below.union(children).c.id)


_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True)
_THESE = Message.id.in_(_NUMBERS)
_ABOVE = _followed_up(_THESE)
_BELOW = _followed_down()
_SHOWS = select(Quotation.quoted).where(Quotation.message.in_(_NUMBERS))
_SHOWN_BY = select(Quotation.message).where(Quotation.quoted.in_(_NUMBERS))
