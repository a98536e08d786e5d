"""Work that only one may do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.lease import LASTS, Leases
from bot.errors import LeaseLost, StoreBusy
from bot.store.database import Database
from tests.clock import Clock


def take(database: Database, leases: Leases, clock: Clock, *, alone: bool = False) -> None:
    taken = database.run_now(lambda s: leases.acquire(s, ["a", "b"], clock(), alone=alone))
    leases.took(taken)


def test_a_lease_is_its_holders_until_it_runs_out(database: Database, clock: Clock) -> None:
    ours, theirs = Leases(), Leases()
    take(database, ours, clock)
    with pytest.raises(StoreBusy):
        take(database, theirs, clock)
    clock.advance(LASTS.total_seconds() - 1)
    database.run_now(lambda s: ours.renew(s, clock()))
    clock.advance(LASTS.total_seconds() - 1)
    with pytest.raises(StoreBusy):
        take(database, theirs, clock)
    clock.advance(2)
    take(database, theirs, clock)
    with pytest.raises(LeaseLost):
        database.run_now(lambda s: ours.renew(s, clock()))


def test_a_late_write_of_an_old_holder_is_fenced_off(database: Database, clock: Clock) -> None:
    ours, theirs = Leases(), Leases()
    take(database, ours, clock)
    database.run_now(lambda s: ours.guard(s, "a"))
    take(database, theirs, clock, alone=True)
    for name in ("a", "b"):
        with pytest.raises(LeaseLost, match=name):
            database.run_now(lambda s, name=name: ours.guard(s, name))  # type: ignore[misc]  # a default holds the loop's value
    database.run_now(lambda s: theirs.guard(s, "a"))


def test_what_was_let_go_is_free_at_once(database: Database, clock: Clock) -> None:
    ours, theirs = Leases(), Leases()
    take(database, ours, clock)
    database.run_now(lambda s: ours.release(s, clock()))
    take(database, theirs, clock)


def test_what_was_never_taken_is_guarded(database: Database) -> None:
    with pytest.raises(LeaseLost):
        database.run_now(lambda s: Leases().guard(s, "a"))


def test_a_lease_that_was_not_committed_is_not_held(database: Database, clock: Clock) -> None:
    ours = Leases()

    def fail(session: object) -> None:
        ours.acquire(session, ["a"], clock(), alone=False)  # type: ignore[arg-type]  # as given
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.run_now(fail)
    with pytest.raises(LeaseLost):
        database.run_now(lambda s: ours.guard(s, "a"))
    assert timedelta(seconds=5) < LASTS
