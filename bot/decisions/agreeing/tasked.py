"""What is shown of what somebody is to do, beside what its entries say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.store.tables import Reference
from bot.store.tables.decisions import Task


class _Action(msgspec.Struct):
    owner: str
    team: str | None = None
    due: datetime | None = None


class _Done(msgspec.Struct):
    entry: int
    by: str


_action = msgspec.json.Decoder(_Action).decode
_done = msgspec.json.Decoder(_Done).decode


class Tasked:
    """The actions of a series, by their entries; and by whom they were done, with where that
    stands.
    """

    def __init__(self) -> None:
        self._of: dict[int, tuple[str, _Action]] = {}
        self._done: dict[int, tuple[int, str]] = {}

    def take(self, row: Row[Any]) -> bool:
        """An entry; whether it is about an action and nothing else."""
        if row.kind == "action":
            self._of[row.entry] = row.ref, _action(row.body)
        elif row.kind == "done":
            found = _done(row.body)
            self._done[found.entry] = row.entry, found.by
        return row.kind in {"action", "done"}

    def wrong(self, session: Session, series: str) -> Iterator[int]:
        """The entries that say other than what is shown."""
        found = select(Task).join(Reference, Reference.handle == Task.ref)
        seen = set[int]()
        for row in session.execute(found.where(Reference.series == series)).scalars():
            ref, said = self._of.get(row.entry, ("", None))
            seen.add(row.entry)
            if said is None or (row.ref, row.owner, row.team, row.due) != (
                ref, said.owner, said.team, said.due,
            ):  # fmt: skip
                yield row.entry
            at, by = self._done.get(row.entry, (row.entry, None))
            if row.done_by != by or (row.done is None) != (by is None):
                yield at
        yield from self._of.keys() - seen
