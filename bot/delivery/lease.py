"""Work that only one process may do, held by a lease whose fence is checked in each commit."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.errors import LeaseLost, StoreBusy
from bot.store.prepared import ask
from bot.store.tables import Lease

LASTS = timedelta(seconds=20)
RENEW = timedelta(seconds=5)
"""How often a holder says that it is still there: four times before a lease runs out."""

_HELD = select(Lease.name, Lease.fence).where(Lease.holder == bindparam("holder"))
_FENCES = "fences"
"""Where a session, which lives as long as its transaction, remembers what we hold."""


class Leases:
    """What this process holds. One object a process; everything else asks it to `guard`."""

    def __init__(self) -> None:
        self._holder = uuid.uuid4().hex
        self._fences: dict[str, int] = {}

    def acquire(
        self, session: Session, names: Iterable[str], now: datetime, *, alone: bool
    ) -> dict[str, int]:
        """Take over `names`; their new fences, to be handed to `took` after the commit.

        `alone`: whoever held them is known to be gone (we hold the lock of the whole store).
        Raises StoreBusy while another process holds one of them.
        """
        taken: dict[str, int] = {}
        for name in names:
            row = session.get(Lease, name, with_for_update=True)
            if row is None:
                row = Lease(name=name, holder="", until=now, fence=0)
                session.add(row)
            elif row.until > now and row.holder != self._holder and not alone:
                raise StoreBusy(f"another process does this work until {row.until:%H:%M:%S} UTC")
            row.holder, row.until, row.fence = self._holder, now + LASTS, row.fence + 1
            taken[name] = row.fence
        return taken

    def took(self, fences: dict[str, int]) -> None:
        """Remember what `acquire` gave, once it is committed."""
        self._fences.update(fences)

    def renew(self, session: Session, now: datetime) -> None:
        """Say that we are still there; raises LeaseLost where somebody else took over."""
        found = session.execute(
            update(Lease)
            .where(Lease.holder == self._holder, Lease.name.in_(self._fences))
            .values(until=now + LASTS)
        )
        if found.rowcount != len(self._fences):  # type: ignore[attr-defined]  # a cursor result
            raise LeaseLost("leases")

    def guard(self, session: Session, name: str) -> None:
        """Fail the unit of work if `name` is no longer ours (raises LeaseLost).

        Looked up once a transaction: no other process can take it over before that one ends.
        """
        fences: dict[str, int] | None = session.info.get(_FENCES)
        if fences is None:
            found = ask(session, _HELD, {"holder": self._holder})
            fences = session.info[_FENCES] = {row.name: row.fence for row in found}
        if name not in fences or fences[name] != self._fences.get(name):
            raise LeaseLost(name)

    def release(self, session: Session, now: datetime) -> None:
        """Let the next one begin at once."""
        session.execute(update(Lease).where(Lease.holder == self._holder).values(until=now))
